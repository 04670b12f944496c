package ratelimit

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/observe"
)

// to is a request that writes to an entity, a read for "".
func to(entity string) observe.Request { return observe.Request{Entity: entity} }

// state is how many wait, and how many entities there are.
func (l *Limiter) state() (waiting, entities int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting.order.root.len(), len(l.entities)
}

func (l *Limiter) queued(entity string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.line(to(entity)).waiting.root.len()
}

func requireState(t *testing.T, l *Limiter, waiting, entities int) {
	t.Helper()
	w, e := l.state()
	require.Equal(t, waiting, w)
	require.Equal(t, entities, e)
}

func TestIdleEntitiesAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(100, 10)
		for i := range 5000 {
			require.NoError(t, l.Wait(t.Context(), to(strconv.Itoa(i))))
			_, kept := l.state()
			require.LessOrEqual(t, kept, 3*100)
		}
		l.TooMany(t.Context(), to("held"), 30*time.Second)
		time.Sleep(2 * span)
		require.NoError(t, l.Wait(t.Context(), to("")))
		requireState(t, l, 0, 1) // the one that is held back
		time.Sleep(span)
		require.NoError(t, l.Wait(t.Context(), to("")))
		requireState(t, l, 0, 0)
	})
}

// An entity that someone waits for is kept, and what it has sent with it.
func TestWaitedForEntitiesAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(1, 1)
		require.NoError(t, l.Wait(t.Context(), to("")))
		for i := range 5 {
			go func() { _ = l.Wait(t.Context(), to(strconv.Itoa(i))) }()
		}
		for i := range 5 {
			synctest.Wait()
			requireState(t, l, 5-i, 5)
			time.Sleep(span)
		}
		require.NoError(t, l.Wait(t.Context(), to("")))
		requireState(t, l, 0, 1) // the one that went last
	})
}

// Those that leave, by whichever way, leave nothing behind.
func TestNothingIsLeftOfThoseWhoLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := New(1, 1)
		require.NoError(t, l.Wait(t.Context(), to("a")))
		ctx, cancel := context.WithCancel(t.Context())
		for range 10 {
			go func() { _ = l.Wait(ctx, to("a")) }()
		}
		synctest.Wait()
		require.Equal(t, 10, l.queued("a"))
		cancel()
		synctest.Wait()
		requireState(t, l, 0, 1)
		require.Zero(t, l.queued("a"))

		// Its turn and its end come in the same moment: either is the truth.
		for range 50 {
			late, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- l.Wait(late, to("a")) }()
			time.Sleep(span)
			cancel()
			if err := <-done; err != nil {
				require.ErrorIs(t, err, context.Canceled)
			}
			requireState(t, l, 0, 1)
			require.Zero(t, l.queued("a"))
		}
	})
}
