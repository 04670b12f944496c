-- One row is one write. The columns below body say what became of it; none holds a value of
-- the metadata.
CREATE TABLE clerkmeta_write (
	seq             bigint PRIMARY KEY,
	organization_id text NOT NULL,                 -- '' for a user
	user_id         text NOT NULL,                 -- '' for an organization
	verb            text NOT NULL CHECK (verb IN ('patch', 'replace')),
	key_id          text NOT NULL,                 -- of the key that sealed body, '' for none
	body            bytea,                         -- NULL once it is applied or dropped
	state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'applied', 'refused', 'dropped')),
	attempts        integer NOT NULL DEFAULT 0,    -- requests that held it
	outcome         text,                          -- of the last request: applied, not applied, unknown
	status          integer,
	code            text,
	param           text,
	trace_id        text,
	error           text,
	created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
	tried_at        timestamptz,
	settled_at      timestamptz
);

CREATE SEQUENCE clerkmeta_write_seq OWNED BY clerkmeta_write.seq;
CREATE INDEX clerkmeta_write_line ON clerkmeta_write (organization_id, user_id, seq) WHERE state IN ('pending', 'refused');
CREATE INDEX clerkmeta_write_settled ON clerkmeta_write (settled_at) WHERE state IN ('applied', 'dropped');

-- One row is an entity that a worker has, or whose last request is to be repeated. Only workers
-- write here: a transaction that inserts a write touches none of it.
CREATE TABLE clerkmeta_lease (
	organization_id text NOT NULL,
	user_id         text NOT NULL,
	token           text NOT NULL,
	leased_until    timestamptz NOT NULL,
	due_at          timestamptz NOT NULL DEFAULT '-infinity', -- no request before
	failures        integer NOT NULL DEFAULT 0,               -- in a row
	PRIMARY KEY (organization_id, user_id)
);

CREATE VIEW clerkmeta_writes AS
SELECT seq, organization_id, user_id, verb, state, attempts, outcome, status, code, param, trace_id, error,
	key_id, octet_length(body) AS bytes, created_at, tried_at, settled_at
FROM clerkmeta_write;

CREATE VIEW clerkmeta_lines AS
SELECT organization_id, user_id,
	count(*) FILTER (WHERE state = 'pending') AS pending,
	count(*) FILTER (WHERE state = 'refused') AS refused,
	min(created_at) FILTER (WHERE state = 'pending') AS oldest,
	min(due_at) FILTER (WHERE due_at > clock_timestamp()) AS due_at,
	coalesce(bool_or(leased_until > clock_timestamp()), false) AS busy,
	coalesce(max(failures), 0) AS failures
FROM clerkmeta_write LEFT JOIN clerkmeta_lease USING (organization_id, user_id)
WHERE state IN ('pending', 'refused')
GROUP BY organization_id, user_id;

-- clerkmeta_retry puts a refused write back into its place in the line, and has a pending one
-- sent without further waiting. It reports whether the write was either.
CREATE FUNCTION clerkmeta_retry(wanted bigint) RETURNS boolean LANGUAGE sql AS $$
	WITH w AS (
		UPDATE clerkmeta_write SET state = 'pending', settled_at = NULL
		WHERE seq = wanted AND state IN ('pending', 'refused') RETURNING organization_id, user_id
	), l AS (
		UPDATE clerkmeta_lease SET due_at = '-infinity' FROM w
		WHERE clerkmeta_lease.organization_id = w.organization_id AND clerkmeta_lease.user_id = w.user_id
	)
	SELECT EXISTS (SELECT FROM w)
$$;

-- clerkmeta_drop removes a write from the line and erases its body. It reports whether the write
-- was pending or refused. One that is in flight at that moment becomes applied if it succeeds.
CREATE FUNCTION clerkmeta_drop(wanted bigint) RETURNS boolean LANGUAGE sql AS $$
	WITH w AS (
		UPDATE clerkmeta_write SET state = 'dropped', body = NULL, settled_at = clock_timestamp()
		WHERE seq = wanted AND state IN ('pending', 'refused') RETURNING 1
	)
	SELECT EXISTS (SELECT FROM w)
$$;
