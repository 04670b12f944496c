package riverwrites_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/postgres"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// shared is the server of this process.
var shared struct {
	sync.Mutex

	server *postgres.Server
}

// server returns the server of this process, which the first test starts.
func server(t *testing.T) *postgres.Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		shared.server = postgres.Start(t)
		t.Log(shared.server.Version)
	}
	return shared.server
}

// connect returns a pool of connections to a database.
func connect(t *testing.T, dsn string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// migrated creates River's tables and this module's.
func migrated(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	m, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	require.NoError(t, err)
	_, err = m.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)
	version, err := riverwrites.Migrate(t.Context(), pool)
	require.NoError(t, err)
	require.Equal(t, 1, version)
}

// world is a database, a Clerk and an outbox between them.
type world struct {
	pool   *pgxpool.Pool
	clerk  *clerktest.Test
	client *client.Client
	outbox *riverwrites.Outbox
}

var (
	user       = bulk.Entity{UserID: "user_1"}
	other      = bulk.Entity{UserID: "user_2"}
	org        = bulk.Entity{OrganizationID: "org_1"}
	membership = bulk.Entity{OrganizationID: "org_1", UserID: "user_1"}
)

func newWorld(t *testing.T, config riverwrites.Config) *world {
	t.Helper()
	w := &world{pool: connect(t, server(t).Database(t))}
	migrated(t, w.pool)
	w.clerk = clerktest.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1"}, {ID: "user_2"}},
		Organizations: []clerktest.Organization{{ID: "org_1"}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}},
	})
	w.client = w.clerk.Client(client.WithRetry(client.Retry{MaxRetries: client.None}))
	w.outbox = outbox(t, config)
	return w
}

func outbox(t *testing.T, config riverwrites.Config) *riverwrites.Outbox {
	t.Helper()
	o, err := riverwrites.New(config)
	require.NoError(t, err)
	return o
}

// insert commits changes in one transaction, and returns their sequence numbers.
func (w *world) insert(t *testing.T, changes ...bulk.Change) []int64 {
	t.Helper()
	var seqs []int64
	require.NoError(t, pgx.BeginFunc(t.Context(), w.pool, func(tx pgx.Tx) error {
		for _, change := range changes {
			seq, err := w.outbox.InsertTx(t.Context(), tx, change)
			if err != nil {
				return err
			}
			seqs = append(seqs, seq)
		}
		return nil
	}))
	return seqs
}

// drain sends what is pending, and returns the error of a River job.
func (w *world) drain(t *testing.T, e bulk.Entity) error {
	t.Helper()
	return w.outbox.Drain(t.Context(), w.pool, w.client, e)
}

// snoozed returns for how many seconds a job snoozes.
func snoozed(t *testing.T, err error) float64 {
	t.Helper()
	var snooze *river.JobSnoozeError
	require.ErrorAs(t, err, &snooze)
	return snooze.Duration.Seconds()
}

// bodies are those that Clerk received, in order.
func (w *world) bodies() []string {
	var bodies []string
	for _, r := range w.clerk.Requests() {
		bodies = append(bodies, r.Method+" "+string(r.Body))
	}
	return bodies
}

// states are those of all writes, in order.
func (w *world) states(t *testing.T) []string {
	t.Helper()
	rows, err := w.pool.Query(t.Context(), `SELECT state FROM clerkmeta_writes ORDER BY seq`)
	require.NoError(t, err)
	states, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return states
}

// count is the number that a query returns.
func (w *world) count(t *testing.T, sql string, args ...any) int {
	t.Helper()
	var n int
	require.NoError(t, w.pool.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// settled waits until nothing is pending. Its bound is one that only a hang breaks.
func (w *world) settled(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		var left int
		err := w.pool.QueryRow(t.Context(), `SELECT count(*) FROM clerkmeta_write WHERE state = 'pending'`).Scan(&left)
		return err == nil && left == 0
	}, 5*time.Minute, 20*time.Millisecond)
}

// private is a patch of the private metadata of user_1.
func private(key string, value any) bulk.Change {
	return bulk.PatchUser("user_1", bulk.Fields{Private: metadata.Patch{key: value}})
}

// stored is the private metadata of user_1.
func (w *world) stored(t *testing.T) string {
	t.Helper()
	u, ok := w.clerk.User("user_1")
	require.True(t, ok)
	return fmt.Sprint(u.PrivateMetadata)
}
