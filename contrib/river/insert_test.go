package riverwrites_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// A nil transaction would panic: what is refused is refused before any I/O.
func TestInsertRefuses(t *testing.T) {
	t.Parallel()
	o := outbox(t, riverwrites.Config{})
	named, err := firstChange(`{"email":"a@example.com","patch":{"private_metadata":{"a":1}}}`)
	require.NoError(t, err)
	for says, change := range map[string]bulk.Change{
		"has no verb":          {},
		"is empty":             bulk.PatchMembership("org_1", "", bulk.Fields{Public: metadata.Patch{"a": 1}}),
		"is a slug":            bulk.PatchOrganization("acme", bulk.Fields{Public: metadata.Patch{"a": 1}}),
		"only users":           bulk.PatchOrganization("org_1", bulk.Fields{Unsafe: metadata.Patch{"a": 1}}),
		"/a":                   bulk.PatchUser("user_1", bulk.Fields{Public: metadata.Patch{"a": nil}}),
		"nothing to write":     bulk.PatchUser("user_1", bulk.Fields{}),
		"expected patch or":    bulk.UnsetUser("user_1", "public_metadata/a"),
		"resolve it first":     named,
		"the limit is 8192":    bulk.ReplaceUser("user_1", bulk.Values{Public: metadata.Of(map[string]any{"a": strings.Repeat("x", 9000)})}),
		"the limit is 524288":  bulk.PatchUser("user_1", bulk.Fields{Public: metadata.Patch{"a": strings.Repeat("x", bulk.MaxLine)}}),
		"neither user nor org": bulk.ReplaceUser("", bulk.Values{Public: metadata.Empty()}),
	} {
		_, err := o.InsertTx(t.Context(), nil, change)
		require.ErrorContains(t, err, says)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.NotContains(t, err.Error(), "xxx")
	}
	_, err = o.InsertTx(t.Context(), nil, bulk.PatchUser("user_1", bulk.Fields{}))
	require.ErrorIs(t, err, clerkerr.ErrNothingToWrite)
}

func firstChange(line string) (bulk.Change, error) {
	for change, err := range bulk.ReadNDJSON(strings.NewReader(line)) {
		return change, err
	}
	return bulk.Change{}, errors.New("no line")
}

// Two open transactions write to one entity, at every isolation level: neither waits for the
// other, both commit, and each wakes a worker without a notification.
func TestNoTransactionWaits(t *testing.T) {
	t.Parallel()
	for _, level := range []pgx.TxIsoLevel{pgx.ReadCommitted, pgx.RepeatableRead, pgx.Serializable} {
		t.Run(string(level), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, riverwrites.Config{})
			listener, err := w.pool.Acquire(t.Context())
			require.NoError(t, err)
			defer listener.Release()
			_, err = listener.Exec(t.Context(), `LISTEN river_insert; LISTEN "public.river_insert"`)
			require.NoError(t, err)
			var txs []pgx.Tx
			for range 2 {
				tx, err := w.pool.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: level})
				require.NoError(t, err)
				_, err = tx.Exec(t.Context(), `SET LOCAL lock_timeout = '1ms'`) // waiting is an error
				require.NoError(t, err)
				txs = append(txs, tx)
			}
			for i := range 3 {
				for _, tx := range txs {
					_, err := w.outbox.InsertTx(t.Context(), tx, private("a", i))
					require.NoError(t, err)
				}
			}
			for _, tx := range txs {
				require.NoError(t, tx.Commit(t.Context()))
			}
			require.Equal(t, 6, w.count(t, `SELECT count(*) FROM clerkmeta_writes`))
			require.Equal(t, 2, w.count(t, `SELECT count(*) FROM river_job`), "one for each transaction")
			_, err = w.pool.Exec(t.Context(), `NOTIFY river_insert, 'mine'`)
			require.NoError(t, err)
			n, err := listener.Conn().WaitForNotification(t.Context())
			require.NoError(t, err)
			require.Equal(t, "mine", n.Payload, "the first")
		})
	}
}

// A transaction waits for no worker either: not for one that has the entity, nor one that
// records an outcome.
func TestNoTransactionWaitsForAWorker(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	w.insert(t, private("a", 1))
	busy, err := w.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = busy.Exec(t.Context(), `INSERT INTO clerkmeta_lease VALUES ('', 'user_1', 't', now())`)
	require.NoError(t, err)
	_, err = busy.Exec(t.Context(), `UPDATE clerkmeta_write SET state = 'applied'`)
	require.NoError(t, err)
	tx, err := w.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SET LOCAL lock_timeout = '1ms'`)
	require.NoError(t, err)
	_, err = w.outbox.InsertTx(t.Context(), tx, private("a", 2))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, busy.Rollback(t.Context()))
}

// What is rolled back leaves neither a write nor a job, a savepoint included.
func TestRollback(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	tx, err := w.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = w.outbox.InsertTx(t.Context(), tx, private("a", 1))
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	require.Zero(t, w.count(t, `SELECT count(*) FROM clerkmeta_write`)+w.count(t, `SELECT count(*) FROM river_job`))

	tx, err = w.pool.Begin(t.Context())
	require.NoError(t, err)
	inner, err := tx.Begin(t.Context())
	require.NoError(t, err)
	_, err = w.outbox.InsertTx(t.Context(), inner, private("a", 1))
	require.NoError(t, err)
	require.NoError(t, inner.Rollback(t.Context()))
	_, err = w.outbox.InsertTx(t.Context(), tx, private("a", 2))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_write`))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM river_job`), "the job of the savepoint is gone, and another is there")
}

// Without the tables, or after an error in the transaction, InsertTx fails.
func TestInsertFails(t *testing.T) {
	t.Parallel()
	pool := connect(t, server(t).Database(t))
	o := outbox(t, riverwrites.Config{})
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = o.InsertTx(t.Context(), tx, private("a", "secret value"))
	require.ErrorContains(t, err, "clerkmeta_write_seq")
	require.NotContains(t, err.Error(), "secret value")
	require.NoError(t, tx.Rollback(t.Context()))
	_, err = riverwrites.Migrate(t.Context(), pool)
	require.NoError(t, err)
	tx, err = pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = o.InsertTx(t.Context(), tx, private("a", "secret value"))
	require.ErrorContains(t, err, "river_job")
	require.NotContains(t, err.Error(), "secret value")
	require.NoError(t, tx.Rollback(t.Context()))
}

// Migrations that run at once, and again, make the tables once.
func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	pool := connect(t, server(t).Database(t))
	results := make(chan error)
	for range 4 {
		go func() {
			_, err := riverwrites.Migrate(t.Context(), pool)
			results <- err
		}()
	}
	for range 4 {
		require.NoError(t, <-results)
	}
	pool.Close()
	_, err := riverwrites.Migrate(t.Context(), pool)
	require.ErrorContains(t, err, "riverwrites.Migrate")
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for failures := 1; failures < 100; failures++ {
		d := riverwrites.Backoff(failures, 0)
		require.GreaterOrEqual(t, d, time.Second)
		require.LessOrEqual(t, d, time.Minute+time.Second)
		require.Equal(t, time.Hour, riverwrites.Backoff(failures, time.Hour))
	}
}
