package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/postgres"
)

// command runs a command line, and returns what it prints with its error.
func command(t *testing.T, env map[string]string, line string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), strings.Fields(line), func(name string) string { return env[name] }, &out); err != nil {
		out.WriteString("error: " + err.Error())
	}
	return out.String()
}

func TestOperator(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1", PublicMetadata: map[string]any{"a": "hidden"}}, {ID: "user_2"}},
		Organizations: []clerktest.Organization{{ID: "org_1"}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}},
	})
	env := map[string]string{"DATABASE_URL": postgres.Start(t).Database(t), "CLERK_SECRET_KEY": clerk.SecretKey(), "CLERK_API_URL": clerk.URL()}
	require.Contains(t, command(t, env, "status"), "error: mirror.Status: the tables do not exist")
	require.Equal(t, "the tables are up to date\n", command(t, env, "init"))
	require.Regexp(t, `^users +0\n(?s:.*)last sweep +-\nsweep under way since +-\nlag +no look`, command(t, env, "status"))
	synced := command(t, env, "-limit 100 sync")
	require.Regexp(t, `^users +2\norganizations +1\nmemberships +1\nunsearchable +0\nlast sweep +20\S+Z\nsweep under way since +-\nlag +0s\nrepaired +0 added, 0 changed, 0 removed\n$`, synced)
	require.NotContains(t, synced, "hidden")
	require.Contains(t, command(t, env, "-private sync"), "give every process the same Config; Init with another one empties")

	for _, line := range []string{"", "unknown", "sync now", "-x sync"} {
		require.Contains(t, command(t, env, line), "error: unknown command line\n\nusage:", line)
	}
	require.Regexp(t, `^usage: clerkmeta-mirror`, command(t, env, "-h"))
	require.Contains(t, command(t, env, "-limit -1 sync"), "error: ")
	require.ErrorContains(t, run(t.Context(), []string{"status"}, func(name string) string { return env[name] }, failing{}), "full")
	clerk.Script(clerktest.AnyOperation, clerktest.Answer(401, "clerk_key_invalid"))
	require.Contains(t, command(t, env, "sync"), "error: mirror.Sync: ")
	pool, err := pgxpool.New(t.Context(), env["DATABASE_URL"])
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(t.Context(), `DROP TABLE clerkmirror_row CASCADE`)
	require.NoError(t, err)
	require.Contains(t, command(t, env, "status"), `error: ERROR: relation "clerkmirror_row" does not exist`)
	env["CLERK_SECRET_KEY"] = ""
	require.Contains(t, command(t, env, "status"), "error: ")
	env["CLERK_SECRET_KEY"] = "sk_test_example"
	env["CLERK_API_URL"] = ""
	env["DATABASE_URL"] = "postgres://u:p@["
	require.Equal(t, "error: DATABASE_URL is not a connection string of Postgres", command(t, env, "status"))
	env["DATABASE_URL"] = "postgres://127.0.0.1:1/none"
	require.Contains(t, command(t, env, "init"), "error: mirror.Init: ")
	env["DATABASE_URL"] += "?pool_max_conns=1"
	require.Contains(t, command(t, env, "init"), "pool_max_conns")
}

func TestExitCode(t *testing.T) {
	t.Parallel()
	require.Equal(t, 0, exitCode(run(t.Context(), []string{"-h"}, os.Getenv, io.Discard)))
	require.Equal(t, 1, exitCode(run(t.Context(), []string{"status"}, func(string) string { return "" }, io.Discard)))
	require.Equal(t, 2, exitCode(run(t.Context(), []string{"-h2"}, os.Getenv, io.Discard)))
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }
