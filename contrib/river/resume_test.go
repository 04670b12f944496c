package riverwrites_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
)

// A write whose worker was killed resumes within two minutes: the longest a lease and River's
// leader can last, one interval of sweeps and one of polling add up to less, and nothing else
// is waited for. A worker is killed in the middle of a request, with the times of production;
// the test moves the end of its lease instead of waiting for it.
func TestResumesWithinTwoMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	call, lease, sweep := w.outbox.Times()
	require.Less(t, call, lease, "a request is over before another worker has the entity")

	// River's leader, which runs the sweeps, is replaced when its term has ended and another
	// client next asks, which it does every six seconds at most.
	idle := &river.Config{}
	require.NoError(t, w.outbox.AddWorkers(idle, w.pool, w.client))
	jobs, err := river.NewClient(riverpgxv5.New(w.pool), idle)
	require.NoError(t, err)
	require.NoError(t, jobs.Start(t.Context()))
	var term float64
	require.Eventually(t, func() bool {
		return w.pool.QueryRow(t.Context(), `SELECT extract(epoch FROM expires_at - now())::float8 FROM river_leader`).Scan(&term) == nil
	}, time.Minute, 20*time.Millisecond)
	require.NoError(t, jobs.Stop(t.Context()))
	leader := time.Duration(term*float64(time.Second)) + 6*time.Second
	require.Less(t, max(lease, leader)+sweep+river.FetchPollIntervalDefault, 2*time.Minute)

	release := make(chan struct{})
	url, arrivals := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}))
	defer close(release)
	f := newFleet(t, w.pool.Config().ConnString(), url, "")
	f.start(t)
	w.insert(t, private("a", 1))
	await(t, arrivals)
	f.kill(t, 0)
	_, err = w.pool.Exec(t.Context(), `DELETE FROM river_job WHERE state <> 'running' OR kind <> 'clerkmeta_wake'`)
	require.NoError(t, err)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM river_job`), "River would rescue it in an hour")
	var left time.Duration
	require.NoError(t, w.pool.QueryRow(t.Context(), `SELECT leased_until - tried_at FROM clerkmeta_lease, clerkmeta_write`).Scan(&left))
	require.LessOrEqual(t, left, lease, "by the clock of Postgres")

	require.NoError(t, w.outbox.Sweep(t.Context(), w.pool))
	woken := `SELECT count(*) FROM river_job WHERE state = 'available' AND priority = 1`
	if w.count(t, `SELECT count(*) FROM clerkmeta_lease WHERE leased_until > clock_timestamp()`) == 1 {
		require.Zero(t, w.count(t, woken), "the lease lasts")
	}
	_, err = w.pool.Exec(t.Context(), `UPDATE clerkmeta_lease SET leased_until = leased_until - $1::interval`, lease)
	require.NoError(t, err)
	_, err = w.pool.Exec(t.Context(), `DELETE FROM river_job WHERE state = 'available'`)
	require.NoError(t, err)
	require.NoError(t, w.outbox.Sweep(t.Context(), w.pool))
	require.Equal(t, 1, w.count(t, woken))
	require.NoError(t, jobs.Start(t.Context()))
	w.settled(t)
	require.NoError(t, jobs.Stop(t.Context()))
	require.Equal(t, 2, w.count(t, `SELECT attempts FROM clerkmeta_write`))
	require.Equal(t, `{"a":1}`, w.stored(t))
}

// A transaction that stays open holds back no write but its own.
func TestOpenTransaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	open, err := w.pool.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.Serializable})
	require.NoError(t, err)
	_, err = w.outbox.InsertTx(t.Context(), open, private("a", "first inserted"))
	require.NoError(t, err)
	w.insert(t, private("a", "first committed"))
	require.NoError(t, w.outbox.Sweep(t.Context(), w.pool))
	require.NoError(t, w.drain(t, user))
	require.Equal(t, `{"a":"first committed"}`, w.stored(t))
	require.NoError(t, open.Commit(t.Context()))
	require.NoError(t, w.drain(t, user))
	require.Equal(t, `{"a":"first inserted"}`, w.stored(t), "no order is promised of transactions that overlap")
	require.Equal(t, []string{"applied", "applied"}, w.states(t))
}
