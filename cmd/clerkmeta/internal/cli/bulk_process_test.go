package cli_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// server is a Clerk over a socket that a test can stop at any request.
type server struct {
	*clerktest.Test
	socket *httptest.Server
	// at is called with the number of each write, before it is made and after.
	at     atomic.Pointer[func(n int64, applied bool)]
	writes atomic.Int64
}

func newServer(t *testing.T, users int) *server {
	t.Helper()
	var seed clerktest.Seed
	for i := range users {
		seed.Users = append(seed.Users, clerktest.User{ID: fmt.Sprintf("user_%d", i), PublicMetadata: object{"a": object{"old": 1}}})
	}
	s := &server{Test: clerktest.Config{RequestLog: 1}.Start(t, seed)}
	s.socket = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tell := func(int64, bool) {}
		if at := s.at.Load(); at != nil {
			tell = *at
		}
		if r.Method == http.MethodGet {
			s.ServeHTTP(w, r)
			return
		}
		n := s.writes.Add(1)
		tell(n, false)
		s.ServeHTTP(w, r)
		tell(n, true)
	}))
	t.Cleanup(s.socket.Close)
	return s
}

// command is the command as a process.
func (s *server) command(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return command(ctx, t, map[string]string{"CLERK_SECRET_KEY": s.SecretKey(), "CLERK_API_URL": s.socket.URL}, args...)
}

func (s *server) state() string {
	var b strings.Builder
	for _, u := range s.State().Users {
		fmt.Fprintln(&b, u.ID, u.PublicMetadata, u.PrivateMetadata)
	}
	return b.String()
}

// number is a variable of the environment.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// manyChanges are changes of which those of one user do not commute.
func manyChanges(r *rand.Rand, lines, users int) string {
	var b strings.Builder
	for i := range lines {
		what := []string{
			fmt.Sprintf(`"patch":{"public_metadata":{"a":{"n%d":%d},"last":%d}}`, r.IntN(3), i, i),
			fmt.Sprintf(`"replace":{"public_metadata":{"a":%d}}`, i),
			`"unset":["public_metadata/last"]`,
			`"unset":["public_metadata/a/n1"]`,
		}[r.IntN(4)]
		fmt.Fprintf(&b, `{"user":"user_%d",%s}`+"\n", r.IntN(users), what)
	}
	return b.String()
}

// Killed at any moment and run again, apply ends in the right state.
// CLERKMETA_KILLS sets how many times.
func TestKilledAndRunAgain(t *testing.T) {
	t.Parallel()
	kills, lines := number(t, "CLERKMETA_KILLS", 3), 200
	if testing.Short() {
		kills, lines = 1, 40
	}
	users := lines / 4
	r := rand.New(rand.NewPCG(uint64(kills), 11))
	name := named(t, "c.ndjson", manyChanges(r, lines, users))
	args := []string{"apply", name, "--no-plan", "--rate", "100000/10s"}

	straight := newServer(t, users)
	out, err := straight.command(t.Context(), t, append(args, "--concurrency", "1")...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	want, most := straight.state(), straight.writes.Load()

	resent := int64(0)
	for round := range kills {
		s := newServer(t, users)
		checkpoint := filepath.Join(t.TempDir(), "done")
		args := append(args, "--checkpoint", checkpoint, "--concurrency", strconv.Itoa(1+r.IntN(32)))
		cmd := s.command(t.Context(), t, args...)
		moment, after := 1+r.Int64N(most), r.IntN(2) == 0
		started := make(chan struct{})
		kill := func(n int64, applied bool) {
			if n == moment && applied == after {
				<-started
				_ = cmd.Process.Kill()
			}
		}
		s.at.Store(&kill)
		require.NoError(t, cmd.Start())
		close(started)
		require.Error(t, cmd.Wait(), "it was killed")
		s.at.Store(nil)

		out, err := s.command(t.Context(), t, args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, want, s.state(), "round %d, killed at write %d", round, moment)
		resent += s.writes.Load() - most
		s.socket.Close()
	}
	t.Logf("%d kills, %d of %d writes sent twice on average", kills, resent/int64(kills), most)
}

// Edits that were killed at any moment and are run again end as those of a run that was not,
// without a checkpoint too: what is done is found done, and nothing is a conflict.
func TestEditsKilledAndRunAgain(t *testing.T) {
	t.Parallel()
	kills, users := number(t, "CLERKMETA_KILLS", 2), 60
	if testing.Short() {
		kills = 1
	}
	r := rand.New(rand.NewPCG(uint64(kills), 12))
	var edits strings.Builder
	for i := range users {
		fmt.Fprintf(&edits, `{"user":"user_%d","public_metadata":{"a":{"new":%[1]d}},"was":{"public_metadata":{"a":{"old":1}}}}`+"\n", i)
	}
	args := []string{"apply", named(t, "edits.ndjson", edits.String()), "--no-plan", "--rate", "100000/10s"}
	straight := newServer(t, users)
	out, err := straight.command(t.Context(), t, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for round := range kills {
		s := newServer(t, users)
		args := args
		if round%2 == 1 {
			args = append(slices.Clone(args), "--checkpoint", filepath.Join(t.TempDir(), "done"))
		}
		cmd := s.command(t.Context(), t, args...)
		moment, after := 1+r.Int64N(int64(users)), r.IntN(2) == 0
		started := make(chan struct{})
		kill := func(n int64, applied bool) {
			if n == moment && applied == after {
				<-started
				_ = cmd.Process.Kill()
			}
		}
		s.at.Store(&kill)
		require.NoError(t, cmd.Start())
		close(started)
		require.Error(t, cmd.Wait(), "it was killed")
		s.at.Store(nil)
		out, err := s.command(t.Context(), t, args...).CombinedOutput()
		require.NoError(t, err, "round %d, killed at write %d: %s", round, moment, out)
		require.Equal(t, straight.state(), s.state())
		s.socket.Close()
	}
}

// peakKiB is the largest resident memory of a process so far, 0 where it is gone.
func peakKiB(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	var kib int64
	_, _ = fmt.Sscan(rest, &kib)
	return kib
}
