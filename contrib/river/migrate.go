package riverwrites

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrateSQL is run first. The lock, of this module's own number, makes two migrations wait
// for one another.
const migrateSQL = `SELECT pg_advisory_xact_lock(7238514160392831);
CREATE TABLE IF NOT EXISTS clerkmeta_migration (version integer PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT now())`

// Migrate creates the tables of this module, or brings them up to date, in one transaction. It
// returns the version that they now have. River's tables have their own tool, the command river
// or the package rivermigrate.
func Migrate(ctx context.Context, pool *pgxpool.Pool) (version int, err error) {
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		version, err = migrate(ctx, tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("riverwrites.Migrate: %w", err)
	}
	return version, nil
}

func migrate(ctx context.Context, tx pgx.Tx) (version int, err error) {
	if _, err := tx.Exec(ctx, migrateSQL); err != nil {
		return 0, err
	}
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM clerkmeta_migration`).Scan(&version); err != nil {
		return 0, err
	}
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		next, err := strconv.Atoi(number)
		if err != nil {
			return 0, err
		}
		if next <= version {
			continue
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, string(text)); err != nil {
			return 0, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO clerkmeta_migration (version) VALUES ($1)`, next); err != nil {
			return 0, err
		}
		version = next
	}
	return version, nil
}
