// Code generated from docs/guides/clerk-webhooks.md. DO NOT EDIT.

package main

import (
	"context"
	"database/sql"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

const schema = `
CREATE TABLE IF NOT EXISTS clerk_events (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS clerk_users (
	id         TEXT PRIMARY KEY,
	updated_at BIGINT NOT NULL,
	plan       TEXT NOT NULL,
	deleted    BOOLEAN NOT NULL
);`

type mirror struct{ db *sql.DB }

// handle applies an event once.
func (m *mirror) handle(ctx context.Context, event webhook.Event) error {
	tx, err := m.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // of no effect after Commit
	added, err := tx.ExecContext(ctx, `INSERT INTO clerk_events (id) VALUES ($1) ON CONFLICT DO NOTHING`, event.ID)
	if err != nil {
		return err
	}
	if n, err := added.RowsAffected(); n == 0 {
		return err // it came before
	}
	switch event.Type {
	case webhook.UserCreated, webhook.UserUpdated:
		user, err := event.User()
		if err != nil {
			return err
		}
		if err := store(ctx, tx, user); err != nil {
			return err
		}
	case webhook.UserDeleted:
		user, err := event.Deleted()
		if err != nil {
			return err
		}
		if err := remove(ctx, tx, user.ID); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// execer is a database or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// account is what this program reads of a user.
type account struct {
	Private struct {
		Plan string `json:"plan"`
	} `json:"private_metadata"`
}

// store stores a user, unless a newer version or the deletion is stored.
func store(ctx context.Context, db execer, user *users.User) error {
	account, err := users.As[account](nil).Decode(user)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `
		INSERT INTO clerk_users (id, updated_at, plan, deleted) VALUES ($1, $2, $3, FALSE)
		ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, plan = excluded.plan
		WHERE excluded.updated_at > clerk_users.updated_at AND NOT clerk_users.deleted`,
		user.ID, user.UpdatedAt.UnixMilli(), account.Private.Plan)
	return err
}

// remove stores the deletion of a user, who may not have been stored yet.
func remove(ctx context.Context, db execer, id string) error {
	_, err := db.ExecContext(ctx, `
		INSERT INTO clerk_users (id, updated_at, plan, deleted) VALUES ($1, 0, '', TRUE)
		ON CONFLICT (id) DO UPDATE SET plan = '', deleted = TRUE`, id)
	return err
}

// reconcile reads all users from Clerk, and finds those that are no longer there.
func (m *mirror) reconcile(ctx context.Context, c *client.Client) error {
	for user, err := range c.Users.All(ctx, users.AllParams{}) {
		if err != nil {
			return err
		}
		if err := store(ctx, m.db, user); err != nil {
			return err
		}
	}
	ids, err := m.stored(ctx)
	if err != nil {
		return err
	}
	_, missing, err := c.Users.GetMany(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range missing {
		if err := remove(ctx, m.db, id); err != nil {
			return err
		}
	}
	return nil
}

// stored returns the ids of the users that are not deleted.
func (m *mirror) stored(ctx context.Context) (ids []string, err error) {
	rows, err := m.db.QueryContext(ctx, `SELECT id FROM clerk_users WHERE NOT deleted`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func main() {
	receiver, err := webhook.New(webhook.SigningSecret(os.Getenv("CLERK_WEBHOOK_SIGNING_SECRET")))
	if err != nil {
		log.Fatal(err)
	}
	receiver.OnError = func(ctx context.Context, event webhook.Event, err error) {
		slog.ErrorContext(ctx, "webhook", "id", event.ID, "type", event.Type, "err", err)
	}
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := db.Exec(schema); err != nil {
		log.Fatal(err)
	}
	c, err := client.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	m := &mirror{db}
	if err := m.reconcile(context.Background(), c); err != nil {
		log.Fatal(err)
	}
	http.Handle("/clerk", receiver.Handler(m.handle))
	server := &http.Server{Addr: "127.0.0.1:8080", ReadTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
