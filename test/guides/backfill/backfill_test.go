package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/DATA-DOG/go-sqlmock"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// customers is a database that answers the program's query with rows.
func customers(t *testing.T, rows *sqlmock.Rows) *sql.DB {
	t.Helper()
	db, mock, err := sqlmock.New()
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	mock.ExpectQuery("SELECT clerk_id, stripe_id, seats FROM customers").WillReturnRows(rows)
	return db
}

func columns() *sqlmock.Rows { return sqlmock.NewRows([]string{"clerk_id", "stripe_id", "seats"}) }

func TestBackfill(t *testing.T) {
	t.Parallel()
	fake := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{
		{ID: "user_1", PrivateMetadata: map[string]any{"crm": 7}},
		{ID: "user_2", PrivateMetadata: map[string]any{"seats": 2}},
		{ID: "user_3"},
	}})
	path := filepath.Join(t.TempDir(), "changes.ndjson")
	db := customers(t, columns().AddRow("user_1", "cus_1", 9007199254740993).AddRow("user_2", "cus_2", nil).AddRow("user_gone", "cus_4", 1).AddRow("user_3", "cus_3", 3))
	require.NoError(t, prepare(t.Context(), db, path))
	require.NoError(t, prepare(t.Context(), db, path), "the file is there: nothing is queried")

	// The run ends after the first write, and the next one continues.
	ctx, stop := context.WithCancel(t.Context())
	ends := fake.Client(client.WithAttemptHook(func(_ context.Context, a observe.Attempt) {
		if a.Operation == "UpdateUserMetadata" {
			stop()
		}
	}))
	_, _, err := apply(ctx, ends, path, "test")
	require.ErrorIs(t, err, context.Canceled)
	made, failed, err := apply(t.Context(), fake.Client(), path, "test")
	require.NoError(t, err)
	require.Equal(t, 3, made)
	require.Equal(t, 1, failed)

	for id, want := range map[string]string{
		"user_1": `{"crm":7,"seats":9007199254740993,"stripeId":"cus_1"}`,
		"user_2": `{"seats":2,"stripeId":"cus_2"}`,
		"user_3": `{"seats":3,"stripeId":"cus_3"}`,
	} {
		user, _ := fake.User(id)
		require.Equal(t, want, user.PrivateMetadata.String(), id)
	}
	fake.ResetRequests()
	_, _, err = apply(t.Context(), fake.Client(), path, "test")
	require.NoError(t, err)
	require.Len(t, fake.Requests(), 1, "only the change that failed is sent again")
	_, _, err = apply(t.Context(), fake.Client(), path, "another instance")
	require.Error(t, err)
}

// A row that cannot be sent, or a query that breaks off, leaves no file behind that a later
// run would take for whole.
func TestPrepareFails(t *testing.T) {
	t.Parallel()
	lost := errors.New("the connection is lost")
	for name, tc := range map[string]struct {
		rows *sqlmock.Rows
		want string
	}{
		"an id that is none": {columns().AddRow("user_1", "cus_1", 1).AddRow("user/2", "cus_2", 2), `"user/2"`},
		"breaks off":         {columns().AddRow("user_1", "cus_1", 1).AddRow("user_2", "cus_2", 2).RowError(1, lost), lost.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "changes.ndjson")
			require.ErrorContains(t, prepare(t.Context(), customers(t, tc.rows), path), tc.want)
			require.NoFileExists(t, path)
			require.NoError(t, prepare(t.Context(), customers(t, columns().AddRow("user_1", "cus_1", 1)), path))
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, `{"user":"user_1","patch":{"private_metadata":{"seats":1,"stripeId":"cus_1"}}}`+"\n", string(text))
		})
	}
}
