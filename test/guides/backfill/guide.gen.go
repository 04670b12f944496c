// Code generated from docs/guides/backfill.md. DO NOT EDIT.

package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/signal"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// writeChanges writes a line of NDJSON for each customer.
func writeChanges(ctx context.Context, db *sql.DB, w io.Writer) error {
	rows, err := db.QueryContext(ctx, `SELECT clerk_id, stripe_id, seats FROM customers ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	lines := json.NewEncoder(w)
	for rows.Next() {
		var userID string
		var stripeID sql.Null[string]
		var seats sql.Null[int64]
		if err := rows.Scan(&userID, &stripeID, &seats); err != nil {
			return err
		}
		patch := metadata.Patch{}
		if stripeID.Valid {
			patch["stripeId"] = stripeID.V
		}
		if seats.Valid {
			patch["seats"] = seats.V
		}
		change := bulk.PatchUser(userID, bulk.Fields{Private: patch})
		if err := change.Check(); err != nil {
			return fmt.Errorf("customer with the Clerk id %q: %w", userID, err)
		}
		if err := lines.Encode(change); err != nil {
			return err
		}
	}
	return rows.Err()
}

func prepare(ctx context.Context, db *sql.DB, path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err := errors.Join(writeChanges(ctx, db, w), w.Flush(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// apply makes the changes of the file that the checkpoint beside it lacks, and returns how
// many were made and how many were not.
func apply(ctx context.Context, c *client.Client, path, instance string) (made, failed int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return 0, 0, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, 0, err
	}
	identity := bulk.Identity{Input: hex.EncodeToString(sum.Sum(nil)), Instance: instance}
	checkpoint, err := bulk.OpenCheckpoint(path+".done", identity)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, checkpoint.Close()) }()

	for result, err := range bulk.Apply(ctx, c, bulk.ReadNDJSON(f), bulk.ApplyParams{Checkpoint: checkpoint}) {
		switch {
		case err != nil:
			return made, failed, err
		case result.OK():
			made++
		default:
			failed++
			log.Print(result.Change.Entity(), ": ", result.Outcome, ": ", result.Err)
		}
	}
	return made, failed, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.FromEnv(client.WithRateLimit(client.ProductionLimit))
	if err != nil {
		log.Fatal(err)
	}
	if err := prepare(ctx, db, "changes.ndjson"); err != nil {
		log.Fatal(err)
	}
	made, failed, err := apply(ctx, c, "changes.ndjson", "production")
	log.Print(made, " made, ", failed, " failed")
	if err != nil {
		log.Fatal(err, "; run it again to continue")
	}
}
