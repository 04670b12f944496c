package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/metric"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// Defaults of Config.
const (
	DefaultRecentEvery = time.Minute
	DefaultSweepEvery  = 24 * time.Hour
)

// Config says what a Mirror holds and when it reads Clerk. The zero value of each field is its
// default.
type Config struct {
	// PrivateMetadata has the mirror hold private metadata; without it they are removed before
	// anything is stored. Every process that shares the tables has the same setting, which Init
	// records.
	PrivateMetadata bool
	// RecentEvery is how often Run reads the users who were updated lately, and SweepEvery how
	// often it reads everything.
	RecentEvery, SweepEvery time.Duration
	// FallBack makes Get read Clerk when the database fails, or does not answer within it.
	// Zero makes Get fail.
	FallBack time.Duration
	// Logger gets a warning for each failure of Run; nil is none.
	Logger *slog.Logger
	// MeterProvider provides the meter of the metrics; nil is none.
	MeterProvider metric.MeterProvider
}

// Mirror keeps what Clerk holds of users, organizations and memberships in Postgres. It is safe
// for concurrent use, and any number of processes may have one on the same database.
type Mirror struct {
	db     *pgxpool.Pool
	clerk  *client.Client
	config Config
	page   int           // how many entities a request of a sweep reads
	bound  time.Duration // of Handle
	stores chan struct{} // bounds the connections of a sweep
	ready  atomic.Bool   // what prepare checks holds
	known  atomic.Bool   // what checkInstance checks holds
}

// New returns a Mirror in db of what c reads. It does no I/O: Init creates the tables. The
// sweeps obey the rate limit of c. A nil db or c, a pool of fewer than 3 connections and a
// negative duration are clerkerr.ErrInvalidArgument.
func New(db *pgxpool.Pool, c *client.Client, config Config) (*Mirror, error) {
	switch {
	case db == nil:
		return nil, invalid("New", "db is nil")
	case c == nil:
		return nil, invalid("New", "c is nil")
	case db.Config().MaxConns < 3:
		return nil, invalid("New", "db has fewer than 3 connections: set pool_max_conns")
	case config.RecentEvery < 0, config.SweepEvery < 0, config.FallBack < 0:
		return nil, invalid("New", "a duration of the Config is negative")
	}
	if config.RecentEvery == 0 {
		config.RecentEvery = DefaultRecentEvery
	}
	if config.SweepEvery == 0 {
		config.SweepEvery = DefaultSweepEvery
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	m := &Mirror{
		db: db, clerk: c, config: config, page: 200, bound: handleBound,
		stores: make(chan struct{}, db.Config().MaxConns/3),
	}
	if err := m.measure(); err != nil {
		return nil, failed("New", err)
	}
	return m, nil
}

// prepare checks once that the tables fit the Config.
func (m *Mirror) prepare(ctx context.Context) error {
	if m.ready.Load() {
		return nil
	}
	var private bool
	err := m.db.QueryRow(ctx, `SELECT private_metadata FROM clerkmirror_state`).Scan(&private)
	if pg := new(pgconn.PgError); errors.Is(err, pgx.ErrNoRows) || errors.As(err, &pg) && pg.Code == "42P01" {
		return errors.New("the tables do not exist: call Init")
	}
	if err != nil {
		return err
	}
	if err := m.fits(private); err != nil {
		return err
	}
	m.ready.Store(true)
	return nil
}

// fits checks that the tables are those of the Config.
func (m *Mirror) fits(private bool) error {
	if private == m.config.PrivateMetadata {
		return nil
	}
	return fmt.Errorf("Config.PrivateMetadata is %t and the tables were made for %t: give every process the same Config; Init with another one empties the mirror", m.config.PrivateMetadata, private)
}

// now is the time of the database, by which rows are compared.
func (m *Mirror) now(ctx context.Context) (now time.Time, err error) {
	err = m.db.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now)
	return now, err
}

func invalid(operation, reason string) error {
	return fmt.Errorf("mirror.%s: %w: %s", operation, clerkerr.ErrInvalidArgument, reason)
}

// failed names the operation, and removes from an error of Postgres what can quote values.
func failed(operation string, err error) error {
	if err == nil {
		return nil
	}
	if pg := new(pgconn.PgError); errors.As(err, &pg) {
		err = &pgconn.PgError{Severity: pg.Severity, Code: pg.Code, Message: pg.Message}
	}
	return fmt.Errorf("mirror.%s: %w", operation, err)
}
