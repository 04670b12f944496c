package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/testkit/postgres"
)

var shared struct {
	sync.Mutex

	server *postgres.Server
}

// database returns the address of a new database on the server of this process.
func database(t *testing.T) string {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		shared.server = postgres.Start(t)
	}
	return shared.server.Database(t)
}

// The README's command prints the README's transcript, twice on one database.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(readme), "$ go run . -check\n")
	require.True(t, found)
	transcript, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	address := "DATABASE_URL=" + database(t)
	for range 2 {
		command := exec.CommandContext(t.Context(), "go", "run", ".", "-check")
		command.Env = append(os.Environ(), address)
		var logs bytes.Buffer
		command.Stderr = &logs
		out, err := command.Output()
		require.NoError(t, err, logs.String())
		require.Equal(t, transcript, string(out))
		require.NotContains(t, logs.String(), "cus_", "the log holds no metadata")
	}
}

func TestCheckNamesTheFailure(t *testing.T) {
	t.Parallel()
	empty := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(empty.Close)
	require.ErrorContains(t, check(t.Context(), io.Discard, empty.URL), "anyone has no session token: GET /account: status 404, expected 401")
}

func TestServesUntilStopped(t *testing.T) {
	t.Parallel()
	address := database(t)
	ctx, stop := context.WithCancel(t.Context())
	read, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, out, slog.New(slog.DiscardHandler), options{addr: "127.0.0.1:0", database: address})
		out.CloseWithError(err)
		ended <- err
	}()
	line, err := bufio.NewReader(read).ReadString('\n')
	require.NoError(t, err)
	site := strings.Fields(line)[1]
	answer, err := http.DefaultClient.Get(site)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.NoError(t, answer.Body.Close())
	stop()
	require.NoError(t, <-ended)
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	address := database(t)
	for _, tc := range []struct {
		options
		problem string
	}{
		{options{addr: "127.0.0.1:0"}, "DATABASE_URL is not set: it names an empty Postgres database"},
		{options{addr: "127.0.0.1:0", database: "postgres://a:b:s3cret@x:y"}, "DATABASE_URL is not a connection string of Postgres"},
		{options{addr: "127.0.0.1:0", database: "postgres://127.0.0.1:1/x"}, "the database that DATABASE_URL names: mirror.Init: "},
		{options{addr: "nowhere", database: address}, "missing port"},
		{options{addr: "0.0.0.0:0", database: address}, "-addr 0.0.0.0:0: "},
	} {
		err := run(t.Context(), io.Discard, slog.New(slog.DiscardHandler), tc.options)
		require.ErrorContains(t, err, tc.problem)
		require.NotContains(t, err.Error(), "s3cret")
	}
}
