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

// Claim takes an entity as a worker does, and never gives it back.
func Claim(ctx context.Context, pool *pgxpool.Pool, e bulk.Entity, lifetime time.Duration) (taken bool, wait time.Duration, err error) {
	l, wait, err := store{pool}.claim(ctx, e, lifetime)
	return l != nil, wait, err
}

// Judge and Backoff are the decisions about an error.
var (
	Judge   = func(err error) (state string, alone bool) { v := judge(err); return v.state, v.alone }
	Backoff = backoff
)
