package faults

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// leavesNothing fails the test if a goroutine that it started, or that those
// started, is still there when everything else that it cleans up is done.
// Goroutines inherit the labels of the one that starts them.
func leavesNothing(t *testing.T) {
	t.Helper()
	const label = "test"
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(label, t.Name())))
	mine := strconv.Quote(label) + ":" + strconv.Quote(t.Name())
	t.Cleanup(func() {
		eventually(t, func() (bool, string) {
			stacks := labelled(t, mine)
			return len(stacks) == 1, strings.Join(stacks, "\n\n")
		})
	})
}

var counted = regexp.MustCompile(`(?m)^(\d+) @`)

// labelled are the stacks of the goroutines with a label, one each.
func labelled(t *testing.T, label string) []string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&b, 1))
	var all []string
	for stack := range strings.SplitSeq(b.String(), "\n\n") {
		if !strings.Contains(stack, label) {
			continue
		}
		n := 1
		if m := counted.FindStringSubmatch(stack); m != nil {
			n, _ = strconv.Atoi(m[1])
		}
		for range n {
			all = append(all, stack)
		}
	}
	return all
}

// eventually waits until nothing is left, so long that only what never goes is
// found, however busy the machine is.
func eventually(t *testing.T, done func() (bool, string)) {
	t.Helper()
	const patience = 5 * time.Minute
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(patience); ; <-ticker.C {
		ok, left := done()
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Errorf("still there: %s", left)
			return
		}
	}
}

// connections counts the open ones of a server.
type connections struct {
	mu   sync.Mutex
	open map[net.Conn]http.ConnState
}

func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[net.Conn]http.ConnState{}
	}
	c.open[conn] = state
	if state == http.StateClosed || state == http.StateHijacked {
		delete(c.open, conn) // who hijacks it closes it
	}
}

// noneLeft fails the test unless the client gives up every connection once its
// idle ones are closed.
func (c *connections) noneLeft(t *testing.T, pool *http.Transport) {
	t.Helper()
	eventually(t, func() (bool, string) {
		pool.CloseIdleConnections()
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.open) == 0, strconv.Itoa(len(c.open)) + " connections"
	})
}
