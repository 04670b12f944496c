package riverwrites_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
)

// logBuffer is a log that several goroutines write.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// River's own client sends what is committed, through failures and a refusal, and neither its
// tables, its log nor ours hold a value.
func TestWithRiver(t *testing.T) {
	t.Parallel()
	const secret = "secret value"
	w := newWorld(t, riverwrites.Config{})
	log := &logBuffer{}
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.outbox = outbox(t, riverwrites.Config{Logger: logger, Keys: []riverwrites.Key{key(t, "k")}})
	config := &river.Config{Logger: logger, FetchPollInterval: 20 * time.Millisecond, FetchCooldown: 10 * time.Millisecond}
	require.NoError(t, w.outbox.AddWorkers(config, w.pool, w.client))
	workers, err := river.NewClient(riverpgxv5.New(w.pool), config)
	require.NoError(t, err)
	w.clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(503, "unavailable"), clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(time.Second)))
	require.NoError(t, workers.Start(t.Context()))
	w.insert(t, private("a", secret), private("b", strings.Repeat(secret, 500)), private("c", strings.Repeat(secret, 500)))
	w.settled(t)
	require.NoError(t, workers.Stop(t.Context()))
	require.Equal(t, []string{"applied", "applied", "refused"}, w.states(t))
	require.Contains(t, w.stored(t), secret)

	for _, query := range []string{
		`SELECT to_jsonb(j) FROM river_job j`, `SELECT to_jsonb(w) FROM clerkmeta_writes w`, `SELECT to_jsonb(w) FROM clerkmeta_write w`,
		`SELECT to_jsonb(l) FROM clerkmeta_lines l`, `SELECT to_jsonb(l) FROM clerkmeta_lease l`,
	} {
		rows, err := w.pool.Query(t.Context(), query)
		require.NoError(t, err)
		found, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
		require.NoError(t, err)
		require.NotContains(t, fmt.Sprintf("%s", found), "secret", query)
	}
	require.NotContains(t, log.String(), "secret")
	require.Contains(t, log.String(), "clerk metadata writes: refused")
}

func TestAddWorkersRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	config := &river.Config{Queues: map[string]river.QueueConfig{riverwrites.Queue: {MaxWorkers: 3}}, FetchPollInterval: time.Hour, LeaderElectionDisabled: true}
	require.ErrorContains(t, w.outbox.AddWorkers(nil, w.pool, w.client), "nil")
	require.ErrorContains(t, w.outbox.AddWorkers(config, nil, w.client), "nil")
	require.ErrorContains(t, w.outbox.AddWorkers(config, w.pool, nil), "nil")
	require.ErrorContains(t, w.outbox.AddWorkers(&river.Config{Schema: "jobs"}, w.pool, w.client), `Schema "jobs"`)
	require.NoError(t, w.outbox.AddWorkers(config, w.pool, w.client))
	require.Equal(t, map[string]river.QueueConfig{
		riverwrites.Queue:      {MaxWorkers: 3},
		riverwrites.SweepQueue: {MaxWorkers: 1, FetchPollInterval: time.Second},
	}, config.Queues)
	require.Empty(t, config.PeriodicJobs, "River refuses them without a leader")
	require.ErrorContains(t, w.outbox.AddWorkers(config, w.pool, w.client), "clerkmeta_wake")
}

// River's tables can be in another schema.
func TestSchema(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	_, err := w.pool.Exec(t.Context(), `CREATE SCHEMA jobs; ALTER TABLE river_job SET SCHEMA jobs; ALTER TYPE river_job_state SET SCHEMA jobs;
		ALTER FUNCTION river_job_state_in_bitmask SET SCHEMA jobs`)
	require.NoError(t, err)
	w.outbox = outbox(t, riverwrites.Config{Schema: "jobs"})
	w.insert(t, private("a", 1))
	require.NoError(t, w.outbox.Sweep(t.Context(), w.pool))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM jobs.river_job`))
}
