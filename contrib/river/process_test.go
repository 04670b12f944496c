package riverwrites_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
)

// Variables of the test binary when it runs as a worker.
const (
	workerDSN   = "CLERKMETA_TEST_WORKER_DSN"
	workerClerk = "CLERKMETA_TEST_WORKER_CLERK"
	workerLease = "CLERKMETA_TEST_WORKER_LEASE"
)

func TestMain(m *testing.M) {
	if os.Getenv(workerDSN) == "" {
		os.Exit(m.Run())
	}
	if err := work(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// started is what a worker prints when it works.
const started = "started\n"

// work is the process of a worker. It ends with its standard input, which its parent holds.
func work(ctx context.Context) error {
	pool, err := pgxpool.New(ctx, os.Getenv(workerDSN))
	if err != nil {
		return err
	}
	c, err := client.New(client.SecretKey(clerktest.DefaultSecretKey), client.WithBaseURL(os.Getenv(workerClerk)+"/v1"))
	if err != nil {
		return err
	}
	o, err := riverwrites.New(riverwrites.Config{})
	if err != nil {
		return err
	}
	if text := os.Getenv(workerLease); text != "" {
		lease, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		o.SetTimes(lease, time.Second)
	}
	config := &river.Config{Logger: slog.Default()}
	if err := o.AddWorkers(config, pool, c); err != nil {
		return err
	}
	jobs, err := river.NewClient(riverpgxv5.New(pool), config)
	if err != nil {
		return err
	}
	if err := jobs.Start(ctx); err != nil {
		return err
	}
	fmt.Print(started)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// fleet is the processes of workers.
type fleet struct {
	logs    string
	env     []string
	workers []*exec.Cmd
	stdins  []io.Closer
	started int
}

// newFleet returns a fleet without workers. An empty lease is that of production.
func newFleet(t *testing.T, dsn, clerk, lease string) *fleet {
	t.Helper()
	return &fleet{logs: t.TempDir(), env: append(os.Environ(), workerDSN+"="+dsn, workerClerk+"="+clerk, workerLease+"="+lease)}
}

// start starts a worker, and waits until it works.
func (f *fleet) start(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	f.started++
	log, err := os.Create(filepath.Join(f.logs, strconv.Itoa(f.started)))
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	worker := exec.CommandContext(t.Context(), self)
	worker.Env, worker.Stderr = f.env, log
	stdin, err := worker.StdinPipe()
	require.NoError(t, err)
	stdout, err := worker.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, worker.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, f)
	require.Equal(t, started, line, f)
	f.workers, f.stdins = append(f.workers, worker), append(f.stdins, stdin)
}

// kill kills a worker.
func (f *fleet) kill(t *testing.T, i int) {
	t.Helper()
	require.NoError(t, f.workers[i].Process.Kill())
	require.ErrorContains(t, f.workers[i].Wait(), "killed", "it ran until then: %s", f)
	f.workers = append(f.workers[:i], f.workers[i+1:]...)
	f.stdins = append(f.stdins[:i], f.stdins[i+1:]...)
}

func (f *fleet) stop(t *testing.T) {
	t.Helper()
	for i, stdin := range f.stdins {
		require.NoError(t, stdin.Close())
		require.NoError(t, f.workers[i].Wait(), f)
	}
}

// String returns the ends of the logs.
func (f *fleet) String() string {
	var all string
	for i := range f.started {
		text, err := os.ReadFile(filepath.Join(f.logs, strconv.Itoa(i+1)))
		all += fmt.Sprintf("worker %d: %v\n%s\n", i+1, err, text[max(0, len(text)-2000):])
	}
	return all
}
