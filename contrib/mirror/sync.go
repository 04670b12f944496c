package mirror

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Sync reads everything from Clerk: it continues a sweep that was interrupted, or begins one,
// and then reads the users who were updated meanwhile. The first one is the snapshot. It may be
// killed at any moment. What else changed after the interrupted sweep had read it is for its event
// or the next sweep. While another process does it, Sync waits.
//
// A sweep stores what is new, and removes what Clerk no longer has after asking for each of it.
// If Clerk has none of the users that the mirror holds, Sync changes nothing and fails: the key
// is that of another instance.
func (m *Mirror) Sync(ctx context.Context) error {
	err := m.prepare(ctx)
	if err == nil {
		err = m.locked(ctx, lockSweep, true, m.sweep)
	}
	if err == nil {
		err = m.locked(ctx, lockRecent, true, m.recent)
	}
	return failed("Sync", err)
}

// Run keeps the mirror up to date until ctx ends, and returns its error: it takes the snapshot,
// reads the users who were updated lately every Config.RecentEvery, and everything every
// Config.SweepEvery. Of several processes that run it, one at a time does each. Failures go to
// Config.Logger and are tried again after Config.RecentEvery.
func (m *Mirror) Run(ctx context.Context) error {
	var both sync.WaitGroup
	both.Go(func() { m.loop(ctx, lockRecent, m.recentIfDue) })
	both.Go(func() { m.loop(ctx, lockSweep, m.sweepIfDue) })
	both.Wait()
	return ctx.Err()
}

func (m *Mirror) loop(ctx context.Context, lock int64, do func(context.Context) error) {
	tick := time.NewTicker(m.config.RecentEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		err := m.prepare(ctx)
		if err == nil {
			err = m.locked(ctx, lock, false, do)
		}
		if err != nil && ctx.Err() == nil {
			m.config.Logger.WarnContext(ctx, "the mirror is not up to date", "err", failed("Run", err))
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// locked calls do while this process has an advisory lock. Where another has it, locked waits or
// does nothing. The lock saves requests: rows are right without it.
func (m *Mirror) locked(ctx context.Context, lock int64, wait bool, do func(context.Context) error) error {
	conn, err := m.db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	had := true
	if wait {
		_, err = conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, lock)
	} else {
		err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, lock).Scan(&had)
	}
	if err != nil || !had {
		return err
	}
	err = do(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, unlock := conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, lock); unlock != nil {
		return errors.Join(err, unlock, conn.Conn().Close(ctx))
	}
	return err
}

// state is the row of clerkmirror_state.
type state struct {
	now                        time.Time // the database's
	sweepAt, sweptAt, recentAt *time.Time
	recent                     *int64
	added, changed, removed    int64
}

func (m *Mirror) state(ctx context.Context) (s state, err error) {
	err = m.db.QueryRow(ctx, `SELECT clock_timestamp(), sweep_at, swept_at, recent_at, recent, added, changed, removed FROM clerkmirror_state`).
		Scan(&s.now, &s.sweepAt, &s.sweptAt, &s.recentAt, &s.recent, &s.added, &s.changed, &s.removed)
	return s, err
}

func (m *Mirror) sweepIfDue(ctx context.Context) error {
	s, err := m.state(ctx)
	if err != nil || s.sweepAt == nil && s.sweptAt != nil && s.now.Sub(*s.sweptAt) < m.config.SweepEvery {
		return err
	}
	return m.sweep(ctx)
}

func (m *Mirror) recentIfDue(ctx context.Context) error {
	s, err := m.state(ctx)
	if err != nil || s.recent == nil || s.recentAt != nil && s.now.Sub(*s.recentAt) < m.config.RecentEvery/2 {
		return err // another process has just done it, or no sweep has begun
	}
	return m.recent(ctx)
}

// late is how much older than the newest update that was seen an update may be that becomes
// visible after it (a guess).
const late = time.Minute

// recent reads the users who were updated since it last did.
func (m *Mirror) recent(ctx context.Context) error {
	s, err := m.state(ctx)
	if err != nil || s.recent == nil {
		return err // Init has emptied the tables
	}
	if err := m.checkInstance(ctx); err != nil {
		return err
	}
	newest := *s.recent
	page := found{kind: user, began: s.now, drift: true} // began is that of the walk, whose pages are not those stored
	for u, err := range m.clerk.Users.UpdatedSince(ctx, time.UnixMilli(*s.recent).Add(-late)) {
		if err != nil {
			return err
		}
		newest = max(newest, u.UpdatedAt.UnixMilli())
		m.collect(ctx, &page, u.ID, func() (row, error) { return m.userRow(u) })
		if len(page.rows) < m.page {
			continue
		}
		if err := m.apply(ctx, page); err != nil {
			return err
		}
		page.rows = nil
	}
	if err := m.apply(ctx, page); err != nil {
		return err
	}
	_, err = m.db.Exec(ctx, `UPDATE clerkmirror_state SET recent_at = $1, recent = greatest(recent, $2)`, s.now, newest)
	return err
}

// collect adds an entity to a page, or logs why the mirror cannot hold it.
func (m *Mirror) collect(ctx context.Context, page *found, id string, toRow func() (row, error)) {
	r, err := toRow()
	if err != nil {
		m.config.Logger.WarnContext(ctx, "the mirror leaves an entity as it is", "id", id, "err", err)
		return
	}
	page.rows = append(page.rows, r)
}
