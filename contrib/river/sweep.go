package riverwrites

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// sweepArgs are the arguments of the periodic job.
type sweepArgs struct{}

// Kind names the job for River.
func (sweepArgs) Kind() string { return sweepKind }

// InsertOpts gives the job its queue. A sweep that fails is followed by the next.
func (sweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: SweepQueue, MaxAttempts: 1}
}

// sweeper wakes workers for writes that no job is going to send: those of a worker that died
// and those that an operator has retried. It erases what is over.
type sweeper struct {
	river.WorkerDefaults[sweepArgs]

	outbox *Outbox
	pool   *pgxpool.Pool
}

// wakeMost bounds the jobs that one sweep inserts.
const wakeMost = 10_000

// strandedSQL finds the entities with something to send, that no worker has and no job is
// about to take. It compares sets, each of which Postgres reads once: a subquery for each
// entity would take hours where many wait, as they do when Clerk does not answer.
const strandedSQL = `SELECT organization_id, user_id FROM clerkmeta_write WHERE state IN ('pending', 'refused')
GROUP BY organization_id, user_id
HAVING bool_or(state = 'pending') AND NOT ($1 AND coalesce(min(seq) FILTER (WHERE state = 'refused') < min(seq) FILTER (WHERE state = 'pending'), false))
EXCEPT SELECT organization_id, user_id FROM clerkmeta_lease WHERE leased_until > clock_timestamp() OR due_at > clock_timestamp()
EXCEPT SELECT args->>'organization_id', args->>'user_id' FROM /* schema */river_job
	WHERE kind = '` + wakeKind + `' AND state IN ('available', 'retryable', 'scheduled') AND scheduled_at <= clock_timestamp() + $2::interval
LIMIT $3`

// forgetMost bounds the writes that one statement erases.
const forgetMost = 10_000

// forgetSQL erases what was applied or dropped a day ago.
const forgetSQL = `DELETE FROM clerkmeta_write WHERE seq = ANY(ARRAY(
	SELECT seq FROM clerkmeta_write WHERE state IN ('applied', 'dropped') AND settled_at < clock_timestamp() - interval '1 day' LIMIT $1))`

// freeSQL erases leases that have no line.
const freeSQL = `DELETE FROM clerkmeta_lease l WHERE leased_until <= clock_timestamp() AND due_at <= clock_timestamp() AND NOT EXISTS (
	SELECT FROM clerkmeta_write w WHERE w.organization_id = l.organization_id AND w.user_id = l.user_id AND w.state = 'pending')`

// Timeout makes a sweep independent of river.Config.JobTimeout.
func (s *sweeper) Timeout(*river.Job[sweepArgs]) time.Duration { return time.Minute }

// Work makes one sweep. It wakes workers before it erases, which can take long after a time
// without sweeps; what it has no time for is left to the next.
func (s *sweeper) Work(ctx context.Context, _ *river.Job[sweepArgs]) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return s.wake(ctx, tx) })
	if err != nil {
		return fmt.Errorf("waking workers: %w", err)
	}
	if _, err := s.pool.Exec(ctx, freeSQL); err != nil {
		return fmt.Errorf("erasing leases: %w", err)
	}
	for {
		tag, err := s.pool.Exec(ctx, forgetSQL, forgetMost)
		if err != nil {
			return fmt.Errorf("erasing writes that are over: %w", err)
		}
		if tag.RowsAffected() < forgetMost {
			return nil
		}
	}
}

func (s *sweeper) wake(ctx context.Context, tx pgx.Tx) error {
	entities, err := s.stranded(ctx, tx)
	if err != nil || len(entities) == 0 {
		return err
	}
	jobs := make([]river.InsertManyParams, len(entities))
	for i, e := range entities {
		// Before those that wait in the queue: these have waited.
		jobs[i] = river.InsertManyParams{Args: wakeArgs(e), InsertOpts: &river.InsertOpts{Queue: Queue, Priority: 1}}
	}
	_, err = s.outbox.jobs.InsertManyTx(ctx, tx, jobs)
	return err
}

func (s *sweeper) stranded(ctx context.Context, tx pgx.Tx) ([]bulk.Entity, error) {
	schema := ""
	if s.outbox.schema != "" {
		schema = pgx.Identifier{s.outbox.schema}.Sanitize() + "."
	}
	rows, err := tx.Query(ctx, strings.ReplaceAll(strandedSQL, "/* schema */", schema), s.outbox.hold, s.outbox.times.sweep, wakeMost)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[bulk.Entity])
}
