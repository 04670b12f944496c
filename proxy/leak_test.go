package proxy_test

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const tick = 5 * time.Millisecond

// Not parallel: it counts the goroutines of the process.
func TestManyClientsLeaveNothingBehind(t *testing.T) { //nolint:paralleltest // see above
	const clients = 200
	before := runtime.NumGoroutine()
	u := listen(t, func(w *wire, head string) {
		if strings.HasPrefix(head, "GET /v1/stays") {
			w.send(okAnswer)
			return
		}
		w.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
		_, _ = w.rest()
	})
	c, reports := observed(configFor(u))
	h := newProxy(t, c)
	addr := serve(t, h)
	var all sync.WaitGroup
	for i := range clients {
		w := dial(t, addr)
		all.Go(func() {
			defer w.Close()
			if i%2 == 0 {
				w.send("GET /__clerk/v1/stays HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
				_, _ = w.rest()
				return
			}
			w.send("POST /__clerk/v1/leaves HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf")
			if i%4 == 1 {
				_ = w.head() // leaves in the middle of the answer
			}
		})
	}
	all.Wait()
	for range clients {
		<-reports
	}
	h.CloseIdleConnections()
	require.Eventually(t, func() bool { return u.open() == 0 }, patience, tick, "connections to the upstream")
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+4 }, patience, tick, // the two servers'
		"goroutines")
}
