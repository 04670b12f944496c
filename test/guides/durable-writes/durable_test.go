package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/postgres"
)

// What is committed here reaches Clerk, and nothing else does.
func TestDurableWrites(t *testing.T) {
	t.Parallel()
	db, err := pgxpool.New(t.Context(), postgres.Start(t).Database(t))
	require.NoError(t, err)
	defer db.Close()
	migrations, err := rivermigrate.New(riverpgxv5.New(db), nil)
	require.NoError(t, err)
	_, err = migrations.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)
	_, err = riverwrites.Migrate(t.Context(), db)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), `CREATE TABLE customers (clerk_id text PRIMARY KEY, plan text);
		INSERT INTO customers VALUES ('user_1', 'free'), ('user_gone', 'free')`)
	require.NoError(t, err)

	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	outbox, err := riverwrites.New(riverwrites.Config{})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /customers/{user}/plan", plans(db, outbox))
	for _, tc := range []struct {
		user, plan string
		status     int
	}{
		{"user_1", "pro", http.StatusAccepted},
		{"user_1", "team", http.StatusAccepted},
		{"user_1", strings.Repeat("x", 1<<20), http.StatusUnprocessableEntity},
		{"user_gone", "pro", http.StatusAccepted},
		{"user_unknown", "pro", http.StatusNotFound},
	} {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/customers/"+tc.user+"/plan?plan="+tc.plan, nil))
		require.Equal(t, tc.status, answer.Code, tc.user)
	}

	jobs, err := workers(db, outbox, clerk.Client())
	require.NoError(t, err)
	require.NoError(t, jobs.Start(t.Context()))
	require.Eventually(t, func() bool {
		var left int
		err := db.QueryRow(t.Context(), `SELECT count(*) FROM clerkmeta_writes WHERE state = 'pending'`).Scan(&left)
		return err == nil && left == 0
	}, 2*time.Minute, 20*time.Millisecond)
	require.NoError(t, jobs.Stop(t.Context()))
	user, _ := clerk.User("user_1")
	require.Equal(t, `{"plan":"team"}`, user.PublicMetadata.String())
	var plan string
	require.NoError(t, db.QueryRow(t.Context(), `SELECT plan FROM customers WHERE clerk_id = 'user_1'`).Scan(&plan))
	require.Equal(t, "team", plan, "the plan that cannot be stored was rolled back")

	page, err := os.ReadFile("../../../docs/guides/durable-writes.md")
	require.NoError(t, err)
	_, query, _ := strings.Cut(string(page), "```sql\n")
	query, _, _ = strings.Cut(query, "```")
	var oldest float64
	var refused int
	require.NoError(t, db.QueryRow(t.Context(), query).Scan(&oldest, &refused))
	require.Zero(t, oldest)
	require.Equal(t, 1, refused, "of the user who is gone")
}
