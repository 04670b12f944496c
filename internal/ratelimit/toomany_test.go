package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/ratelimit"
)

func TestTooMany(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		refuse func(l *ratelimit.Limiter)
		waits  map[string]time.Duration
	}{
		"an entity":           {func(l *ratelimit.Limiter) { l.TooMany(t.Context(), to("a"), 3*time.Second) }, map[string]time.Duration{"a": 3 * time.Second, "b": 0, "": 0}},
		"without Retry-After": {func(l *ratelimit.Limiter) { l.TooMany(t.Context(), to("a"), 0) }, map[string]time.Duration{"a": ratelimit.Window, "b": 0}},
		"an absurd one":       {func(l *ratelimit.Limiter) { l.TooMany(t.Context(), to("a"), 1<<62) }, map[string]time.Duration{"a": ratelimit.MaxHold}},
		"the longest counts": {func(l *ratelimit.Limiter) {
			l.TooMany(t.Context(), to("a"), 5*time.Second)
			l.TooMany(t.Context(), to("a"), 3*time.Second)
		}, map[string]time.Duration{"a": 5 * time.Second, "b": 0}},
		"a second entity": {func(l *ratelimit.Limiter) {
			l.TooMany(t.Context(), to("a"), 5*time.Second)
			l.TooMany(t.Context(), to("b"), 3*time.Second)
		}, map[string]time.Duration{"a": 5 * time.Second, "b": 3 * time.Second, "c": 3 * time.Second, "": 3 * time.Second}},
		"a read": {func(l *ratelimit.Limiter) { l.TooMany(t.Context(), to(""), 3*time.Second) }, map[string]time.Duration{"a": 3 * time.Second, "": 3 * time.Second}},
		"a second, a window on": {func(l *ratelimit.Limiter) {
			l.TooMany(t.Context(), to("a"), time.Second)
			time.Sleep(ratelimit.Window)
			l.TooMany(t.Context(), to("b"), time.Second)
		}, map[string]time.Duration{"a": 0, "b": time.Second, "c": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := ratelimit.New(100, 10)
				tc.refuse(l)
				var wg sync.WaitGroup
				for entity, want := range tc.waits {
					for range 3 { // every goroutine
						wg.Go(func() {
							waited, err := within(t, l, time.Hour, entity)
							require.NoError(t, err)
							require.Equal(t, want, waited, "entity %q", entity)
						})
					}
				}
				wg.Wait()
			})
		})
	}
}

// Who waits already waits for the 429 too, and fails at once if that is too long.
func TestTooManyWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(100, 1)
		fill(t, l, 1, "a")
		fill(t, l, 1, "b")
		type result struct {
			waited time.Duration
			err    error
		}
		ask := func(d time.Duration, entity string) chan result {
			c := make(chan result, 1)
			go func() {
				waited, err := within(t, l, d, entity)
				c <- result{waited, err}
			}()
			synctest.Wait()
			return c
		}
		hurried, patient, other := ask(12*time.Second, "a"), ask(time.Minute, "a"), ask(time.Minute, "b")
		time.Sleep(time.Second)
		l.TooMany(t.Context(), to("a"), 20*time.Second)
		synctest.Wait()
		r := <-hurried
		require.ErrorIs(t, r.err, clerkerr.ErrLocalLimit)
		require.Equal(t, time.Second, r.waited)
		require.Equal(t, result{21 * time.Second, nil}, <-patient)
		require.Equal(t, result{span, nil}, <-other)
	})
}

// A 429 for all is judged by everyone's place in the queue, one after the other.
func TestTooManyForAllWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, begun := ratelimit.New(2, 2), time.Now()
		fill(t, l, 2, "")
		var mu sync.Mutex
		var ended []string
		ask := func(name string, until time.Duration) {
			ctx, cancel := context.WithDeadline(t.Context(), begun.Add(until))
			go func() {
				defer cancel()
				verdict := "sent"
				if err := l.Wait(ctx, to("")); err != nil {
					verdict = map[bool]string{true: "refused", false: err.Error()}[errors.Is(err, clerkerr.ErrLocalLimit)]
				}
				mu.Lock()
				defer mu.Unlock()
				ended = append(ended, fmt.Sprint(name, " ", verdict, " ", time.Since(begun)))
			}()
			time.Sleep(time.Millisecond)
		}
		// Two go after 10.35 s, two after 20.7 s and two after 31.05 s.
		ask("a", 15*time.Second)
		ask("b", 25*time.Second)
		ask("c", 25*time.Second)
		ask("d", 28*time.Second)
		ask("e", time.Minute)
		ask("f", 38*time.Second)
		time.Sleep(time.Second - 6*time.Millisecond)
		l.TooMany(t.Context(), to(""), 16*time.Second) // until 17 s; then come b and c, and d and e after 27.35 s
		time.Sleep(time.Second)
		l.TooMany(t.Context(), to(""), 16*time.Second) // until 18 s: d would go after 28.35 s, and without it f does
		time.Sleep(time.Second)
		l.TooMany(t.Context(), to(""), 1*time.Second) // until when all are held already
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		require.ElementsMatch(t, []string{
			"a refused 1s", "d refused 2s", "b sent 18s", "c sent 18s", "e sent 28.35s", "f sent 28.35s",
		}, ended)
	})
}
