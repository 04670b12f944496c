package ratelimit

import (
	"context"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crowd is a limiter for which so many wait: for one entity, for as many
// entities, or to read.
func crowd(tb testing.TB, n int, entity func(i int) string) (*Limiter, []*waiter) {
	tb.Helper()
	l := New(100, 10)
	ctx, cancel := context.WithTimeout(tb.Context(), 1000*time.Hour)
	tb.Cleanup(cancel)
	for range 100 {
		require.NoError(tb, l.Wait(ctx, to("")))
	}
	waiters := make([]*waiter, n)
	for i := range waiters {
		w, err := l.take(ctx, to(entity(i)))
		require.NoError(tb, err)
		require.NotNil(tb, w)
		waiters[i] = w
	}
	return l, waiters
}

func crowds() map[string]func(i int) string {
	return map[string]func(i int) string{
		"reads":         func(int) string { return "" },
		"one entity":    func(int) string { return "user/1" },
		"many entities": strconv.Itoa,
		"mixed":         func(i int) string { return []string{"", "user/1", strconv.Itoa(i)}[i%3] },
	}
}

// watch counts the comparisons that the queue makes: every way through one of its
// orders, and every search, is made of them.
func watch(l *Limiter) *int {
	var n int
	q := &l.waiting
	ready, full, order, urgent := q.ready.less, q.full.less, q.order.less, q.urgent.less
	q.ready.less = func(a, b *line) bool { n++; return ready(a, b) }
	q.full.less = func(a, b *line) bool { n++; return full(a, b) }
	q.order.less = func(a, b *waiter) bool { n++; return order(a, b) }
	q.urgent.less = func(a, b *waiter) bool { n++; return urgent(a, b) }
	for _, of := range append(slices.Collect(maps.Values(l.entities)), l.reads) {
		of.waiting.less = func(a, b *waiter) bool { n++; return cameBefore(a, b) }
	}
	return &n
}

// However many wait, one more, one fewer, one whose turn has come and a 429 make
// as many comparisons as the logarithm of their number, times a constant; a 429
// of an entity so many for each that waits for it.
func TestWorkGrowsWithTheLogarithm(t *testing.T) {
	t.Parallel()
	for name, entity := range crowds() {
		for _, size := range []int{1000, 20_000} {
			t.Run(fmt.Sprint(name, " ", size), func(t *testing.T) {
				t.Parallel()
				l, waiters := crowd(t, size, entity)
				most := 12 * bits.Len(uint(size))
				work := watch(l)
				spent := func() int { n := *work; *work = 0; return n }

				w, err := l.take(t.Context(), to(entity(size)))
				require.NoError(t, err)
				require.LessOrEqual(t, spent(), most, "one comes")
				require.Positive(t, l.waiting.order.rank(w))
				spent()

				for _, w := range waiters[:size/2] {
					require.ErrorIs(t, l.leave(canceled(), w), context.Canceled)
				}
				require.LessOrEqual(t, spent(), most*size/2, "half of them leave")

				const refusals = 100
				for range refusals {
					l.TooMany(t.Context(), to(""), time.Minute)
				}
				require.LessOrEqual(t, spent(), most*(size+refusals), "429s for all")

				queued := l.line(to("user/1")).waiting.root.len()
				l.TooMany(t.Context(), to("user/1"), time.Minute)
				require.LessOrEqual(t, spent(), most*(queued+1), "a 429 for an entity")

				now, waiting := time.Since(l.start), l.waiting.order.root.size
				for range waiting {
					now += span
					l.mu.Lock()
					l.advance(now)
					l.mu.Unlock()
				}
				require.Nil(t, l.waiting.order.root, "all have gone")
				require.LessOrEqual(t, spent(), most*(waiting+1), "all go")
			})
		}
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func BenchmarkCrowd(b *testing.B) {
	for _, size := range []int{1000, 20_000} {
		entity := crowds()["mixed"]
		b.Run(fmt.Sprint("come and leave/", size), func(b *testing.B) {
			for b.Loop() {
				l, waiters := crowd(b, size, entity)
				for _, w := range waiters {
					_ = l.leave(canceled(), w)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/waiter")
		})
		b.Run(fmt.Sprint("429 for all/", size), func(b *testing.B) {
			l, _ := crowd(b, size, entity)
			for b.Loop() {
				l.TooMany(b.Context(), to(""), 0)
			}
		})
		b.Run(fmt.Sprint("429 for an entity/", size), func(b *testing.B) {
			l, _ := crowd(b, size, func(int) string { return "user/1" })
			for b.Loop() {
				l.TooMany(b.Context(), to("user/1"), 0)
			}
		})
	}
}
