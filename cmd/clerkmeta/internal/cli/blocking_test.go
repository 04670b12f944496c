package cli_test

import (
	"context"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// stuck is an input that nothing comes from until it is closed.
type stuck struct {
	reading func() // called when something waits for it
	closed  chan struct{}
}

func (s *stuck) Read([]byte) (int, error) {
	s.reading()
	<-s.closed
	return 0, io.EOF
}

// An interrupt ends the wait for standard input, which nothing else may end.
func TestInterruptWhileStdinIsRead(t *testing.T) {
	t.Parallel()
	for _, command := range []string{
		"plan -", "apply -", "users patch user_1 --public --json -", "users diff user_1 --public --json -",
		"users get user_1 --secret-key-stdin", "export users --secret-key-stdin", "emulate --seed -",
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, "sk_test_obviouslyfake")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			in := &stuck{reading: cancel, closed: make(chan struct{})}
			defer close(in.closed)
			s.stdin = in
			r := s.runContext(ctx, t, command)
			require.Equal(t, cli.ExitInterrupted, r.code, r.err)
			require.Contains(t, r.err, "interrupted: nothing was written")
			require.Empty(t, s.Requests())
		})
	}
}

// The copy of standard input has no name, so that a kill leaves no metadata behind.
func TestCopyOfStdinHasNoName(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file keeps its name there")
	}
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := newShell(t, "sk_test_obviouslyfake")
	closed := make(chan struct{})
	close(closed)
	reads := 0
	s.stdin = io.MultiReader(strings.NewReader(`{"user":"user_1","patch":{"public_metadata":{"a":1}}}`), &stuck{closed: closed, reading: func() {
		reads++
		entries, err := os.ReadDir(dir)
		assert.NoError(t, err)
		assert.Empty(t, entries) // on another goroutine than the test's
	}})
	r := s.run(t, "plan -")
	require.Zero(t, r.code, r.err)
	require.Contains(t, r.out, "1 would change something")
	require.Positive(t, reads)
}
