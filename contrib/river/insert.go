package riverwrites

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// InsertTx makes a write part of the caller's transaction: it stores the change, and a River
// job that wakes a worker, and both exist once tx commits. It returns the sequence number of
// the write, which the views and the command name it by.
//
// The change is one that bulk.PatchUser, bulk.ReplaceUser or a function like these makes. What
// its Check refuses is refused before any I/O, and so is a change that writes nothing
// (clerkerr.ErrNothingToWrite), one with another verb than Patch and Replace, one that names a
// user otherwise than by id, and one over bulk.MaxLine bytes (clerkerr.ErrTooLarge). All of
// these satisfy clerkerr.ErrInvalidArgument. Any other error is Postgres's, after which the
// transaction is to be rolled back.
//
// It takes three round trips, the third only for the first of successive writes of an entity.
// It neither reads a table nor waits for another transaction.
func (o *Outbox) InsertTx(ctx context.Context, tx pgx.Tx, change bulk.Change) (int64, error) {
	body, err := bodyOf(change)
	if err != nil {
		return 0, clerkerr.Invalid("riverwrites.InsertTx", "change", err)
	}
	seq, err := o.insert(ctx, tx, change, body)
	if err != nil {
		return 0, fmt.Errorf("riverwrites.InsertTx: %w", err)
	}
	return seq, nil
}

// bodyOf returns the fields of a change as JSON.
func bodyOf(change bulk.Change) ([]byte, error) {
	if err := change.Check(); err != nil {
		return nil, err
	}
	if change.Named() {
		return nil, errors.New("names the user otherwise than by id: resolve it first, with bulk.Resolve")
	}
	text, err := change.MarshalJSON()
	if err != nil {
		return nil, err
	}
	if len(text) > bulk.MaxLine {
		return nil, fmt.Errorf("is %w: %d bytes, the limit is %d", clerkerr.ErrTooLarge, len(text), bulk.MaxLine)
	}
	var line struct{ Patch, Replace json.RawMessage }
	if err := json.Unmarshal(text, &line); err != nil {
		return nil, err
	}
	var body json.RawMessage
	switch change.Verb() {
	case bulk.Patch:
		body = line.Patch
	case bulk.Replace:
		body = line.Replace
	default:
		return nil, fmt.Errorf("has the verb %s: expected %s or %s, which set absolute values", change.Verb(), bulk.Patch, bulk.Replace)
	}
	if string(body) == "{}" {
		return nil, clerkerr.ErrNothingToWrite
	}
	return body, nil
}

// nextSQL also reads which entity the transaction has woken last. A setting of the transaction
// says so, since reading a table would make two serializable transactions conflict.
const nextSQL = `SELECT nextval('clerkmeta_write_seq'), coalesce(current_setting('clerkmeta.woken', true), '')`

const insertSQL = `INSERT INTO clerkmeta_write (seq, organization_id, user_id, verb, key_id, body)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING set_config('clerkmeta.woken', $2 || '/' || $3, true)`

func (o *Outbox) insert(ctx context.Context, tx pgx.Tx, change bulk.Change, body []byte) (int64, error) {
	r := row{Entity: change.Entity(), Verb: change.Verb(), Key: o.keys.seals.ID}
	var woken, wakes string
	if err := tx.QueryRow(ctx, nextSQL).Scan(&r.Seq, &woken); err != nil {
		return 0, err
	}
	sealed, err := o.keys.seal(r, body)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, insertSQL, r.Seq, r.Entity.OrganizationID, r.Entity.UserID, r.Verb, r.Key, sealed).Scan(&wakes)
	if err != nil || wakes == woken {
		return r.Seq, err
	}
	// The job is not unique: River's unique index would make a second transaction wait
	// until the first ends. A worker that finds nothing to send is done at once.
	_, err = o.jobs.InsertTx(ctx, tx, wakeArgs(r.Entity), nil)
	return r.Seq, err
}

// wakeArgs are the arguments of the job that sends the pending writes of an entity.
type wakeArgs struct {
	OrganizationID string `json:"organization_id"`
	UserID         string `json:"user_id"`
}

// wakeKind and sweepKind are the kinds of the jobs.
const (
	wakeKind  = "clerkmeta_wake"
	sweepKind = "clerkmeta_sweep"
)

// Kind names the job for River.
func (wakeArgs) Kind() string { return wakeKind }

// InsertOpts leaves the first priority to entities whose worker died.
func (wakeArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: Queue, Priority: 2} }
