package cli_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/cli"
)

// endsAt is a context that ends when Clerk has seen so many requests.
func endsAt(t *testing.T, s *shell, writes int) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for len(s.writes()) < writes && ctx.Err() == nil {
			continue
		}
		cancel()
	}()
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
			hint = "it goes on where it was"
		}
		r := s.runContext(endsAt(t, s, 3), t, args, name)
		require.Equal(t, cli.ExitInterrupted, r.code, r.err)
		require.Contains(t, r.err, "interrupted: finishing what is under way")
		require.Contains(t, r.err, hint)
		require.Contains(t, r.out, " applied in ")
		if checkpoint {
			s.ResetRequests()
			s.env["CLERK_API_URL"] = s.URL()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			r = s.runContext(ctx, t, strings.Replace(args, " --no-plan", "", 1), name)
			require.Equal(t, cli.ExitInterrupted, r.code)
			require.Contains(t, r.err, "nothing was written")
		}
	}
}
