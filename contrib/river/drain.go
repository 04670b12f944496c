package riverwrites

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// drainer sends the pending writes of an entity.
type drainer struct {
	river.WorkerDefaults[wakeArgs]

	outbox *Outbox
	store  store
	client *client.Client
}

// halvings is how often a request is divided, at most: 2 to this power is over readMost.
const halvings = 7

// Timeout is a turn, with the requests that find the first write that Clerk refuses.
func (d *drainer) Timeout(*river.Job[wakeArgs]) time.Duration {
	return d.outbox.times.turn + (halvings+1)*d.outbox.times.lease
}

// Work sends until nothing is pending or the turn is over. River runs the job again later when
// a request is not yet due or has to be repeated. The job is done when another worker has the
// entity: that one looks for writes once more after it has released the entity. So of many jobs
// for one entity one remains.
func (d *drainer) Work(ctx context.Context, job *river.Job[wakeArgs]) error {
	e := bulk.Entity(job.Args)
	l, wait, err := d.store.claim(ctx, e, d.outbox.times.lease)
	switch {
	case err != nil:
		return fmt.Errorf("taking the entity: %w", err)
	case l == nil && wait == 0:
		return nil
	case l == nil:
		return river.JobSnooze(wait)
	}
	err = d.turn(ctx, l)
	if again, ok := errors.AsType[*againError](err); ok {
		return river.JobSnooze(again.after)
	}
	if err != nil {
		return err
	}
	writes, _, unreadable, err := d.store.pending(ctx, e, d.outbox.keys, d.outbox.hold)
	if err != nil {
		return fmt.Errorf("reading the line again: %w", err)
	}
	if len(writes) > 0 || unreadable != nil {
		return river.JobSnooze(0)
	}
	return nil
}

// turn sends the writes of an entity, and releases it.
func (d *drainer) turn(ctx context.Context, l *lease) error {
	defer func() {
		// The job's context may have ended with the process that stops.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := d.store.release(ctx, l); err != nil {
			d.outbox.log.WarnContext(ctx, "clerk metadata writes: releasing an entity, which its lease ends too", slog.String("entity", l.entity.String()), slog.Any("error", err))
		}
	}()
	t := &turn{drainer: d, lease: l, until: time.Now().Add(d.outbox.times.turn)}
	return t.run(ctx)
}

// againError ends a turn, and says when the job is to run again.
type againError struct{ after time.Duration }

func (e *againError) Error() string { return fmt.Sprintf("again in %s", e.after) }

// turn is the work of one job.
type turn struct {
	*drainer

	lease *lease
	until time.Time
	// settled reports that a write is over. A turn does not end before, since the next one
	// would divide the same request again, and where each request waits long for the limiter
	// none would find the write at fault.
	settled bool
}

func (t *turn) run(ctx context.Context) error {
	for {
		writes, bad, unreadable, err := t.store.pending(ctx, t.lease.entity, t.outbox.keys, t.outbox.hold)
		switch {
		case err != nil:
			return fmt.Errorf("reading the line: %w", err)
		case len(writes) > 0:
			err = t.send(ctx, writes)
		case unreadable != nil:
			// It stays first in the line until it can be read, or an operator drops it.
			err = t.record(ctx, []int64{bad}, verdict{state: pending, outcome: "not applied", text: printable(unreadable.Error(), 1024)})
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// send makes the requests for writes, in order.
func (t *turn) send(ctx context.Context, writes []write) error {
	for len(writes) > 0 {
		batch, fields := compose(writes)
		if err := t.request(ctx, batch, fields); err != nil {
			return err
		}
		writes = writes[len(batch):]
	}
	return nil
}

// request makes one request for a batch. If Clerk refuses its content, it makes one for each
// half, and so finds the writes at fault in few requests.
func (t *turn) request(ctx context.Context, batch []write, fields bulk.Fields) error {
	if ctx.Err() != nil || t.settled && time.Now().After(t.until) {
		return &againError{}
	}
	seqs := make([]int64, len(batch))
	for i, w := range batch {
		seqs[i] = w.Seq
	}
	call, cancel := context.WithTimeout(ctx, t.outbox.times.call) // begins before the lease does
	defer cancel()
	if err := t.store.begin(ctx, t.lease, t.outbox.times.lease, seqs); err != nil {
		return lost(err)
	}
	v := judge(apply(call, t.client, batch[0], fields))
	if v.state == refused && v.alone && len(batch) > 1 {
		middle := len(batch) / 2
		if err := t.send(ctx, batch[:middle]); err != nil {
			return err
		}
		return t.send(ctx, batch[middle:])
	}
	if v.state == refused && t.outbox.hold {
		seqs = seqs[:1] // holds the others
	}
	err := t.record(ctx, seqs, v)
	if err == nil && v.state == refused && t.outbox.hold {
		return &againError{}
	}
	return err
}

// record stores and logs a verdict. It returns an againError where the writes are to be sent
// again.
func (t *turn) record(ctx context.Context, seqs []int64, v verdict) error {
	var wait time.Duration
	t.lease.failures++
	level := slog.LevelWarn
	switch v.state {
	case pending:
		wait = backoff(t.lease.failures, v.after)
	case applied:
		t.lease.failures, level = 0, slog.LevelDebug
	default:
		t.lease.failures = 0
	}
	// A worker that is being stopped still records what it knows.
	stored, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := t.store.settle(stored, t.lease, seqs, v, wait); err != nil {
		return lost(err)
	}
	t.settled = t.settled || v.state != pending
	t.outbox.log.LogAttrs(ctx, level, "clerk metadata writes: "+v.state, slog.String("entity", t.lease.entity.String()),
		slog.Int("writes", len(seqs)), slog.Int64("first", seqs[0]), slog.String("outcome", v.outcome),
		slog.Int("status", v.status), slog.String("code", v.code), slog.String("error", v.text), slog.Duration("again_in", wait))
	if v.state == pending {
		return &againError{wait}
	}
	return nil
}

// lost ends the turn without an error for River where the line has changed.
func lost(err error) error {
	if errors.Is(err, errLost) {
		return &againError{}
	}
	return err
}
