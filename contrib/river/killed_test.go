package riverwrites_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/postgres"
	"github.com/clerkmeta/clerkmeta-go/metadata"
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
	// River does not start while Postgres does; whatever runs a service starts it again.
	for work(context.Background()) != nil {
		time.Sleep(100 * time.Millisecond)
	}
}

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
	config := &river.Config{}
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
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// killing is a run in which workers are killed.
type killing struct {
	kills, workers, writes, entities int
	lease                            string // "" is that of production
	patience                         time.Duration
}

// Workers are killed with SIGKILL while writes are inserted and sent, Clerk fails some
// requests, and Postgres crashes in the middle. In the end each entity has what its writes
// make of it in their order, and none is lost. CLERKMETA_KILLS makes it 100 kills of 8 workers
// during 2,000 writes to 200 entities, with the lease of production.
func TestKilled(t *testing.T) {
	t.Parallel()
	k := killing{kills: 4, workers: 2, writes: 80, entities: 10, lease: "4s", patience: 5 * time.Minute}
	if text := os.Getenv("CLERKMETA_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		k = killing{kills: n, workers: 8, writes: 20 * n, entities: 200, patience: 20 * time.Minute}
	}
	k.run(t)
}

func (k killing) run(t *testing.T) {
	t.Helper()
	s := postgres.Start(t)
	dsn := s.Database(t)
	pool := connect(t, dsn)
	migrated(t, pool)
	clerk := k.clerk(t)
	url, err := clerk.URL()
	require.NoError(t, err)
	f := &fleet{logs: t.TempDir(), env: append(os.Environ(), workerDSN+"="+dsn, workerClerk+"="+url, workerLease+"="+k.lease)}
	for range k.workers {
		f.start(t)
	}
	m := newModel(k.entities, pool, outbox(t, riverwrites.Config{}))
	for n := range k.kills {
		m.write(t, k.writes/k.kills)
		if n == k.kills/2 {
			s.Restart(t)
		}
		// The kill comes while a worker has an entity, as a rule.
		for end := time.Now().Add(5 * time.Second); !m.busy(t.Context()) && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		f.kill(t)
		f.start(t)
	}
	require.Eventually(t, func() bool {
		var left int // an error is that of a connection from before the crash
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM clerkmeta_write WHERE state <> 'applied'`).Scan(&left)
		return err == nil && left == 0
	}, k.patience, 100*time.Millisecond, f)
	m.compare(t, clerk)
	row := pool.QueryRow(t.Context(), `SELECT count(*), sum(attempts) - count(*), max(attempts), extract(epoch FROM max(settled_at - created_at))::float8 FROM clerkmeta_write`)
	var writes, doubled, most int
	var longest float64
	require.NoError(t, row.Scan(&writes, &doubled, &most, &longest))
	t.Logf("%d kills of %d workers, %d writes to %d entities in %d requests: all applied, sent once more than once %d times, one write %d times at most; the longest took %.0f s",
		k.kills, k.workers, writes, k.entities, len(clerk.Requests()), doubled, most, longest)
	f.stop(t)
}

// clerk returns a Clerk with the limits of production, each of whose requests takes a while,
// and some of which fail.
func (k killing) clerk(t *testing.T) *clerktest.Clerk {
	t.Helper()
	var seed clerktest.Seed
	for i := range k.entities {
		seed.Users = append(seed.Users, clerktest.User{ID: userID(i)})
	}
	clerk, err := clerktest.Config{Limits: clerktest.LimitsProduction}.New(seed)
	require.NoError(t, err)
	t.Cleanup(func() { _ = clerk.Close() })
	slow := clerktest.SlowHeaders(100 * time.Millisecond)
	for range 4 * k.writes {
		fault := slow
		switch rand.IntN(25) {
		case 0:
			fault = clerktest.Answer(503, "unavailable").And(slow)
		case 1:
			fault = clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(time.Second))
		case 2:
			fault = clerktest.Drop().And(clerktest.Applied())
		}
		require.NoError(t, clerk.Script(clerktest.AnyOperation, fault))
	}
	return clerk
}

func userID(i int) string { return fmt.Sprintf("user_%d", i) }

// fleet is the processes of workers.
type fleet struct {
	logs    string
	env     []string
	workers []*exec.Cmd
	stdins  []io.Closer
	started int
}

func (f *fleet) start(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	f.started++
	log, err := os.Create(filepath.Join(f.logs, strconv.Itoa(f.started)))
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	worker := exec.CommandContext(t.Context(), self)
	worker.Env, worker.Stdout, worker.Stderr = f.env, log, log
	stdin, err := worker.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, worker.Start())
	f.workers, f.stdins = append(f.workers, worker), append(f.stdins, stdin)
}

// kill kills a worker at random.
func (f *fleet) kill(t *testing.T) {
	t.Helper()
	i := rand.IntN(len(f.workers))
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

// model is what the entities become when their writes are applied in order.
type model struct {
	pool    *pgxpool.Pool
	outbox  *riverwrites.Outbox
	public  []metadata.Object
	private []metadata.Object
}

func newModel(entities int, pool *pgxpool.Pool, o *riverwrites.Outbox) *model {
	m := &model{pool: pool, outbox: o}
	for range entities {
		empty, _ := metadata.Empty().Object() // it encodes
		m.public, m.private = append(m.public, empty), append(m.private, empty)
	}
	return m
}

// write inserts n random writes in transactions of one to three. Transactions that overlap
// write to different entities, since no order is promised of others.
func (m *model) write(t *testing.T, n int) {
	t.Helper()
	const inserters = 4
	var wg sync.WaitGroup
	for part := range inserters {
		wg.Go(func() {
			for left := n / inserters; left > 0; {
				changes := m.changes(t, min(left, 1+rand.IntN(3)), part, inserters)
				left -= len(changes)
				// What was inserted by a transaction whose end is unknown is inserted
				// again, before any other write of the entity.
				require.Eventually(t, func() bool { return m.insert(t.Context(), changes) == nil }, 2*time.Minute, 10*time.Millisecond)
			}
		})
	}
	wg.Wait()
}

// busy reports whether a worker has an entity.
func (m *model) busy(ctx context.Context) (busy bool) {
	err := m.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM clerkmeta_lease WHERE leased_until > now())`).Scan(&busy)
	return err == nil && busy
}

func (m *model) insert(ctx context.Context, changes []bulk.Change) error {
	return pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
		var err error
		for _, change := range changes {
			_, insertErr := m.outbox.InsertTx(ctx, tx, change)
			err = errors.Join(err, insertErr)
		}
		return err
	})
}

// changes returns random changes of entities that belong to a part, and applies them here.
func (m *model) changes(t *testing.T, n, part, parts int) []bulk.Change {
	t.Helper()
	var changes []bulk.Change
	for range n {
		i := rand.IntN(len(m.public)/parts)*parts + part
		field := &m.public[i]
		if rand.IntN(2) == 0 {
			field = &m.private[i]
		}
		var err error
		if rand.IntN(10) == 0 {
			value := metadata.Of(map[string]any{"put": rand.IntN(1000)})
			*field, err = value.Object()
			v := bulk.Values{Public: value}
			if field == &m.private[i] {
				v = bulk.Values{Private: value}
			}
			changes = append(changes, bulk.ReplaceUser(userID(i), v))
		} else {
			patch := metadata.Patch{string(rune('a' + rand.IntN(4))): anyValue()}
			*field, err = metadata.Merge(*field, patch)
			f := bulk.Fields{Public: patch}
			if field == &m.private[i] {
				f = bulk.Fields{Private: patch}
			}
			changes = append(changes, bulk.PatchUser(userID(i), f))
		}
		require.NoError(t, err)
	}
	return changes
}

// anyValue is one of the values whose patches do not all compose.
func anyValue() any {
	n := rand.IntN(1000)
	switch rand.IntN(4) {
	case 0:
		return metadata.Delete
	case 1:
		return map[string]any{"x": n}
	case 2:
		return map[string]any{"y": n, "x": metadata.Delete}
	default:
		return n
	}
}

func (m *model) compare(t *testing.T, clerk *clerktest.Clerk) {
	t.Helper()
	for i := range m.public {
		u, ok := clerk.User(userID(i))
		require.True(t, ok)
		require.True(t, metadata.Equal(m.public[i], u.PublicMetadata), "user %d: %s, Clerk has %s", i, m.public[i], u.PublicMetadata)
		require.True(t, metadata.Equal(m.private[i], u.PrivateMetadata), "user %d: %s, Clerk has %s", i, m.private[i], u.PrivateMetadata)
	}
}
