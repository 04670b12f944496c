package riverwrites

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/clerkmeta/clerkmeta-go/client"
)

// Names of the queues that AddWorkers adds to a River client.
const (
	// Queue has the jobs that send the writes of an entity.
	Queue = "clerkmeta_writes"
	// SweepQueue has the job that looks for writes that no job is going to send.
	SweepQueue = "clerkmeta_sweep"
)

// DefaultWorkers is how many entities a process sends the writes of at once, unless the
// River configuration has a Queue already.
const DefaultWorkers = 8

// Config configures an Outbox. The zero value stores bodies as they are, and continues with
// the later writes of an entity when one is refused.
type Config struct {
	// Keys seal the bodies of writes. The first seals new ones; each opens those that
	// carry its ID. The zero Key stands for bodies that are not sealed. No keys are the
	// zero Key alone.
	Keys []Key
	// Hold holds the later writes of an entity when one is refused, until an operator has
	// it retried or dropped.
	Hold bool
	// Schema is that of River's tables, river.Config.Schema. This module's own tables are
	// found by the search_path of the connection.
	Schema string
	// Logger reports what becomes of writes, without values; nil is slog.Default.
	Logger *slog.Logger
}

// Outbox stores metadata writes in Postgres and sends them. It is safe for concurrent use.
type Outbox struct {
	keys   keyring
	hold   bool
	schema string
	log    *slog.Logger
	jobs   *river.Client[pgx.Tx] // inserts only
	times  times
}

// times are the bounds of a worker.
type times struct {
	// call bounds a request with its retries.
	call time.Duration
	// lease is how long an entity stays a worker's without a sign of life. What is over
	// call is for an answer, or a request, that is late.
	lease time.Duration
	// turn is how long a job continues with the writes of one entity.
	turn time.Duration
	// sweep is the interval of the search for writes that no job is going to send.
	sweep time.Duration
}

// New returns an Outbox. It does no I/O. It fails for a key without an AEAD, and for an ID
// that is empty, longer than 64 bytes, not printable, or another key's.
func New(config Config) (*Outbox, error) {
	keys, err := newKeyring(config.Keys)
	if err != nil {
		return nil, err
	}
	log := cmp.Or(config.Logger, slog.Default())
	jobs, err := river.NewClient(silent{riverpgxv5.New(nil)}, &river.Config{Schema: config.Schema, Logger: log})
	if err != nil {
		return nil, fmt.Errorf("riverwrites.New: %w", err)
	}
	return &Outbox{
		keys: keys, hold: config.Hold, schema: config.Schema, jobs: jobs, log: log,
		times: times{call: 30 * time.Second, lease: 45 * time.Second, turn: 30 * time.Second, sweep: 20 * time.Second},
	}, nil
}

// silent is River's driver without notifications: transactions that notify commit one at a
// time. Workers find a job by polling, within a second.
type silent struct{ *riverpgxv5.Driver }

// SupportsListenNotify makes River insert jobs without NOTIFY.
func (silent) SupportsListenNotify() bool { return false }

// AddWorkers adds what sends the writes to the configuration of a River client: two kinds of
// jobs, their queues and a periodic job. The client that is made of it works as soon as it is
// started. c sends, with its limiter, retries and hooks.
//
// River runs periodic jobs in its leader, one client of all that have the same database and
// Schema. A client of these that works other jobs and lacks AddWorkers must have
// LeaderElectionDisabled: as the leader it would leave the writes of dead workers unsent.
//
// It does no I/O, and fails for a nil argument, another Schema than the Outbox has, and when
// called twice.
func (o *Outbox) AddWorkers(config *river.Config, pool *pgxpool.Pool, c *client.Client) error {
	switch {
	case config == nil || pool == nil || c == nil:
		return errors.New("riverwrites.AddWorkers: config, pool or client is nil")
	case config.Schema != o.schema:
		return fmt.Errorf("riverwrites.AddWorkers: the River configuration has Schema %q, and the outbox %q: make them equal", config.Schema, o.schema)
	}
	if config.Workers == nil {
		config.Workers = river.NewWorkers()
	}
	if err := river.AddWorkerSafely(config.Workers, &drainer{outbox: o, store: store{pool}, client: c}); err != nil {
		return fmt.Errorf("riverwrites.AddWorkers: %w", err)
	}
	if err := river.AddWorkerSafely(config.Workers, &sweeper{outbox: o, pool: pool}); err != nil {
		return fmt.Errorf("riverwrites.AddWorkers: %w", err)
	}
	if config.Queues == nil {
		config.Queues = map[string]river.QueueConfig{}
	}
	poll := river.FetchPollIntervalDefault // finds jobs, whose insertion notifies nobody
	if config.FetchPollInterval > 0 {
		poll = min(poll, config.FetchPollInterval)
	}
	for name, workers := range map[string]int{Queue: DefaultWorkers, SweepQueue: 1} {
		if _, set := config.Queues[name]; !set {
			config.Queues[name] = river.QueueConfig{MaxWorkers: workers, FetchPollInterval: poll}
		}
	}
	if !config.LeaderElectionDisabled { // only a leader has periodic jobs
		config.PeriodicJobs = append(config.PeriodicJobs, river.NewPeriodicJob(
			river.PeriodicInterval(o.times.sweep),
			func() (river.JobArgs, *river.InsertOpts) { return sweepArgs{}, nil },
			&river.PeriodicJobOpts{RunOnStart: true},
		))
	}
	return nil
}
