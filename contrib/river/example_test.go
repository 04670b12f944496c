package riverwrites_test

import (
	"context"
	"crypto/cipher"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// newOutbox, upgrade, workers and sealedOutbox are what the README shows.
func newOutbox() (*riverwrites.Outbox, error) {
	outbox, err := riverwrites.New(riverwrites.Config{})
	return outbox, err
}

func upgrade(ctx context.Context, tx pgx.Tx, outbox *riverwrites.Outbox) (err error) {
	_, err = outbox.InsertTx(ctx, tx, bulk.PatchUser("user_1", bulk.Fields{
		Private: metadata.Patch{"plan": "pro"},
	}))
	return err
}

func workers(outbox *riverwrites.Outbox, pool *pgxpool.Pool, c *client.Client) (*river.Client[pgx.Tx], error) {
	config := &river.Config{}
	if err := outbox.AddWorkers(config, pool, c); err != nil {
		return nil, err
	}
	return river.NewClient(riverpgxv5.New(pool), config)
}

func sealedOutbox(aead cipher.AEAD) (*riverwrites.Outbox, error) {
	outbox, err := riverwrites.New(riverwrites.Config{
		Keys: []riverwrites.Key{{ID: "2026", AEAD: aead}},
	})
	return outbox, err
}

// The README's Go is in this file, and works. So does its SQL.
func TestWhatTheReadmeShows(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	code := strings.ReplaceAll(string(source), "\n\t", "\n")
	for i, part := range strings.Split(string(readme), "```go\n")[1:] {
		snippet, _, _ := strings.Cut(part, "```")
		require.Contains(t, code, snippet, fmt.Sprint("block ", i))
	}
	w := newWorld(t, riverwrites.Config{})
	_, err = newOutbox()
	require.NoError(t, err)
	w.outbox, err = sealedOutbox(key(t, "k").AEAD)
	require.NoError(t, err)
	jobs, err := workers(w.outbox, w.pool, w.client)
	require.NoError(t, err)
	require.NoError(t, jobs.Start(t.Context()))
	require.NoError(t, pgx.BeginFunc(t.Context(), w.pool, func(tx pgx.Tx) error { return upgrade(t.Context(), tx, w.outbox) }))
	w.settled(t)
	require.Equal(t, `{"plan":"pro"}`, w.stored(t))
	require.NoError(t, jobs.Stop(t.Context()))
	for _, part := range strings.Split(string(readme), "```sql\n")[1:] {
		statements, _, _ := strings.Cut(part, "```")
		_, err := w.pool.Exec(t.Context(), statements)
		require.NoError(t, err, statements)
	}
}
