package mirror

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// readers is how many requests of a sweep are under way at once: enough for the 100 a second
// that Clerk takes at most where an answer takes 300 ms, and for those that were missing at the
// beginning, when there was little to divide.
const readers = 40

// task is a part of a sweep: the users who were created from low on and before high, in
// milliseconds, or the organizations or memberships from the offset low on.
type task struct {
	id           int64
	kind         kind
	organization string // of memberships
	low, high    int64
}

// sweep reads everything, and ends by finding what is gone.
func (m *Mirror) sweep(ctx context.Context) error {
	s, err := m.state(ctx)
	if err != nil {
		return err
	}
	if err := m.checkInstance(ctx); err != nil {
		return err
	}
	if s.sweepAt == nil {
		if err := m.begin(ctx, s); err != nil {
			return err
		}
		s.sweepAt = &s.now
	}
	tasks, err := m.tasks(ctx)
	if err != nil {
		return err
	}
	if err := m.work(ctx, tasks); err != nil {
		return err
	}
	for _, of := range []kind{user, organization, membership} { // memberships go with the others
		if err := m.findRemoved(ctx, of, *s.sweepAt); err != nil {
			return err
		}
	}
	if _, err := m.db.Exec(ctx, `UPDATE clerkmirror_state SET swept_at = sweep_at, sweep_at = NULL WHERE sweep_at = $1`, *s.sweepAt); err != nil {
		return err
	}
	// A lookup in a table without statistics looks at every user.
	_, err = m.db.Exec(ctx, `ANALYZE clerkmirror_row`)
	return err
}

// begin divides a sweep. What is created or updated after it is for recent to find.
func (m *Mirror) begin(ctx context.Context, s state) error {
	updated, err := first(m.clerk.Users.UpdatedSince(ctx, time.UnixMilli(1)))
	if err != nil {
		return err
	}
	oldest, err := first(m.clerk.Users.All(ctx, users.AllParams{PageSize: 1}))
	if err != nil {
		return err
	}
	newest, err := first(m.clerk.Users.All(ctx, users.AllParams{PageSize: 1, NewestFirst: true}))
	if err != nil {
		return err
	}
	tasks := []task{{kind: organization}}
	recent := int64(1)
	if updated != nil && oldest != nil && newest != nil {
		recent = updated.UpdatedAt.UnixMilli()
		tasks = append(tasks, task{kind: user, low: oldest.CreatedAt.UnixMilli(), high: newest.CreatedAt.UnixMilli() + 1})
	}
	return pgx.BeginFunc(ctx, m.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM clerkmirror_task`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE clerkmirror_state SET sweep_at = $1, recent = coalesce(recent, $2)`, s.now, recent); err != nil {
			return err
		}
		var batch pgx.Batch
		queueTasks(&batch, tasks)
		return tx.SendBatch(ctx, &batch).Close()
	})
}

// checkInstance fails if Clerk has none of the users of the mirror, whom a sweep would remove for
// good. It asks once.
func (m *Mirror) checkInstance(ctx context.Context) error {
	if m.known.Load() {
		return nil
	}
	rows, err := m.db.Query(ctx, `SELECT id FROM clerkmirror_row WHERE kind = 'user' AND NOT deleted LIMIT 100`)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) == 0 {
		return err
	}
	present, _, err := m.clerk.Users.GetMany(ctx, ids)
	if err != nil {
		return err
	}
	if len(present) == 0 {
		return errors.New("no user of the mirror exists at Clerk: the key is that of another instance, which requires another database or schema; if all were deleted, drop the tables and call Init")
	}
	m.known.Store(true)
	return nil
}

// first returns the first entity of a walk, nil if there is none.
func first(walk func(func(*users.User, error) bool)) (one *users.User, err error) {
	for one, err = range walk {
		break
	}
	return one, err
}

func (m *Mirror) tasks(ctx context.Context) ([]task, error) {
	rows, err := m.db.Query(ctx, `SELECT id, kind, organization_id, low, high FROM clerkmirror_task ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t task, err error) {
		err = row.Scan(&t.id, (*string)(&t.kind), &t.organization, &t.low, &t.high)
		return t, err
	})
}

// queueTasks has a batch store tasks and set their ids.
func queueTasks(batch *pgx.Batch, tasks []task) {
	for i, t := range tasks {
		batch.Queue(`INSERT INTO clerkmirror_task (kind, organization_id, low, high) VALUES ($1, $2, $3, $4) RETURNING id`,
			string(t.kind), t.organization, t.low, t.high).QueryRow(func(row pgx.Row) error { return row.Scan(&tasks[i].id) })
	}
}

// work does tasks, and those that they leave, with as many readers as there are.
func (m *Mirror) work(ctx context.Context, tasks []task) error {
	group, ctx := errgroup.WithContext(ctx)
	free := make(chan struct{}, readers)
	var do func(tasks []task) error
	// hire has another reader do tasks, and reports whether one is free.
	hire := func(tasks func() []task) bool {
		select {
		case free <- struct{}{}:
		default:
			return false
		}
		mine := tasks()
		group.Go(func() error {
			defer func() { <-free }()
			return do(mine)
		})
		return true
	}
	do = func(tasks []task) error {
		for len(tasks) > 0 {
			for len(tasks) > 1 && hire(func() []task { return tasks[:1:1] }) {
				tasks = tasks[1:]
			}
			last := len(tasks) - 1
			rest, err := m.step(ctx, tasks[last], len(free) < readers)
			if err != nil {
				return err
			}
			tasks = append(tasks[:last:last], rest...)
		}
		return nil
	}
	hire(func() []task { return tasks })
	return group.Wait()
}

// step reads a page of a task, and stores it together with what is left to do.
func (m *Mirror) step(ctx context.Context, t task, split bool) (rest []task, err error) {
	began, err := m.now(ctx)
	if err != nil {
		return nil, err
	}
	f := found{kind: t.kind, began: began, drift: true}
	switch t.kind {
	case user:
		rest, err = m.readCreated(ctx, t, &f, split)
	case organization:
		rest, err = m.readOrganizations(ctx, t, &f)
	default:
		rest, err = m.readMemberships(ctx, t, &f)
	}
	if err != nil {
		return nil, err
	}
	return rest, m.keep(ctx, f, func(batch *pgx.Batch) {
		batch.Queue(`DELETE FROM clerkmirror_task WHERE id = $1`, t.id)
		queueTasks(batch, rest)
	})
}

// keep stores a page, with a bound on how many connections a sweep takes.
func (m *Mirror) keep(ctx context.Context, f found, also func(*pgx.Batch)) error {
	select {
	case m.stores <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	ties, err := m.store(ctx, f, also)
	<-m.stores
	if err != nil || len(ties) == 0 {
		return err
	}
	return m.settle(ctx, f.kind, ties, repair{drift: f.drift})
}

// readCreated reads users by the time of their creation, which, unlike a cursor, outlives them.
// The next page begins in the millisecond in which this one ends; only where a page is within
// one millisecond does the walk go on by its cursor.
func (m *Mirror) readCreated(ctx context.Context, t task, f *found, split bool) (rest []task, err error) {
	filter := users.Filter{CreatedAfter: time.UnixMilli(t.low - 1), CreatedBefore: time.UnixMilli(t.high)}
	read := 0
	for u, err := range m.clerk.Users.All(ctx, users.AllParams{PageSize: m.page, Filter: filter}) {
		if err != nil {
			return nil, err
		}
		m.collect(ctx, f, u.ID, func() (row, error) { return m.userRow(u) })
		if read++; read%m.page != 0 {
			continue
		}
		if next := u.CreatedAt.UnixMilli(); next > t.low {
			return t.after(next, split), nil
		}
		if err := m.keep(ctx, *f, nil); err != nil {
			return nil, err
		}
		f.rows = nil
		if f.began, err = m.now(ctx); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// after is what is left of a task about users from a time on, in two halves if a reader is free.
func (t task) after(low int64, split bool) []task {
	middle := low + (t.high-low)/2
	if !split || middle == low {
		return []task{{kind: user, low: low, high: t.high}}
	}
	return []task{{kind: user, low: middle, high: t.high}, {kind: user, low: low, high: middle}}
}

// overlap is how many entries a page by offset shares with the one before, since an entry that
// leaves the list moves those behind it forward.
func (m *Mirror) overlap() int64 { return int64(m.page / 50) }

// noOrganizations is Clerk's code where organizations are not enabled.
const noOrganizations = "organization_not_enabled_in_instance"

func (m *Mirror) readOrganizations(ctx context.Context, t task, f *found) (rest []task, err error) {
	read := 0
	for o, err := range m.clerk.Organizations.All(ctx, organizations.AllParams{Offset: int(t.low), PageSize: m.page}) {
		if e := new(clerkerr.Error); errors.As(err, &e) && e.Code() == noOrganizations {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		m.collect(ctx, f, o.ID, func() (row, error) { return m.organizationRow(o) })
		rest = append(rest, task{kind: membership, organization: o.ID})
		if read++; read == m.page {
			return append(rest, task{kind: organization, low: t.low + int64(m.page) - m.overlap()}), nil
		}
	}
	return rest, nil
}

func (m *Mirror) readMemberships(ctx context.Context, t task, f *found) (rest []task, err error) {
	read := 0
	for s, err := range m.clerk.Organizations.AllMemberships(ctx, t.organization, organizations.AllParams{Offset: int(t.low), PageSize: m.page}) {
		if errors.Is(err, clerkerr.ErrNotFound) {
			return nil, nil // findRemoved finds out
		}
		if err != nil {
			return nil, err
		}
		m.collect(ctx, f, s.ID, func() (row, error) { return m.membershipRow(s) })
		if read++; read == m.page {
			return []task{{kind: membership, organization: t.organization, low: t.low + int64(m.page) - m.overlap()}}, nil
		}
	}
	return nil, nil
}

// findRemoved asks Clerk for each row that the sweep did not find.
func (m *Mirror) findRemoved(ctx context.Context, of kind, sweepAt time.Time) error {
	const most = 100
	for after := ""; ; {
		rows, err := m.db.Query(ctx, `SELECT id, coalesce(organization_id, ''), coalesce(user_id, '') FROM clerkmirror_row
			WHERE kind = $1 AND NOT deleted AND confirmed_at < $2 AND changed_at < $2 AND id > $3 ORDER BY id LIMIT $4`, string(of), sweepAt, after, most)
		if err != nil {
			return err
		}
		unseen, err := pgx.CollectRows(rows, func(scan pgx.CollectableRow) (r row, err error) {
			err = scan.Scan(&r.id, &r.organization, &r.user)
			return r, err
		})
		if err != nil {
			return err
		}
		if len(unseen) > 0 {
			if err := m.settle(ctx, of, unseen, repair{drift: true, remove: true}); err != nil {
				return fmt.Errorf("what the sweep did not find: %w", err)
			}
		}
		if len(unseen) < most {
			return nil
		}
		after = unseen[len(unseen)-1].id
	}
}
