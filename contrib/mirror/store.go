package mirror

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The parameters of the statements: $1 is the kind; $2 to $4 are ids, times and digests; $5 is when
// the read began that found them, NULL for an event or the answer to a write; $6 to $11 is the rest
// of the entities; $12 is whether what is stored is drift.

// wins is when content replaces a row's: it is newer by Clerk's time; or it has the same time,
// and a read found it that began when the row's content was stored already.
const wins = `(i.updated_at > r.updated_at OR i.updated_at = r.updated_at AND i.digest <> r.digest AND $5::timestamptz > r.changed_at)`

// storeSQL stores what wins, and counts what a reconciliation repaired: what has another time than
// the row, and is older than an event takes. Content changes without it where an entity contains
// another.
const storeSQL = `WITH input AS MATERIALIZED (
	SELECT * FROM unnest($2::text[], $3::bigint[], $4::bytea[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
	AS i (id, updated_at, digest, organization_id, user_id, body, public_metadata, private_metadata, unsafe_metadata)
), fresh AS (
	SELECT i.*, clerkmirror_jsonb(i.public_metadata) AS public, clerkmirror_jsonb(i.private_metadata) AS private, clerkmirror_jsonb(i.unsafe_metadata) AS unsafe,
		i.updated_at > r.updated_at AS newer
	FROM input i LEFT JOIN clerkmirror_row r ON r.kind = $1 AND r.id = i.id
	WHERE r.id IS NULL OR NOT r.deleted AND ` + wins + `
), stored AS (
	INSERT INTO clerkmirror_row AS r (kind, id, organization_id, user_id, updated_at, body, digest,
		public_metadata, private_metadata, unsafe_metadata, unsearchable, changed_at, confirmed_at)
	SELECT $1, id, organization_id, user_id, updated_at, body, digest, public, private, unsafe,
		public_metadata IS NOT NULL AND public IS NULL OR private_metadata IS NOT NULL AND private IS NULL OR unsafe_metadata IS NOT NULL AND unsafe IS NULL,
		clock_timestamp(), coalesce($5::timestamptz, 'epoch')
	FROM fresh i WHERE NOT EXISTS (SELECT FROM clerkmirror_row WHERE deleted AND (kind, id) IN (('user', i.user_id), ('organization', i.organization_id)))
	ORDER BY id
	ON CONFLICT (kind, id) DO UPDATE SET updated_at = excluded.updated_at, body = excluded.body, digest = excluded.digest,
		public_metadata = excluded.public_metadata, private_metadata = excluded.private_metadata, unsafe_metadata = excluded.unsafe_metadata,
		unsearchable = excluded.unsearchable, changed_at = excluded.changed_at, confirmed_at = greatest(r.confirmed_at, excluded.confirmed_at)
	WHERE NOT r.deleted AND (excluded.updated_at > r.updated_at OR excluded.updated_at = r.updated_at AND excluded.digest <> r.digest AND $5 > r.changed_at)
	RETURNING r.id, r.updated_at, xmax = 0 AS added
), drift AS (
	SELECT count(*) FILTER (WHERE added) AS added, count(*) FILTER (WHERE id IN (SELECT id FROM fresh WHERE newer)) AS changed
	FROM stored WHERE updated_at < 1000 * extract(epoch FROM clock_timestamp() - interval '10 s')
)
UPDATE clerkmirror_state SET added = clerkmirror_state.added + drift.added, changed = clerkmirror_state.changed + drift.changed
FROM drift WHERE $12 AND drift.added + drift.changed > 0 AND swept_at IS NOT NULL`

// lockSQL locks the rows in the order of their ids, so that two transactions rarely wait for each
// other: they do where rows are new that a third one stores.
const lockSQL = `SELECT FROM clerkmirror_row WHERE kind = $1 AND id = ANY ($2) ORDER BY id FOR NO KEY UPDATE`

// seenSQL is what of the entities says whether a row holds the same.
const seenSQL = `WITH input AS MATERIALIZED (
	SELECT * FROM unnest($2::text[], $3::bigint[], $4::bytea[]) AS i (id, updated_at, digest)
)`

// confirmSQL notes that a read found what the rows hold.
const confirmSQL = seenSQL + `
UPDATE clerkmirror_row r SET confirmed_at = $5 FROM input i
WHERE r.kind = $1 AND r.id = i.id AND NOT r.deleted AND r.updated_at = i.updated_at AND r.digest = i.digest AND r.confirmed_at < $5`

// tiesSQL finds rows that have the time of an entity and other content: which of the two is true
// takes a read to find out.
const tiesSQL = seenSQL + `
SELECT i.id FROM input i JOIN clerkmirror_row r ON r.kind = $1 AND r.id = i.id
WHERE NOT r.deleted AND r.updated_at = i.updated_at AND r.digest <> i.digest`

// removeSQL leaves nothing of the entities but their ids, and nothing of the memberships of a
// user or an organization either.
const removeSQL = `WITH gone AS (
	SELECT $1 AS kind, unnest($2::text[]) AS id
	UNION SELECT kind, id FROM clerkmirror_row WHERE kind = 'membership' AND NOT deleted
		AND ($1 = 'user' AND user_id = ANY ($2) OR $1 = 'organization' AND organization_id = ANY ($2))
), removed AS (
	INSERT INTO clerkmirror_row AS r (kind, id, updated_at, deleted) SELECT kind, id, 0, true FROM gone ORDER BY kind, id
	ON CONFLICT (kind, id) DO UPDATE SET deleted = true, organization_id = NULL, user_id = NULL, body = NULL, digest = NULL,
		public_metadata = NULL, private_metadata = NULL, unsafe_metadata = NULL, unsearchable = false,
		updated_at = 0, confirmed_at = 'epoch', changed_at = clock_timestamp()
	WHERE NOT r.deleted RETURNING 1
)
UPDATE clerkmirror_state SET removed = removed + (SELECT count(*) FROM removed) WHERE $3 AND swept_at IS NOT NULL`

// found is what a read or an event found.
type found struct {
	kind  kind
	rows  []row
	began time.Time // of the read; zero for an event or the answer to a write
	drift bool      // what is stored was missing or wrong, if it is not very new
}

// store stores what is newer than the rows, in one transaction with what also queues, if it is
// not nil, and again if Postgres ends that for a deadlock. It returns the entities that it cannot
// decide on.
func (m *Mirror) store(ctx context.Context, f found, also func(*pgx.Batch)) (ties []row, err error) {
	for {
		ties, err = m.storeOnce(ctx, f, also)
		if pg := new(pgconn.PgError); !errors.As(err, &pg) || pg.Code != "40P01" {
			return ties, err
		}
	}
}

func (m *Mirror) storeOnce(ctx context.Context, f found, also func(*pgx.Batch)) (ties []row, err error) {
	byID := make(map[string]row, len(f.rows)) // a statement cannot change a row twice
	for _, r := range f.rows {
		if other, twice := byID[r.id]; !twice || other.updated <= r.updated {
			byID[r.id] = r
		}
	}
	args := f.args(byID)
	var batch pgx.Batch
	// A deletion waits for this transaction, or the statements that follow see the deletion.
	batch.Queue(`SELECT pg_advisory_xact_lock_shared($1)`, int64(lockRows))
	batch.Queue(`SELECT private_metadata FROM clerkmirror_state`).QueryRow(func(row pgx.Row) error {
		var recorded bool
		if err := row.Scan(&recorded); err != nil {
			return err
		}
		return m.fits(recorded)
	})
	batch.Queue(lockSQL, string(f.kind), args[1])
	if !f.began.IsZero() {
		batch.Queue(confirmSQL, args[:5]...)
	}
	batch.Queue(storeSQL, args...)
	batch.Queue(tiesSQL, args[:4]...).Query(func(rows pgx.Rows) error {
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, id := range ids {
			ties = append(ties, byID[id])
		}
		return err
	})
	if also != nil {
		also(&batch)
	}
	err = pgx.BeginTxFunc(ctx, m.db, isolation, func(tx pgx.Tx) error { return tx.SendBatch(ctx, &batch).Close() })
	return ties, err
}

// isolation has each statement see what was committed before it, the advisory lock included.
var isolation = pgx.TxOptions{IsoLevel: pgx.ReadCommitted}

// args are the parameters of the statements.
func (f found) args(rows map[string]row) []any {
	n := len(rows)
	ids, orgs, members, updated := make([]string, 0, n), make([]string, 0, n), make([]string, 0, n), make([]int64, 0, n)
	bodies, digests := make([]string, 0, n), make([][]byte, 0, n)
	public, private, unsafe := make([]*string, 0, n), make([]*string, 0, n), make([]*string, 0, n)
	for _, r := range rows {
		ids, orgs, members, updated = append(ids, r.id), append(orgs, r.organization), append(members, r.user), append(updated, r.updated)
		bodies, digests = append(bodies, string(r.body)), append(digests, r.digest)
		public, private, unsafe = append(public, r.public), append(private, r.private), append(unsafe, r.unsafe)
	}
	var began *time.Time
	if !f.began.IsZero() {
		began = &f.began
	}
	return []any{string(f.kind), ids, updated, digests, began, orgs, members, bodies, public, private, unsafe, f.drift}
}

// remove stores deletions, which are final.
func (m *Mirror) remove(ctx context.Context, of kind, ids []string, drift bool) error {
	return pgx.BeginTxFunc(ctx, m.db, isolation, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(lockRows)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, removeSQL, string(of), ids, drift)
		return err
	})
}
