package testkit

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// Listen returns a listener on the loopback interface, which is closed when the test ends.
func Listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// Accept calls serve for each connection, on a separate goroutine, until l is closed.
func Accept(l net.Listener, serve func(net.Conn)) {
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
}
