package cli_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/cli"
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
	for _, command := range []string{"plan -", "apply -"} {
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
			require.Contains(t, r.err, "interrupted: nothing was sent")
			require.Empty(t, s.Requests())
		})
	}
}
