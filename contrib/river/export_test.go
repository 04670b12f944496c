package riverwrites

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// SetTimes shortens the lease and the interval between sweeps.
func (o *Outbox) SetTimes(lease, sweep time.Duration) {
	o.times.lease, o.times.call, o.times.sweep = lease, lease*2/3, sweep
}

// Times returns the bound of a request, the lease and the interval between sweeps.
func (o *Outbox) Times() (call, lease, sweep time.Duration) {
	return o.times.call, o.times.lease, o.times.sweep
}

// SetTurn sets how long a job continues with one entity.
func (o *Outbox) SetTurn(turn time.Duration) { o.times.turn = turn }

// Drain does what a River job does for an entity.
func (o *Outbox) Drain(ctx context.Context, pool *pgxpool.Pool, c *client.Client, e bulk.Entity) error {
	d := &drainer{outbox: o, store: store{pool}, client: c}
	return d.Work(ctx, &river.Job[wakeArgs]{JobRow: &rivertype.JobRow{}, Args: wakeArgs(e)})
}

// Sweep does what the periodic job does.
func (o *Outbox) Sweep(ctx context.Context, pool *pgxpool.Pool) error {
	s := &sweeper{outbox: o, pool: pool}
	return s.Work(ctx, nil)
}

// Seal and Open do with a body what InsertTx and a worker do.
func Seal(k Key, seq int64, e bulk.Entity, verb bulk.Verb, body []byte) ([]byte, error) {
	ring, err := newKeyring([]Key{k})
	if err != nil {
		return nil, err
	}
	return ring.seal(row{seq, e, verb, k.ID}, body)
}

// Open opens a body with keys, and parses it.
func Open(keys []Key, seq int64, e bulk.Entity, verb bulk.Verb, id string, sealed []byte) ([]byte, error) {
	ring, err := newKeyring(keys)
	if err != nil {
		return nil, err
	}
	return ring.open(row{seq, e, verb, id}, sealed)
}

// Parse reads an opened body, and writes it again.
func Parse(verb bulk.Verb, body []byte) ([]byte, error) {
	w := write{row: row{Verb: verb, Entity: bulk.Entity{UserID: "user_1"}}}
	if err := w.parse(body); err != nil {
		return nil, err
	}
	if verb == bulk.Replace {
		return bodyOf(bulk.ReplaceUser("user_1", w.values))
	}
	_, fields := compose([]write{w})
	return bodyOf(bulk.PatchUser("user_1", fields))
}

// Read returns how many writes of an entity are read at once.
func (o *Outbox) Read(ctx context.Context, pool *pgxpool.Pool, e bulk.Entity) (int, error) {
	writes, _, _, err := store{pool}.pending(ctx, e, o.keys, o.hold)
	return len(writes), err
}

// Claim takes an entity as a worker does, and never gives it back.
func Claim(ctx context.Context, pool *pgxpool.Pool, e bulk.Entity, lifetime time.Duration) (taken bool, wait time.Duration, err error) {
	l, wait, err := store{pool}.claim(ctx, e, lifetime)
	return l != nil, wait, err
}

// StrandedSQL is the query of a sweep.
const StrandedSQL = strandedSQL

// Judge and Backoff are the decisions about an error.
var (
	Judge   = func(err error) (state string, alone bool) { v := judge(err); return v.state, v.alone }
	Backoff = backoff
)
