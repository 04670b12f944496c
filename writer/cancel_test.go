package writer_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

// cancelled calls Update with a context that ends after d, and returns its
// error over a channel.
func cancelled(t *testing.T, w *writer.Writer[string, fields, entity], d time.Duration, key, a string) <-chan error {
	t.Helper()
	result := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		_, err := w.Update(ctx, key, patches(a, ""))
		result <- err
	}()
	synctest.Wait()
	return result
}

func TestCancelledBeforeSending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		w := s.writer(writer.Config{Interval: time.Second})
		before := submit(t, w, "x", `{"a":1}`, "")
		gone := cancelled(t, w, time.Millisecond, "x", `{"gone":1}`)
		alone := cancelled(t, w, time.Millisecond, "y", `{"gone":1}`)
		after := submit(t, w, "x", `{"b":1}`, "")
		requireStopped(t, <-gone, context.DeadlineExceeded, clerkerr.OutcomeNotApplied)
		requireStopped(t, <-alone, context.DeadlineExceeded, clerkerr.OutcomeNotApplied)
		for _, wait := range []func(context.Context) (*entity, error){before, after} {
			_, err := wait(t.Context())
			require.NoError(t, err)
		}
		time.Sleep(time.Hour)
		require.Equal(t, []request{{"x", `{"a":1,"b":1}`, ""}}, s.requests)

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := w.Update(ended, "x", patches(`{"a":1}`, ""))
		requireStopped(t, err, context.Canceled, clerkerr.OutcomeNotApplied)
		require.NoError(t, w.Close(t.Context()))
	})
}

// A worker has taken the queue, but not come to the update yet.
func TestCancelledWhenTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		s.before = func(context.Context, int, request) fate { time.Sleep(time.Minute); return fate{} }
		w := s.writer(writer.Config{MaxPending: 3})
		submit(t, w, "x", `{"a":1}`, "")
		gone := cancelled(t, w, time.Second, "x", `{"a":{"b":1}}`)
		submit(t, w, "x", `{"c":1}`, "")
		start := time.Now()
		flushed := make(chan error, 1)
		go func() { flushed <- w.Flush(t.Context()) }()
		requireStopped(t, <-gone, context.DeadlineExceeded, clerkerr.OutcomeNotApplied)
		submit(t, w, "y", `{"a":1}`, "") // its room is free when the worker gets there
		require.Equal(t, time.Minute, time.Since(start))
		require.NoError(t, <-flushed)
		require.NoError(t, w.Close(t.Context()))
		require.Equal(t, `{"a":1,"c":1}`, s.held["x"].A.String())
	})
}

// What was sent is applied, no matter who still waits.
func TestCancelledAfterSending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		s.before = func(context.Context, int, request) fate { time.Sleep(time.Minute); return fate{} }
		w := s.writer(writer.Config{Interval: time.Second})
		left := cancelled(t, w, 2*time.Second, "x", `{"left":1}`)
		stays := submit(t, w, "x", `{"stays":1}`, "")
		requireStopped(t, <-left, context.DeadlineExceeded, clerkerr.OutcomeUnknown)
		// Nor does the end of a wait, or of a Flush, stop anything.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := stays(ctx)
		requireStopped(t, err, context.DeadlineExceeded, clerkerr.OutcomeUnknown)
		requireStopped(t, w.Flush(ctx), context.DeadlineExceeded, clerkerr.OutcomeUnknown)
		e, err := stays(t.Context())
		require.NoError(t, err)
		require.Equal(t, `{"left":1,"stays":1}`, e.A.String())
		require.NoError(t, w.Close(t.Context()))
	})
}

// A full writer makes callers wait, and their contexts are obeyed.
func TestBackPressure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		w := s.writer(writer.Config{MaxPending: 5, Interval: time.Hour})
		start := time.Now()
		for i := range 5 {
			submit(t, w, fmt.Sprint(i), `{"a":1}`, "")
		}
		require.Zero(t, time.Since(start))
		err := <-cancelled(t, w, time.Minute, "5", `{"a":1}`)
		requireStopped(t, err, context.DeadlineExceeded, clerkerr.OutcomeNotApplied)
		require.Equal(t, time.Minute, time.Since(start))
		submit(t, w, "5", `{"a":1}`, "")
		require.Equal(t, time.Hour, time.Since(start), "there is room when the first are over")
		for i := range 4 {
			submit(t, w, fmt.Sprint("more", i), `{"a":1}`, "")
		}
		blocked := cancelled(t, w, time.Minute, "x", `{"a":1}`)
		require.NoError(t, w.Close(t.Context()))
		requireStopped(t, <-blocked, writer.ErrClosed, clerkerr.OutcomeNotApplied)
		require.Len(t, s.requests, 10)
	})
}

// Room that a cancelled update took is free again at once.
func TestCancellationFreesRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		w := s.writer(writer.Config{MaxPending: 1, Interval: time.Hour})
		for range 100 {
			err := <-cancelled(t, w, time.Second, "x", `{"a":1}`)
			requireStopped(t, err, context.DeadlineExceeded, clerkerr.OutcomeNotApplied)
		}
		require.Zero(t, w.Remembered(), "nor is the entity remembered")
		require.NoError(t, w.Close(t.Context()))
		require.Empty(t, s.requests)
	})
}

// A result that is there is given, whatever the context; and a failure that one
// has learned of, how often ever, is not reported again.
func TestResultsThatAreThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		s.before = func(_ context.Context, n int, _ request) fate {
			time.Sleep(time.Minute)
			return []fate{{}, {lost: true, err: failed(503, clerkerr.OutcomeUnknown)}}[min(n-1, 1)]
		}
		w := s.writer(writer.Config{})
		good := submit(t, w, "x", `{"a":1}`, "")
		time.Sleep(time.Hour)
		bad := submit(t, w, "x", `{"a":2}`, "")
		time.Sleep(time.Hour)
		left := cancelled(t, w, time.Second, "x", `{"a":3}`)
		requireStopped(t, <-left, context.DeadlineExceeded, clerkerr.OutcomeUnknown)
		time.Sleep(time.Hour)
		require.Zero(t, w.Remembered())
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for range 50 {
			_, err := good(ended)
			require.NoError(t, err)
			_, err = bad(ended)
			require.ErrorIs(t, err, clerkerr.ErrServer)
		}
		err := w.Close(t.Context())
		require.ErrorContains(t, err, "updates failed: 1\n", "the one whose caller had gone")
		for range 50 {
			_, err = bad(ended)
			require.ErrorIs(t, err, clerkerr.ErrServer)
		}
		require.NoError(t, w.Close(ended))
	})
}
