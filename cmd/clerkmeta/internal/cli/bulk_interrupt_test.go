package cli_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// endsAt returns a context that ends when so many writes have arrived, before the last of them is
// answered, so that the command cannot finish first however the two are scheduled.
func endsAt(t *testing.T, s *shell, writes int64) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var seen atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && seen.Add(1) == writes {
			cancel()
		}
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	s.env["CLERK_API_URL"] = front.URL
	return ctx
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	for _, checkpoint := range []bool{false, true} {
		s := newShell(t, testKey)
		var b strings.Builder
		var seed clerktest.Seed
		for i := range 60 {
			seed.Users = append(seed.Users, clerktest.User{ID: fmt.Sprintf("user_%d", i)})
			fmt.Fprintf(&b, `{"user":"user_%d","patch":{"public_metadata":{"n":%d}}}`+"\n", i, i)
		}
		require.NoError(t, s.SetState(seed))
		name := named(t, "c.ndjson", b.String())
		args, hint := "apply --no-plan --concurrency 2", "it makes all changes again"
		if checkpoint {
			args += " --checkpoint " + filepath.Join(t.TempDir(), "done")
			hint = "it continues where it stopped"
		}
		r := s.runContext(endsAt(t, s, 3), t, args, name)
		require.Equal(t, cli.ExitInterrupted, r.code, r.err)
		require.Contains(t, r.err, "interrupted: finishing what is under way")
		require.Contains(t, r.err, hint)
		require.Contains(t, r.out, " applied in ")
		if checkpoint {
			s.ResetRequests()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			r = s.runContext(ctx, t, strings.Replace(args, " --no-plan", "", 1), name)
			require.Equal(t, cli.ExitInterrupted, r.code, r.err)
			require.Contains(t, r.err, "nothing was written")
		}
	}
}
