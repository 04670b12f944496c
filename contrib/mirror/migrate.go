package mirror

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Numbers of advisory locks.
const (
	lockMigration = 7238514160392901
	lockRows      = 7238514160392902 // shared by writers, exclusive for deletions
	lockSweep     = 7238514160392903 // of the one process that sweeps
	lockRecent    = 7238514160392904 // of the one that reads recent updates
)

// Init creates the tables and views, or brings them up to date, and records
// Config.PrivateMetadata, in one transaction. Where that setting differs from the one recorded
// before, every row that is not a deletion is removed, and the next Sync reads all again.
func (m *Mirror) Init(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, m.db, func(tx pgx.Tx) error {
		if err := migrate(ctx, tx); err != nil {
			return err
		}
		return m.record(ctx, tx)
	})
	return failed("Init", err)
}

func migrate(ctx context.Context, tx pgx.Tx) error {
	var encoding string
	if err := tx.QueryRow(ctx, `SELECT current_setting('server_encoding')`).Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return errors.New("the encoding of the database is " + encoding + ": create one with UTF8")
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(lockMigration)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS clerkmirror_migration (version integer PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT now())`); err != nil {
		return err
	}
	var version int
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM clerkmirror_migration`).Scan(&version); err != nil {
		return err
	}
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		next, err := strconv.Atoi(number)
		if err != nil {
			return err
		}
		if next <= version {
			continue
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, string(text)); err != nil {
			return fmt.Errorf("%s: %w", path.Base(name), err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO clerkmirror_migration (version) VALUES ($1)`, next); err != nil {
			return err
		}
	}
	return nil
}

// record records Config.PrivateMetadata. Rows of the other setting hold too much or too little.
func (m *Mirror) record(ctx context.Context, tx pgx.Tx) error {
	var recorded bool
	err := tx.QueryRow(ctx, `SELECT private_metadata FROM clerkmirror_state`).Scan(&recorded)
	if errors.Is(err, pgx.ErrNoRows) {
		_, err = tx.Exec(ctx, `INSERT INTO clerkmirror_state (private_metadata) VALUES ($1)`, m.config.PrivateMetadata)
		return err
	}
	if err != nil || recorded == m.config.PrivateMetadata {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(lockRows)); err != nil {
		return err
	}
	for _, sql := range []string{
		`DELETE FROM clerkmirror_row WHERE NOT deleted`,
		`DELETE FROM clerkmirror_task`,
		`UPDATE clerkmirror_state SET private_metadata = NOT private_metadata, sweep_at = NULL, swept_at = NULL, recent_at = NULL, recent = NULL`,
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
