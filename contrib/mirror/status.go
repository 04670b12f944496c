package mirror

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Status is how far the mirror is, as the tables record it.
type Status struct {
	// SweptAt is when the last whole sweep began, zero before the snapshot is complete.
	SweptAt time.Time
	// SweepingSince is when the sweep under way began, zero if there is none. One that was
	// interrupted is under way.
	SweepingSince time.Time
	// Lag is how long ago the last look for recent updates began: what happened to users before
	// that is in the mirror, deletions excepted. It is negative before the first look.
	Lag time.Duration
	// Added, Changed and Removed count the rows that a reconciliation had to repair, since their
	// events were lost: the drift. What was updated less than 10 seconds before is not counted.
	Added, Changed, Removed int64
}

// Status returns how far the mirror is.
func (m *Mirror) Status(ctx context.Context) (Status, error) {
	err := m.prepare(ctx)
	var s state
	if err == nil {
		s, err = m.state(ctx)
	}
	if err != nil {
		return Status{}, failed("Status", err)
	}
	status := Status{Added: s.added, Changed: s.changed, Removed: s.removed, Lag: -1}
	if s.sweptAt != nil {
		status.SweptAt = *s.sweptAt
	}
	if s.sweepAt != nil {
		status.SweepingSince = *s.sweepAt
	}
	if s.recentAt != nil {
		status.Lag = max(0, s.now.Sub(*s.recentAt))
	}
	return status, nil
}

// Check is a health check. It fails if the database does, if the snapshot is not complete, and
// if the last look for recent updates is more than three times Config.RecentEvery ago.
func (m *Mirror) Check(ctx context.Context) error {
	s, err := m.Status(ctx)
	switch most := 3 * m.config.RecentEvery; {
	case err != nil:
		return err
	case s.SweptAt.IsZero():
		return fmt.Errorf("mirror.Check: the snapshot is not complete")
	case s.Lag < 0 || s.Lag > most:
		return fmt.Errorf("mirror.Check: recent updates were last read %s ago, at most %s is expected: is Run running?", s.Lag.Round(time.Second), most)
	default:
		return nil
	}
}

const scope = "github.com/clerkmeta/clerkmeta-go/contrib/mirror"

// measure registers the metrics, which read Status when they are collected.
func (m *Mirror) measure() error {
	if m.config.MeterProvider == nil {
		return nil
	}
	meter := m.config.MeterProvider.Meter(scope)
	lag, err := meter.Float64ObservableGauge("clerkmeta.mirror.lag", metric.WithUnit("s"),
		metric.WithDescription("How long ago the last look for recent updates of users began."))
	if err != nil {
		return err
	}
	drift, err := meter.Int64ObservableCounter("clerkmeta.mirror.drift", metric.WithUnit("{row}"),
		metric.WithDescription("Rows that a reconciliation had to repair, by the repair."))
	if err != nil {
		return err
	}
	_, err = meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		s, err := m.Status(ctx)
		if err != nil {
			return err
		}
		if s.Lag >= 0 {
			o.ObserveFloat64(lag, s.Lag.Seconds())
		}
		for name, n := range map[string]int64{"added": s.Added, "changed": s.Changed, "removed": s.Removed} {
			o.ObserveInt64(drift, n, metric.WithAttributes(attribute.String("clerkmeta.mirror.repair", name)))
		}
		return nil
	}, lag, drift)
	return err
}
