package mirror_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/postgres"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Postgres crashes and comes back: until then events are answered with 503, and reads fail or
// fall back; then the events come again, and Run continues.
func TestPostgresStops(t *testing.T) {
	t.Parallel()
	s := postgres.Start(t)
	w := newWorldAt(t, s.Database(t), seed, all)
	config := all
	config.RecentEvery, config.FallBack = 20*time.Millisecond, time.Minute
	fallback := w.another(config)
	require.NoError(t, w.mirror.Sync(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = fallback.Run(ctx) }()

	s.Stop(t)
	w.write("user_1", metadata.Patch{"secret": "hidden"})
	w.remove("users/user_2")
	events := w.sent()
	for _, d := range events {
		require.Equal(t, http.StatusServiceUnavailable, w.deliver(d))
	}
	_, err := mirror.Get[open](t.Context(), w.mirror, "user_1")
	require.ErrorContains(t, err, "mirror.User: ")
	u, err := mirror.Get[open](t.Context(), fallback, "user_1")
	require.NoError(t, err)
	require.Equal(t, "user_1", u.ID)
	_, err = w.find(fallback)
	require.Error(t, err, "Clerk has no such list")
	require.Error(t, w.mirror.Check(t.Context()))
	require.Error(t, w.mirror.Sync(t.Context()))
	require.Error(t, w.mirror.Erase(t.Context(), "user_1"))

	s.Start(t)
	for _, d := range events {
		require.Eventually(t, func() bool { return w.deliver(d) == http.StatusNoContent }, time.Minute, 10*time.Millisecond)
	}
	w.same()
	w.write("user_1", metadata.Patch{"n": 1}) // its event is lost
	require.Eventually(t, func() bool {
		ids, err := w.find(w.mirror, mirror.Where("public_metadata.n", 1))
		return err == nil && len(ids) == 1
	}, time.Minute, 10*time.Millisecond)
	cancel()
	<-ended
	w.errs.Range(func(text, _ any) bool {
		require.NotContains(t, text, "hidden")
		return true
	})
}

// Postgres does not answer: a lock is held on the table. The webhook is answered, and Get reads
// Clerk.
func TestPostgresHangs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.write("user_1", metadata.Patch{"n": 1})
	event := w.sent()[0]
	tx, err := w.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `LOCK TABLE clerkmirror_row`)
	require.NoError(t, err)
	w.mirror.SetBound(100 * time.Millisecond)
	require.Equal(t, http.StatusServiceUnavailable, w.deliver(event))
	config := all
	config.FallBack = 100 * time.Millisecond
	u, err := mirror.Get[open](t.Context(), w.another(config), "user_1")
	require.NoError(t, err)
	require.Equal(t, "user_1", u.ID)
	require.NotEmpty(t, w.clerk.Requests(clerktest.GetUser))

	require.NoError(t, tx.Rollback(t.Context()))
	w.mirror.SetBound(time.Hour)
	require.Equal(t, http.StatusNoContent, w.deliver(event))
	w.same()
}

// The connection that holds the lock of a sweep is lost: the sweep is complete, and another
// process may sweep.
func TestLockIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	lost := false
	c := w.through(func(*http.Request) {
		if !lost {
			lost = true
			w.terminate()
		}
	})
	m, err := mirror.New(w.pool, c, all)
	require.NoError(t, err)
	require.Error(t, m.Sync(t.Context()))
	w.same()
	require.NoError(t, w.mirror.Sync(t.Context()))
}

// terminate ends the connections that hold a lock of this database's.
func (w *world) terminate() {
	w.t.Helper()
	rows, err := w.pool.Query(w.t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_locks
		WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	require.NoError(w.t, err)
	ended, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	require.NoError(w.t, err)
	require.Equal(w.t, []bool{true}, ended)
}
