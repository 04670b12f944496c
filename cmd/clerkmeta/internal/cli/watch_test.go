package cli_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// --debug shows requests and what was received, and no value.
func TestDebug(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	s.Script(clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusServiceUnavailable, "x"))
	r := s.run(t, "users patch user_1 --private --set new=cus_hidden --debug")
	require.Equal(t, cli.ExitOK, r.code, r.err)
	for _, want := range []string{
		`msg="clerk call" method=GET host=127.0.0.1 route=/v1/users`, "operation=UpdateUserMetadata attempt=1 status=503", "attempt=2 status=200", "trace_id=",
	} {
		require.Contains(t, r.err, want)
	}
	require.NotContains(t, r.err, "hidden\"")
	r = s.run(t, "users get user_9 --debug")
	require.Contains(t, r.err, "\ndebug: clerk: GetUser: status 404 (resource_not_found), attempts 1")
	require.NotContains(t, s.run(t, "users get user_9").err, "debug")

	s = newShell(t, testKey)
	r = s.run(t, "apply --debug", named(t, "c.ndjson", changes))
	require.Equal(t, cli.ExitOK, r.code, r.err)
	require.Equal(t, 4, strings.Count(r.err, "status=200 duration=")-strings.Count(r.err, "operation=Get"), r.err)
	require.NotContains(t, r.err, "cus_")
}
