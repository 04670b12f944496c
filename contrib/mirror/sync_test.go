package mirror_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// through is a client whose requests pass before.
func (w *world) through(before func(*http.Request), options ...client.Option) *client.Client {
	w.t.Helper()
	c, err := client.New(client.SecretKey(w.clerk.SecretKey()), append(options,
		client.WithHTTPClient(&http.Client{Transport: hook{w.clerk.Transport(), before}}))...)
	require.NoError(w.t, err)
	return c
}

type hook struct {
	http.RoundTripper
	before func(*http.Request)
}

func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	h.before(r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return h.RoundTripper.RoundTrip(r)
}

// A sweep that is interrupted again and again continues where it was.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, crowd(1000), all)
	var left atomic.Int64
	var stop context.CancelFunc
	c := w.through(func(*http.Request) {
		if left.Add(-1) == 0 {
			stop()
		}
	})
	runs := 0
	for ; ; runs++ {
		m, err := mirror.New(w.pool, c, all) // another process
		require.NoError(t, err)
		m.SetPage(10)
		ctx, cancel := context.WithCancel(t.Context())
		stop = cancel
		left.Store(60)
		err = m.Sync(ctx)
		cancel()
		if err == nil {
			break
		}
		require.ErrorIs(t, err, context.Canceled)
		status, err := w.mirror.Status(t.Context())
		require.NoError(t, err)
		require.Zero(t, status.SweptAt)
		require.Less(t, runs, 100, "it gets on")
	}
	require.Greater(t, runs, 2)
	w.same()
	require.Zero(t, w.count(`SELECT count(*) FROM clerkmirror_task`))
	status, err := w.mirror.Status(t.Context())
	require.NoError(t, err)
	require.Zero(t, status.Added, "a snapshot repairs nothing")
}

// Users who were created in one millisecond, more than a page of them, are all found.
func TestOneMillisecond(t *testing.T) {
	t.Parallel()
	s := crowd(100)
	for i := range s.Users {
		s.Users[i].CreatedAt = 1_700_000_000_000 + int64(i/40)
	}
	w := newWorld(t, s, all)
	w.mirror.SetPage(7)
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.same()
}

// What lost events left is repaired and counted.
func TestDrift(t *testing.T) {
	t.Parallel()
	w := newWorld(t, crowd(30), all)
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.remove("users/user_0000000")
	w.remove("organizations/org_1")
	w.remove("organizations/org_2/memberships/user_0000002")
	_, err := w.pool.Exec(t.Context(), `DELETE FROM clerkmirror_row WHERE id = 'user_0000020'`)
	require.NoError(t, err)
	_, err = w.pool.Exec(t.Context(), `UPDATE clerkmirror_row SET body = '{}', digest = 'x', updated_at = 1 WHERE id = 'user_0000021'`)
	require.NoError(t, err)
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.same()
	reader := sdkmetric.NewManualReader()
	measured := all
	measured.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	w.another(measured)
	var data metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &data))
	values := map[string]float64{}
	for _, metric := range data.ScopeMetrics[0].Metrics {
		switch data := metric.Data.(type) {
		case metricdata.Gauge[float64]:
			values[metric.Name] = data.DataPoints[0].Value
		case metricdata.Sum[int64]:
			for _, point := range data.DataPoints {
				repair, _ := point.Attributes.Value("clerkmeta.mirror.repair")
				values[repair.AsString()] = float64(point.Value)
			}
		}
	}
	require.Positive(t, values["clerkmeta.mirror.lag"])
	delete(values, "clerkmeta.mirror.lag")
	// Three deletions, and the memberships of the user and of the organization with them.
	require.Equal(t, map[string]float64{"added": 1, "changed": 1, "removed": 6}, values)
	w.pool.Close()
	require.Error(t, reader.Collect(t.Context(), &data))
}

func TestAnotherInstance(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	require.NoError(t, w.mirror.Sync(t.Context()))
	other := clerktest.Start(t, crowd(20))
	config := all
	config.RecentEvery = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log := &lines{full: cancel}
	log.left.Store(3)
	config.Logger = slog.New(slog.NewTextHandler(log, nil))
	m, err := mirror.New(w.pool, other.Client(), config)
	require.NoError(t, err)
	require.ErrorContains(t, m.Sync(t.Context()), "the key is that of another instance")
	require.ErrorIs(t, m.Run(ctx), context.Canceled)
	w.same()
	// A sweep that was interrupted is not continued with that key either.
	_, err = w.pool.Exec(t.Context(), `UPDATE clerkmirror_state SET sweep_at = clock_timestamp()`)
	require.NoError(t, err)
	require.ErrorContains(t, m.Sync(t.Context()), "the key is that of another instance")
	w.same()
}

// lines is a log that calls full when as many lines as were left have come.
type lines struct {
	full func()
	left atomic.Int64
}

func (l *lines) Write(line []byte) (int, error) {
	if l.left.Add(-1) == 0 {
		l.full()
	}
	return len(line), nil
}

func TestNoOrganizations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, clerktest.Seed{}, all)
	w.clerk.Script(clerktest.ListOrganizations, clerktest.Answer(403, "organization_not_enabled_in_instance"))
	require.NoError(t, w.mirror.Sync(t.Context()), "and no user")
	w.write(w.create(), metadata.Patch{"n": 1})
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.same()
}

// Two processes follow Clerk by reading alone, and one of them does each thing.
func TestRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, crowd(50), all)
	config := all
	config.RecentEvery = 20 * time.Millisecond
	var log bytes.Buffer
	config.Logger = slog.New(slog.NewTextHandler(&log, nil))
	w.clerk.Script(clerktest.GetUserList, clerktest.Answer(403, "forbidden"))
	ctx, cancel := context.WithCancel(t.Context())
	var both sync.WaitGroup
	for range 2 {
		m := w.another(config)
		both.Go(func() { _ = m.Run(ctx) })
	}
	require.Eventually(t, func() bool {
		s, err := w.mirror.Status(t.Context())
		return err == nil && !s.SweptAt.IsZero() && s.Lag >= 0
	}, time.Minute, 5*time.Millisecond)
	require.NoError(t, w.mirror.Check(t.Context()))
	w.write("user_0000007", metadata.Patch{"plan": "new"})
	w.create()
	require.Eventually(t, func() bool {
		ids, err := w.find(w.mirror, mirror.Where("public_metadata.plan", "new"))
		return err == nil && len(ids) == 1 && w.count(`SELECT count(*) FROM clerk_users`) == 51
	}, time.Minute, 5*time.Millisecond)
	cancel()
	both.Wait()
	w.same()
	require.Len(t, w.clerk.Requests(clerktest.ListOrganizations), 1, "one sweep of both")
	require.Contains(t, log.String(), "the mirror is not up to date")
	_, err := w.pool.Exec(t.Context(), `UPDATE clerkmirror_state SET recent_at = clock_timestamp() - interval '1 hour'`)
	require.NoError(t, err)
	require.ErrorContains(t, w.mirror.Check(t.Context()), "1h0m0s ago, at most 3m0s is expected")
}

// create creates a user at Clerk.
func (w *world) create() string {
	w.t.Helper()
	u, err := w.client.Users.CreateUser(w.t.Context(), noPassword)
	require.NoError(w.t, err)
	return u.ID
}

// A snapshot uses at least 95 % of the production limit where an answer takes 300 ms, by the times
// at which the limiter allowed its requests: of the first and the last that are whole windows
// apart, since a limit allows as many in the first second of a window as in all of it.
func TestQuota(t *testing.T) {
	t.Parallel()
	dsn := server(t).Database(t)
	synctest.Test(t, func(t *testing.T) {
		const windows, most, page = 2, int(client.ProductionLimit), 2
		source := invent(t, windows*most*(page-1)+page) // pages share a user
		source.asked = func(int) { time.Sleep(300 * time.Millisecond) }
		limiter, err := client.NewLimiter(client.ProductionLimit, client.DefaultWriteLimit)
		require.NoError(t, err)
		record := &recorder{Limiter: limiter}
		c, err := client.New(client.SecretKey(clerktest.DefaultSecretKey), client.WithLimiter(record),
			client.WithHTTPClient(&http.Client{Transport: inprocess.Transport(source)}))
		require.NoError(t, err)
		pool := connect(t, dsn)
		m, err := mirror.New(pool, c, all)
		require.NoError(t, err)
		require.NoError(t, m.Init(t.Context()))
		m.SetPage(page)
		require.NoError(t, m.Sync(t.Context()))
		require.Greater(t, len(record.granted), windows*most)
		took := record.granted[windows*most].Sub(record.granted[0])
		share := windows * 10 * time.Second.Seconds() / took.Seconds()
		t.Logf("%d requests in %s of the fake clock: %.1f %% of the quota", windows*most, took, 100*share)
		require.GreaterOrEqual(t, share, 0.95)
		require.LessOrEqual(t, share, 1.0)
		pool.Close()
	})
}

// recorder records when a limiter allowed a request.
type recorder struct {
	client.Limiter

	mu      sync.Mutex
	granted []time.Time
}

func (r *recorder) Wait(ctx context.Context, request observe.Request) error {
	err := r.Limiter.Wait(ctx, request)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.granted = append(r.granted, time.Now())
	return err
}

// 20,000 users are in the mirror after one Sync.
func TestCrowd(t *testing.T) {
	t.Parallel()
	n := 20000
	if testing.Short() {
		n = 2000
	}
	w := newWorld(t, crowd(n), all)
	require.NoError(t, w.mirror.Sync(t.Context()))
	require.Equal(t, n, w.count(`SELECT count(*) FROM clerk_users`))
	ids, err := w.find(w.mirror, mirror.Where("private_metadata.stripeId", "cus_1234"))
	require.NoError(t, err)
	require.Equal(t, []string{"user_0001234"}, ids)
	plan := plan(t, w.pool)
	require.Contains(t, plan, "clerkmirror_private")
	require.NotContains(t, plan, "clerkmirror_row_pkey", "which holds every user")
	t.Log(len(w.clerk.Requests()), "requests")
}

// plan is how Postgres finds a user by private metadata.
func plan(tb testing.TB, pool *pgxpool.Pool) string {
	tb.Helper()
	rows, err := pool.Query(tb.Context(), `EXPLAIN SELECT body FROM clerkmirror_row WHERE kind = 'user' AND NOT deleted
		AND private_metadata @> '{"stripeId":"cus_1234"}'`)
	require.NoError(tb, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(tb, err)
	return strings.Join(lines, "\n")
}
