package riverwrites

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// store is the tables, for workers.
type store struct{ pool *pgxpool.Pool }

// lease is an entity that a worker has.
type lease struct {
	entity   bulk.Entity
	token    string
	failures int // in a row
}

const claimSQL = `INSERT INTO clerkmeta_lease AS l (organization_id, user_id, token, leased_until)
VALUES ($1, $2, $3, clock_timestamp() + $4::interval)
ON CONFLICT (organization_id, user_id) DO UPDATE SET token = excluded.token, leased_until = excluded.leased_until
WHERE l.leased_until <= clock_timestamp() AND l.due_at <= clock_timestamp()
RETURNING failures`

// waitSQL reads how many seconds are left until a request is due, of an entity that no worker
// has. At least a millisecond is, also where the request became due after the claim.
const waitSQL = `SELECT extract(epoch FROM greatest(
	least(due_at, clock_timestamp() + '1000 days') - clock_timestamp(), '1 ms'))::float8
FROM clerkmeta_lease WHERE organization_id = $1 AND user_id = $2 AND leased_until <= clock_timestamp()`

// claim takes an entity for a while. If its request is not yet due, claim returns nil and the
// wait until then; if another worker has it, nil and no wait.
func (s store) claim(ctx context.Context, e bulk.Entity, lifetime time.Duration) (*lease, time.Duration, error) {
	l := &lease{entity: e, token: rand.Text()}
	err := s.pool.QueryRow(ctx, claimSQL, e.OrganizationID, e.UserID, l.token, lifetime).Scan(&l.failures)
	if !errors.Is(err, pgx.ErrNoRows) {
		return l, 0, err
	}
	var seconds float64
	err = s.pool.QueryRow(ctx, waitSQL, e.OrganizationID, e.UserID).Scan(&seconds)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, 0, nil
	}
	return nil, time.Duration(seconds * float64(time.Second)), err
}

// releaseSQL keeps the row of an entity whose last request is to be repeated.
const releaseSQL = `WITH done AS (
	DELETE FROM clerkmeta_lease WHERE organization_id = $1 AND user_id = $2 AND token = $3 AND failures = 0
)
UPDATE clerkmeta_lease SET leased_until = '-infinity'
WHERE organization_id = $1 AND user_id = $2 AND token = $3 AND failures > 0`

func (s store) release(ctx context.Context, l *lease) error {
	_, err := s.pool.Exec(ctx, releaseSQL, l.entity.OrganizationID, l.entity.UserID, l.token)
	return err
}

// write is a pending write that was read.
type write struct {
	row

	patches [3]metadata.Patch // of bulk.Patch
	values  bulk.Values       // of bulk.Replace
}

// readMost and bytesMost bound the writes that are in memory for an entity. One is read
// whatever its size.
const (
	readMost  = 100
	bytesMost = 1 << 20
)

// pendingSQL reads the first writes of a line, with hold those that no refused one holds.
const pendingSQL = `SELECT seq, verb, key_id, body FROM clerkmeta_write
WHERE organization_id = $1 AND user_id = $2 AND state = 'pending' AND NOT ($3 AND seq > coalesce((
	SELECT min(seq) FROM clerkmeta_write WHERE organization_id = $1 AND user_id = $2 AND state = 'refused'), seq))
ORDER BY seq LIMIT $4`

// pending returns the first writes of a line, up to one that cannot be read. It returns its
// sequence number with the error.
func (s store) pending(ctx context.Context, e bulk.Entity, keys keyring, hold bool) (writes []write, bad int64, unreadable, err error) {
	rows, err := s.pool.Query(ctx, pendingSQL, e.OrganizationID, e.UserID, hold, readMost)
	if err != nil {
		return nil, 0, nil, err
	}
	defer rows.Close()
	for size := 0; size < bytesMost && rows.Next(); {
		w := write{row: row{Entity: e}}
		var sealed []byte
		if err := rows.Scan(&w.Seq, &w.Verb, &w.Key, &sealed); err != nil {
			return nil, 0, nil, err
		}
		body, err := keys.open(w.row, sealed)
		if err == nil {
			err = w.parse(body)
		}
		if err != nil {
			return writes, w.Seq, err, nil
		}
		writes = append(writes, w)
		size += len(sealed)
	}
	return writes, 0, nil, rows.Err()
}

// errBody reports a body that is not what InsertTx stored.
var errBody = errors.New("the body is not what InsertTx stores")

func (w *write) parse(body []byte) error {
	if w.Verb == bulk.Replace {
		if json.Unmarshal(body, &w.values) != nil {
			return errBody
		}
		return nil
	}
	var fields struct {
		Public  json.RawMessage `json:"public_metadata"`
		Private json.RawMessage `json:"private_metadata"`
		Unsafe  json.RawMessage `json:"unsafe_metadata"`
	}
	if json.Unmarshal(body, &fields) != nil {
		return errBody
	}
	for i, text := range []json.RawMessage{fields.Public, fields.Private, fields.Unsafe} {
		if text == nil {
			continue
		}
		p, err := metadata.ParsePatch(text)
		if err != nil {
			return errBody
		}
		w.patches[i] = p
	}
	return nil
}

// errLost reports that another worker has the entity, or an operator changed the line.
var errLost = errors.New("the line has changed")

const beginSQL = `WITH mine AS (
	UPDATE clerkmeta_lease SET leased_until = clock_timestamp() + $4::interval
	WHERE organization_id = $1 AND user_id = $2 AND token = $3 RETURNING 1
)
UPDATE clerkmeta_write SET attempts = attempts + 1, tried_at = clock_timestamp()
WHERE seq = ANY($5) AND state = 'pending' AND EXISTS (SELECT FROM mine)`

// begin renews the lease and counts an attempt, before a request.
func (s store) begin(ctx context.Context, l *lease, lifetime time.Duration, seqs []int64) error {
	tag, err := s.pool.Exec(ctx, beginSQL, l.entity.OrganizationID, l.entity.UserID, l.token, lifetime, seqs)
	if err == nil && tag.RowsAffected() != int64(len(seqs)) {
		return errLost
	}
	return err
}

// settleSQL lets a write that an operator dropped while it was in flight be applied.
const settleSQL = `WITH mine AS (
	UPDATE clerkmeta_lease SET failures = $4, due_at = clock_timestamp() + $5::interval
	WHERE organization_id = $1 AND user_id = $2 AND token = $3 RETURNING 1
)
UPDATE clerkmeta_write SET state = $7, outcome = $8, status = $9, code = $10, param = $11, trace_id = $12, error = $13,
	body = CASE WHEN $7 = 'applied' THEN NULL ELSE body END,
	settled_at = CASE WHEN $7 = 'pending' THEN NULL ELSE clock_timestamp() END
WHERE seq = ANY($6) AND (state = 'pending' OR state = 'dropped' AND $7 = 'applied') AND EXISTS (SELECT FROM mine)`

// settle records what became of writes, and when the next request is due.
func (s store) settle(ctx context.Context, l *lease, seqs []int64, v verdict, wait time.Duration) error {
	tag, err := s.pool.Exec(ctx, settleSQL, l.entity.OrganizationID, l.entity.UserID, l.token, l.failures, wait,
		seqs, v.state, v.outcome, v.status, v.code, v.param, v.traceID, v.text)
	if err != nil {
		return fmt.Errorf("recording the outcome: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errLost
	}
	return nil
}
