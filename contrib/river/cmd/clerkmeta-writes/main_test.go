package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/postgres"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// command runs a command line, and returns what it prints with its error.
func command(t *testing.T, url, line string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), strings.Fields(line), url, &out); err != nil {
		out.WriteString("error: " + err.Error())
	}
	return out.String()
}

func TestOperator(t *testing.T) {
	t.Parallel()
	url := postgres.Start(t).Database(t)
	require.Contains(t, command(t, url, "lines"), `error: ERROR: relation "clerkmeta_lines" does not exist`)
	require.Equal(t, "the tables have version 1\n", command(t, url, "migrate"))
	require.Equal(t, "ENTITY  PENDING  REFUSED  OLDEST  DUE  FAILURES\n", command(t, url, "lines"))
	insert(t, url, bulk.PatchUser("user_1", bulk.Fields{Public: metadata.Patch{"a": "secret"}}),
		bulk.PatchMembership("org_1", "user_1", bulk.Fields{Public: metadata.Patch{"a": "secret"}}),
		bulk.ReplaceOrganization("org_1", bulk.Values{Public: metadata.Empty()}))

	lines := command(t, url, "lines")
	require.Regexp(t, `\nuser_1 +1 +0 +20\S+Z +- +0\norg_1/user_1 +1 `, lines)
	all := command(t, url, "list")
	require.Regexp(t, `\n1 +user_1 +patch +pending +0 +20\S+Z *\n2 +org_1/user_1 +patch .*\n3 +org_1 +replace `, all)
	require.NotContains(t, lines+all, "secret")
	require.Equal(t, 3, strings.Count(command(t, url, "list -entity org_1"), "\n"))
	require.Contains(t, command(t, url, "list -state pending -limit 1"), "\nthe first 1; -limit lists more\n")
	require.Contains(t, command(t, url, "list -state refuse"), `-state is "refuse"; expected pending, refused`)
	require.Contains(t, command(t, url, "list -limit 0"), "expected 1 or more")

	require.Equal(t, "retried: 1\n", command(t, url, "retry 1"))
	require.Equal(t, "dropped: 1\nerror: neither pending nor refused: 99", command(t, url, "drop 1 99"))
	require.Regexp(t, `\n1 +user_1 +patch +dropped `, command(t, url, "list -state dropped"))
	require.Contains(t, command(t, url, "drop one"), `"one" is no sequence number`)
	require.Contains(t, command(t, url, "drop"), "no sequence number is given")
	require.Contains(t, command(t, url, "list -unknown"), "usage:")
	require.Contains(t, command(t, url, "unknown"), "usage:")
	require.Contains(t, command(t, url, ""), "usage:")
	require.Equal(t, "error: DATABASE_URL is not a connection string of Postgres", command(t, "postgres://u:p@[", "lines"))
	require.Contains(t, command(t, "postgres://127.0.0.1:1/none", "drop 1"), "error: ")
	require.ErrorContains(t, run(t.Context(), []string{"list"}, url, failing{}), "full")
	require.ErrorContains(t, run(t.Context(), []string{"drop", "2"}, url, failing{}), "full")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

// insert migrates River's tables and commits changes.
func insert(t *testing.T, url string, changes ...bulk.Change) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	defer pool.Close()
	m, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	require.NoError(t, err)
	_, err = m.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)
	outbox, err := riverwrites.New(riverwrites.Config{})
	require.NoError(t, err)
	require.NoError(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		for _, change := range changes {
			if _, err := outbox.InsertTx(t.Context(), tx, change); err != nil {
				return err
			}
		}
		return nil
	}))
}
