package writer_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/writer"
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
	w := s.writer(writer.Config{Interval: time.Nanosecond, MaxUpdates: 2 * updates})
	submit(t, w, "x", `{"first":1}`, "")
	require.Eventually(t, func() bool { return len(s.log()) == 1 }, time.Minute, time.Millisecond)
	for i := range updates {
		submit(t, w, "x", kv(fmt.Sprint(i%300), i), "")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.Less(t, allocations(func() { require.ErrorIs(t, w.Close(ended), writer.ErrClosed) }), uint64(updates*each))
	require.Len(t, s.log(), 1)
}

// Callers that give up, in any order, leave the others' updates in theirs, and
// count no more for MaxUpdates.
func TestManyGiveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const updates = 50
		s := newStore(t)
		w := s.writer(writer.Config{Interval: time.Hour, MaxUpdates: updates + 1})
		ends := make([]context.CancelFunc, updates)
		var callers sync.WaitGroup
		for i := range ends {
			var ctx context.Context
			ctx, ends[i] = context.WithCancel(t.Context())
			callers.Go(func() { _, _ = w.Update(ctx, "x", patches(kv(fmt.Sprint(i), i), "")) })
			synctest.Wait()
		}
		for i := range updates { // 7 and 50 have no divisor in common: each once
			if at := i * 7 % updates; at != 11 && at != 30 {
				ends[at]()
				synctest.Wait()
			}
		}
		for i := range updates - 2 {
			submit(t, w, "x", kv("11", -i), "")
		}
		synctest.Wait()
		require.Empty(t, s.log(), "as many wait as before")
		submit(t, w, "x", `{"last":1}`, "")
		callers.Wait()
		require.Equal(t, []request{{"x", fmt.Sprintf(`{"11":%d,"30":30,"last":1}`, 3-updates), ""}}, s.log())
		ends[11]()
		ends[30]()
		require.NoError(t, w.Close(t.Context()))
		require.Zero(t, w.Remembered())
	})
}
