-- One row is a user, an organization or a membership. A deleted one keeps its id alone, so that
-- nothing that comes late brings it back.
CREATE TABLE clerkmirror_row (
	kind             text NOT NULL CHECK (kind IN ('user', 'organization', 'membership')),
	id               text NOT NULL,
	organization_id  text,                               -- of a membership
	user_id          text,                               -- of a membership
	updated_at       bigint NOT NULL,                    -- Clerk's, in milliseconds
	deleted          boolean NOT NULL DEFAULT false,
	body             text,                               -- Clerk's JSON, byte by byte
	digest           bytea,                              -- of body, whatever the order of its keys
	public_metadata  jsonb,
	private_metadata jsonb,
	unsafe_metadata  jsonb,
	unsearchable     boolean NOT NULL DEFAULT false,     -- jsonb cannot hold a field of body, which is NULL here
	changed_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
	confirmed_at     timestamptz NOT NULL DEFAULT 'epoch', -- when the last read that found this content began
	PRIMARY KEY (kind, id)
) WITH (fillfactor = 85);

CREATE INDEX clerkmirror_public ON clerkmirror_row USING gin (public_metadata jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX clerkmirror_private ON clerkmirror_row USING gin (private_metadata jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX clerkmirror_unsafe ON clerkmirror_row USING gin (unsafe_metadata jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX clerkmirror_organization ON clerkmirror_row (organization_id) WHERE kind = 'membership';
CREATE INDEX clerkmirror_user ON clerkmirror_row (user_id) WHERE kind = 'membership';

-- One row is what is left to read in the sweep under way.
CREATE TABLE clerkmirror_task (
	id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind            text NOT NULL,
	organization_id text NOT NULL, -- of memberships
	low             bigint NOT NULL, -- users: created from here on; others: the offset
	high            bigint NOT NULL  -- users: created before
);

CREATE TABLE clerkmirror_state (
	only_row         boolean PRIMARY KEY DEFAULT true CHECK (only_row),
	private_metadata boolean NOT NULL,     -- Config.PrivateMetadata
	sweep_at         timestamptz,          -- when the sweep under way began
	swept_at         timestamptz,          -- when the last whole sweep began
	recent_at        timestamptz,          -- when the last look for recent updates began
	recent           bigint,               -- updated_at of the last user whom it found
	added            bigint NOT NULL DEFAULT 0, -- what reconciliation had to repair
	changed          bigint NOT NULL DEFAULT 0,
	removed          bigint NOT NULL DEFAULT 0
);

-- clerkmirror_jsonb returns NULL for JSON that jsonb cannot hold, such as a string with \u0000 or
-- a number out of its range.
CREATE FUNCTION clerkmirror_jsonb(document text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
	RETURN document::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
	RETURN NULL;
END $$;

CREATE VIEW clerk_users AS
SELECT id, public_metadata, private_metadata, unsafe_metadata, unsearchable, body, to_timestamp(updated_at / 1000.0) AS updated_at, confirmed_at
FROM clerkmirror_row WHERE kind = 'user' AND NOT deleted;

CREATE VIEW clerk_organizations AS
SELECT id, public_metadata, private_metadata, unsearchable, body, to_timestamp(updated_at / 1000.0) AS updated_at, confirmed_at
FROM clerkmirror_row WHERE kind = 'organization' AND NOT deleted;

CREATE VIEW clerk_memberships AS
SELECT id, organization_id, user_id, public_metadata, private_metadata, unsearchable, body, to_timestamp(updated_at / 1000.0) AS updated_at, confirmed_at
FROM clerkmirror_row WHERE kind = 'membership' AND NOT deleted;
