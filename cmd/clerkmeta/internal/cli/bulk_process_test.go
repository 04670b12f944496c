package cli_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	sdk "github.com/clerkmeta/clerkmeta-go/users"
)

// server is a Clerk over a socket that a test can stop at any request.
type server struct {
	*clerktest.Test
	socket *httptest.Server
	// at is called with the number of each write, before it is made and after.
	at     atomic.Pointer[func(n int64, applied bool)]
	writes atomic.Int64
	open   connections
}

// connections counts those that are open. A WaitGroup cannot be waited for while others
// begin.
type connections struct {
	mu    sync.Mutex
	count int
	fewer sync.Cond // of mu
}

func (c *connections) change(by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count += by
	c.fewer.Broadcast()
}

func (c *connections) waitForNone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.count > 0 {
		c.fewer.Wait()
	}
}

func newServer(t *testing.T, users int) *server {
	t.Helper()
	var seed clerktest.Seed
	for i := range users {
		seed.Users = append(seed.Users, clerktest.User{ID: fmt.Sprintf("user_%d", i), PublicMetadata: object{"a": object{"old": 1}}})
	}
	s := &server{Test: clerktest.Config{RequestLog: 1}.Start(t, seed)}
	s.open.fewer.L = &s.open.mu
	s.socket = httptest.NewUnstartedServer(s)
	s.socket.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.open.change(1)
		}
		if state == http.StateClosed {
			s.open.change(-1)
		}
	}
	s.socket.Start()
	t.Cleanup(s.socket.Close)
	return s
}

// settle waits for the end of what a process that was killed has sent.
func (s *server) settle(t *testing.T) {
	t.Helper()
	var dial net.Dialer
	last, err := dial.DialContext(t.Context(), "tcp", s.socket.Listener.Addr().String())
	require.NoError(t, err)
	_, err = io.WriteString(last, "GET /v1/users/count HTTP/1.0\r\n\r\n")
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, last) // the connections before it are accepted
	require.NoError(t, err)
	require.NoError(t, last.Close())
	s.open.waitForNone()
}

// ServeHTTP answers a request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tell := func(int64, bool) {}
	if at := s.at.Load(); at != nil {
		tell = *at
	}
	if r.Method == http.MethodGet {
		s.Test.ServeHTTP(w, r)
		return
	}
	n := s.writes.Add(1)
	tell(n, false)
	s.Test.ServeHTTP(w, r)
	tell(n, true)
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
		moment := 1 + r.Int64N(most)
		s.kill(t, cmd, moment, r.IntN(2) == 0)

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
		moment := 1 + r.Int64N(int64(users))
		s.kill(t, cmd, moment, r.IntN(2) == 0)
		out, err := s.command(t.Context(), t, args...).CombinedOutput()
		require.NoError(t, err, "round %d, killed at write %d: %s", round, moment, out)
		require.Equal(t, straight.state(), s.state())
		s.socket.Close()
	}
}

// kill runs a command and kills it at a write, before it is applied or after.
func (s *server) kill(t *testing.T, cmd *exec.Cmd, moment int64, after bool) {
	t.Helper()
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
}

// Killed at any moment, and run again or not, apply with an undo log is taken back by undo:
// the state before, but for what others wrote. CLERKMETA_KILLS sets how many times.
func TestKilledAndUndone(t *testing.T) {
	t.Parallel()
	kills, lines := number(t, "CLERKMETA_KILLS", 4), 120
	if testing.Short() {
		kills, lines = 2, 40
	}
	users := lines / 4
	r := rand.New(rand.NewPCG(uint64(kills), 12))
	name := named(t, "c.ndjson", manyChanges(r, lines, users))
	most := int64(lines / 3)
	again := 0
	for round := range kills {
		s, untouched := newServer(t, users), newServer(t, users)
		others := func() {
			id, n := fmt.Sprintf("user_%d", r.IntN(users)), r.IntN(1000)
			for _, clerk := range []*server{s, untouched} {
				_, err := clerk.Client().Users.UpdateUserMetadata(t.Context(), id, sdk.UpdateUserMetadataParams{PrivateMetadata: metadata.Patch{"theirs": n}})
				require.NoError(t, err)
			}
		}
		dir := t.TempDir()
		log := filepath.Join(dir, "undo")
		args := []string{"apply", name, "--no-plan", "--rate", "100000/10s", "--undo-log", log, "--checkpoint", filepath.Join(dir, "done"), "--concurrency", strconv.Itoa(1 + r.IntN(32))}
		moment := 1 + r.Int64N(most)
		s.kill(t, s.command(t.Context(), t, args...), moment, r.IntN(2) == 0)
		s.settle(t)
		others()
		if r.IntN(2) == 0 {
			again++
			out, err := s.command(t.Context(), t, args...).CombinedOutput()
			require.NoError(t, err, "%s", out)
			others()
		}
		out, err := s.command(t.Context(), t, "undo", log, "--rate", "100000/10s").CombinedOutput()
		require.NoError(t, err, "round %d, killed at write %d: %s", round, moment, out)
		require.Equal(t, untouched.state(), s.state(), "round %d, killed at write %d", round, moment)
	}
	t.Logf("%d kills, %d of them run again, each undone", kills, again)
}

// peakKiB is the largest resident memory of a process so far, 0 where it is gone.
func peakKiB(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	var kib int64
	_, _ = fmt.Sscan(rest, &kib)
	return kib
}
