package coalesce_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/coalesce"
)

// allocations counts those of f.
func allocations(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

// What is not sent is not composed: Close would wait for it.
func TestCancelledWriterComposesNothing(t *testing.T) { //nolint:paralleltest // it counts the allocations of the process
	const updates, each = 2000, 100
	s := newStore(t)
	s.before = func(ctx context.Context, _ int, _ request) fate {
		<-ctx.Done()
		return fate{err: ctx.Err(), lost: true}
	}
	w := s.writer(coalesce.Config{Interval: time.Nanosecond, MaxUpdates: 2 * updates})
	submit(t, w, "x", `{"first":1}`, "")
	require.Eventually(t, func() bool { return len(s.log()) == 1 }, time.Minute, time.Millisecond)
	for i := range updates {
		submit(t, w, "x", kv(fmt.Sprint(i%300), i), "")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.Less(t, allocations(func() { require.ErrorIs(t, w.Close(ended), coalesce.ErrClosed) }), uint64(updates*each))
	require.Len(t, s.log(), 1)
}
