package ratelimit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/ratelimit"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

const span = ratelimit.Window + ratelimit.Margin

// sends is when what was sent, in order.
type sends struct {
	mu    sync.Mutex
	start time.Time
	all   []time.Time
	of    map[string][]time.Time
}

func newSends() *sends { return &sends{start: time.Now(), of: map[string][]time.Time{}} }

func (s *sends) add(entity string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.all = append(s.all, now)
	if entity != "" {
		s.of[entity] = append(s.of[entity], now)
	}
}

// requireWithin: no window, wherever it begins, holds more than the limit.
func requireWithin(t *testing.T, at []time.Time, limit int) {
	t.Helper()
	for i := limit; i < len(at); i++ {
		require.GreaterOrEqual(t, at[i].Sub(at[i-limit]), ratelimit.Window, "%d and the %d before it", i, limit)
	}
}

func (s *sends) requireWithin(t *testing.T, requests, writes int) {
	t.Helper()
	requireWithin(t, s.all, requests)
	for _, at := range s.of {
		requireWithin(t, at, writes)
	}
}

func TestNeverMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			requests, writes, entities := 1+r.IntN(40), 1+r.IntN(12), 1+r.IntN(12)
			l, sent := ratelimit.New(requests, writes), newSends()
			var wg sync.WaitGroup
			for range 400 {
				if r.IntN(3) == 0 {
					time.Sleep(time.Duration(r.ExpFloat64() * float64(time.Second)))
				}
				entity := ""
				if n := r.IntN(entities + 1); n > 0 {
					entity = fmt.Sprint(n)
				}
				ctx, cancel := context.WithCancel(t.Context())
				switch r.IntN(10) {
				case 0:
					ctx, cancel = context.WithTimeout(t.Context(), time.Duration(r.Int64N(int64(time.Minute))))
				case 1:
					time.AfterFunc(time.Duration(r.Int64N(int64(time.Minute))), cancel)
				case 2:
					l.TooMany(t.Context(), to(entity), time.Duration(r.Int64N(int64(time.Second))))
				}
				wg.Go(func() {
					defer cancel()
					if l.Wait(ctx, to(entity)) == nil {
						sent.add(entity)
					}
				})
			}
			wg.Wait()
			sent.requireWithin(t, requests, writes)
			require.NotEmpty(t, sent.all)
		})
	}
}

// A caller that always has work gets 95 % of the limit or more, in the long run and
// not only at first.
func TestUsesTheLimit(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name                      string
		requests, writes, workers int
		entity                    string
		limit                     int
	}{
		{"reads, development", 100, 10, 50, "", 100},
		{"reads, production", 1000, 10, 50, "", 1000},
		{"one user", 1000, 10, 4, "user/1", 10},
		{"one user, more at once than fit", 1000, 10, 35, "user/1", 10},
		{"one at a time", 1000, 10, 1, "user/1", 10},
		{"limits of one", 3, 1, 2, "user/1", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, sent := ratelimit.New(tc.requests, tc.writes), newSends()
				var wg sync.WaitGroup
				for range tc.workers {
					wg.Go(func() {
						for time.Since(sent.start) < 200*time.Second {
							require.NoError(t, l.Wait(t.Context(), to(tc.entity)))
							sent.add(tc.entity)
							time.Sleep(time.Millisecond)
						}
					})
				}
				wg.Wait()
				requireWithin(t, sent.all, tc.limit)
				// After the first burst, which would flatter it.
				n := len(sent.all) - 1
				rate := float64(n-n%tc.limit) / sent.all[n-n%tc.limit].Sub(sent.all[0]).Seconds() * 10
				require.GreaterOrEqual(t, rate, 0.95*float64(tc.limit))
			})
		})
	}
}

func TestFirstComeFirstServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, begun := ratelimit.New(3, 2), time.Now()
		var mu sync.Mutex
		var order []string
		ask := func(name, entity string) {
			go func() {
				if l.Wait(t.Context(), to(entity)) == nil {
					mu.Lock()
					defer mu.Unlock()
					order = append(order, fmt.Sprintf("%s@%s", name, time.Since(begun).Round(time.Second)))
				}
			}()
			time.Sleep(time.Second)
		}
		ask("a1", "a")
		ask("a2", "a")
		ask("a3", "a") // its entity is full
		ask("b1", "b") // and does not stand in the way
		ask("r1", "")
		ask("b2", "b")
		ask("a4", "a")
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, []string{"a1@0s", "a2@1s", "b1@3s", "a3@10s", "r1@11s", "b2@13s", "a4@21s"}, order)
	})
}

func fill(t *testing.T, l *ratelimit.Limiter, n int, entity string) {
	t.Helper()
	now := time.Now()
	for range n {
		require.NoError(t, l.Wait(t.Context(), to(entity)))
	}
	require.Zero(t, time.Since(now))
}

// within waits under a deadline, and reports how long it waited.
func within(t *testing.T, l *ratelimit.Limiter, d time.Duration, entity string) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	now := time.Now()
	err := l.Wait(ctx, to(entity))
	return time.Since(now), err
}

func TestTooLateFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(100, 10)
		fill(t, l, 10, "a")
		for _, d := range []time.Duration{time.Millisecond, span - 1, span} {
			waited, err := within(t, l, d, "a")
			require.ErrorIs(t, err, clerkerr.ErrLocalLimit)
			require.ErrorContains(t, err, "there is room in 10.35s")
			require.Zero(t, waited)
		}
		waited, err := within(t, l, span+1, "a")
		require.NoError(t, err)
		require.Equal(t, span, waited)

		// The queue counts: ten go with the first span, the eleventh with the next.
		fill(t, l, 9, "a")
		for range 10 {
			go func() { _ = l.Wait(t.Context(), to("a")) }()
		}
		synctest.Wait()
		_, err = within(t, l, 2*span, "a")
		require.ErrorContains(t, err, "there is room in 20.7s")
		waited, err = within(t, l, 2*span+1, "a")
		require.NoError(t, err)
		require.Equal(t, 2*span, waited)
	})
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(2, 1)
		fill(t, l, 2, "")
		for range 2 {
			go func() { _ = l.Wait(t.Context(), to("")) }()
		}
		synctest.Wait()
		_, err := within(t, l, 2*span, "a")
		require.ErrorContains(t, err, "there is room in 20.7s", "the instance's queue counts too")
		time.Sleep(3 * span)
	})
}

// Each goes when its entity has room, regardless of earlier ones for other entities.
func TestEachInItsOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(100, 1)
		entities := []string{"a", "b", "c", "d"}
		for _, e := range entities {
			fill(t, l, 1, e)
			time.Sleep(time.Second)
		}
		begun := time.Now()
		var wg sync.WaitGroup
		for i, e := range []string{"d", "a", "b", "c"} {
			wg.Go(func() {
				require.NoError(t, l.Wait(t.Context(), to(e)))
				require.Equal(t, span-time.Second*time.Duration([]int{1, 4, 3, 2}[i]), time.Since(begun), e)
			})
			synctest.Wait()
		}
		wg.Wait()
	})
}

func TestEndedContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(100, 1)
		ctx, cancel := context.WithCancel(t.Context())
		fill(t, l, 1, "a")
		errs := make(chan error, 1)
		go func() { errs <- l.Wait(ctx, to("a")) }()
		behind := make(chan time.Duration, 1)
		begun := time.Now()
		go func() {
			time.Sleep(time.Second)
			_ = l.Wait(t.Context(), to("a"))
			behind <- time.Since(begun)
		}()
		time.Sleep(2 * time.Second)
		cancel()
		synctest.Wait()
		require.ErrorIs(t, <-errs, context.Canceled)
		require.ErrorIs(t, l.Wait(ctx, to("b")), context.Canceled, "though there is room")
		require.Equal(t, span, <-behind, "it takes the place of the one that left")
		fill(t, l, 1, "b")
	})
}

// to is a request that writes to an entity, a read for "".
func to(entity string) observe.Request { return observe.Request{Entity: entity} }

func BenchmarkWait(b *testing.B) {
	for name, entity := range map[string]string{"read": "", "write": "user/user_1"} {
		b.Run(name, func(b *testing.B) {
			const room = 1 << 16
			l, left := ratelimit.New(room, room), room
			ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
			defer cancel()
			b.ReportAllocs()
			for b.Loop() {
				if left--; left == 0 {
					b.StopTimer()
					l, left = ratelimit.New(room, room), room
					b.StartTimer()
				}
				if err := l.Wait(ctx, to(entity)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
