package riverwrites_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/postgres"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

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
	k := killing{kills: 4, workers: 2, writes: 80, entities: 10, lease: "12s", patience: 5 * time.Minute}
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
	url, arrivals := serve(t, clerk)
	f := newFleet(t, dsn, url, k.lease)
	for range k.workers {
		f.start(t)
	}
	m := newModel(k.entities, pool, outbox(t, riverwrites.Config{}))
	for n := range k.kills {
		forget(arrivals)
		m.write(t, k.writes/k.kills)
		if n == k.kills/2 {
			s.Restart(t)
		}
		await(t, arrivals) // a worker has an entity, and its request takes a while
		f.kill(t, rand.IntN(k.workers))
		f.start(t)
	}
	require.Eventually(t, func() bool {
		if k.lease != "" { // River's leader may be dead, and is replaced after a while
			_ = m.outbox.Sweep(t.Context(), pool)
		}
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

// serve serves Clerk, and reports in a channel that holds one that requests have come.
func serve(t *testing.T, clerk http.Handler) (url string, arrivals chan struct{}) {
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

// forget forgets an arrival.
func forget(arrivals chan struct{}) {
	select {
	case <-arrivals:
	default:
	}
}

// await waits for an arrival. Its bound is one that only a hang breaks.
func await(t *testing.T, arrivals chan struct{}) {
	t.Helper()
	select {
	case <-arrivals:
	case <-time.After(2 * time.Minute):
		require.Fail(t, "no request has come")
	}
}

func userID(i int) string { return fmt.Sprintf("user_%d", i) }

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
