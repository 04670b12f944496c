package redislimit

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// Stats counts what a Limiter has done since New. All of it only grows.
type Stats struct {
	// Takes is how many requests were allowed by Redis, and TakeTime how long they waited in
	// all, the round trips included.
	Takes    uint64
	TakeTime time.Duration
	// Late is how many requests failed since their turn came too late
	// (clerkerr.ErrLocalLimit).
	Late uint64
	// Fallbacks is how many requests were decided without Redis.
	Fallbacks uint64
	// Outages is how often Redis was out of reach after it had answered.
	Outages uint64
	// Holds is how many 429s were reported.
	Holds uint64
}

// Stats returns the counts, for a collector of metrics.
func (l *Limiter) Stats() Stats {
	c := &l.counts
	return Stats{
		Takes: c.takes.Load(), TakeTime: time.Duration(c.takeTime.Load()), Late: c.late.Load(),
		Fallbacks: c.fallbacks.Load(), Outages: c.outages.Load(), Holds: c.holds.Load(),
	}
}

type counts struct {
	takes, late, fallbacks, outages, holds atomic.Uint64
	takeTime                               atomic.Int64
}

func (c *counts) add(fellBack bool, waited time.Duration, err error) {
	switch {
	case fellBack:
		c.fallbacks.Add(1)
	case err == nil:
		c.takes.Add(1)
		c.takeTime.Add(int64(waited))
	case errors.Is(err, clerkerr.ErrLocalLimit):
		c.late.Add(1)
	}
}

func (l *Limiter) log(ctx context.Context, r observe.Request, fellBack bool, waited time.Duration, err error) {
	if l.config.Logger == nil || !l.config.Logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{slog.String("operation", r.Operation), slog.Duration("waited", waited), slog.Bool("fallback", fellBack)}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	l.config.Logger.LogAttrs(ctx, slog.LevelDebug, "clerk rate limit", attrs...)
}

// failed notes that Redis is out of reach.
func (l *Limiter) failed(err error) {
	if !l.outage.failed(time.Now(), err) {
		return
	}
	l.counts.outages.Add(1)
	if l.config.Logger != nil {
		l.config.Logger.Warn("clerk rate limit: Redis is out of reach", slog.String("error", err.Error()))
	}
}

// answered notes that Redis answers.
func (l *Limiter) answered() {
	if lasted := l.outage.answered(time.Now()); lasted > 0 && l.config.Logger != nil {
		l.config.Logger.Info("clerk rate limit: Redis is back", slog.Duration("after", lasted))
	}
}
