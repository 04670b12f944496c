package mirror_test

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
)

// A snapshot is killed with SIGKILL until it is complete, and no row differs from what Clerk
// holds. CLERKMETA_KILLS is how many snapshots.
func TestSnapshotKilled(t *testing.T) {
	t.Parallel()
	for range number(t, "CLERKMETA_KILLS", 1) {
		dsn := server(t).Database(t)
		w := newWorldAt(t, dsn, crowd(300), all)
		url, arrivals := counted(t, w.clerk.Clerk)
		kills := 0
		for ; ; kills++ {
			status, err := w.mirror.Status(t.Context())
			require.NoError(t, err)
			if !status.SweptAt.IsZero() {
				break
			}
			p := start(t, dsn, url)
			for range 1 + rand.IntN(15*(kills+1)) { // ever more, so that it ends
				await(t, arrivals)
			}
			p.kill()
		}
		w.same()
		t.Log(kills, "kills")
	}
}

// Two processes sweep one database again and again, and are killed, while Clerk changes and a
// third one gets some of the events. In the end no row differs from what Clerk holds.
// CLERKMETA_KILLS is how often.
func TestKilled(t *testing.T) {
	t.Parallel()
	kills := number(t, "CLERKMETA_KILLS", 5)
	dsn := server(t).Database(t)
	w := newWorldAt(t, dsn, crowd(300), all)
	url, arrivals := counted(t, w.clerk.Clerk)
	processes := []*process{start(t, dsn, url), start(t, dsn, url)}
	for n := range kills {
		var events sync.WaitGroup
		events.Go(func() {
			for _, d := range w.sent() {
				if rand.IntN(2) == 0 {
					w.deliver(d)
				}
			}
		})
		for i := range 20 {
			w.change(20*n + i)
		}
		for range 1 + rand.IntN(40) {
			await(t, arrivals)
		}
		processes[n%2].kill()
		processes[n%2] = start(t, dsn, url)
		events.Wait()
	}
	for _, p := range processes {
		p.kill()
	}
	status, err := w.mirror.Status(t.Context())
	require.NoError(t, err)
	require.NoError(t, w.mirror.Sync(t.Context())) // ends the sweep that was interrupted
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.same()
	require.Zero(t, w.count(`SELECT count(*) FROM clerkmirror_task`))
	t.Logf("%d kills, %d requests; before the last Sync %+v", kills, len(w.clerk.Requests()), status)
}

// counted serves Clerk, and sends to a channel as requests come.
func counted(t *testing.T, clerk http.Handler) (url string, arrivals chan struct{}) {
	t.Helper()
	arrivals = make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case arrivals <- struct{}{}:
		default:
		}
		clerk.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, arrivals
}

// await waits for a request. Its bound is one that only a hang breaks.
func await(t *testing.T, arrivals chan struct{}) {
	t.Helper()
	select {
	case <-arrivals:
	case <-time.After(2 * time.Minute):
		require.Fail(t, "no request has come")
	}
}

// process is another process with a mirror.
type process struct {
	t       *testing.T
	command *exec.Cmd
	log     bytes.Buffer
}

// The variables of a process's environment.
const (
	envDatabase = "CLERKMETA_MIRROR_DATABASE"
	envClerk    = "CLERKMETA_MIRROR_CLERK"
)

func start(t *testing.T, dsn, url string) *process {
	t.Helper()
	p := &process{t: t, command: exec.CommandContext(t.Context(), os.Args[0])}
	p.command.Env = append(os.Environ(), envDatabase+"="+dsn, envClerk+"="+url)
	p.command.Stdout, p.command.Stderr = &p.log, &p.log
	require.NoError(t, p.command.Start())
	return p
}

// kill kills the process within some milliseconds, in which it reads and stores. Until then no
// lock that it waited for waited for it.
func (p *process) kill() {
	p.t.Helper()
	time.AfterFunc(time.Duration(rand.IntN(20))*time.Millisecond, func() { _ = p.command.Process.Kill() })
	require.ErrorContains(p.t, p.command.Wait(), "killed", &p.log)
	require.NotContains(p.t, p.log.String(), "deadlock")
}

// TestMain runs the tests, or what a process of TestKilled does.
func TestMain(m *testing.M) {
	if os.Getenv(envDatabase) == "" {
		os.Exit(m.Run())
	}
	slog.Error("the process ends", "err", follow(context.Background(), os.Getenv(envDatabase), os.Getenv(envClerk)))
}

// follow sweeps without a pause.
func follow(ctx context.Context, dsn, url string) error {
	c, err := client.New(client.SecretKey(clerktest.DefaultSecretKey), client.WithBaseURL(url))
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return err
	}
	config := all
	config.RecentEvery, config.SweepEvery, config.Logger = 20*time.Millisecond, time.Nanosecond, slog.Default()
	m, err := mirror.New(pool, c, config)
	if err != nil {
		return err
	}
	m.SetPage(10)
	if err := m.Init(ctx); err != nil {
		return err
	}
	return m.Run(ctx)
}
