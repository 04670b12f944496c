package redislimit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/redisserver"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

const span = window + margin

// world is a server whose scripts run by a clock of the test, in place of the server's.
type world struct {
	t     *testing.T
	rdb   *redis.Client
	clock time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: redisserver.Run(t).Addr, ReadTimeout: time.Minute})
	t.Cleanup(func() { _ = rdb.Close() })
	return &world{t, rdb, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// process is a limiter as another process has it.
func (w *world) process(c Config) *Limiter {
	w.t.Helper()
	c.Timeout = time.Minute // a busy machine is no outage
	l, err := New(w.rdb, c)
	require.NoError(w.t, err)
	l.now = func() time.Time { return w.clock }
	return l
}

func (w *world) take(l *Limiter, q *question, left time.Duration) answer {
	w.t.Helper()
	require.NoError(w.t, l.enter(w.t.Context()))
	a, err := l.take(w.t.Context(), q, left)
	require.NoError(w.t, err)
	return a
}

// try takes a slot if there is one, and returns how long until there is.
func (w *world) try(l *Limiter, r observe.Request) time.Duration {
	w.t.Helper()
	a := w.take(l, l.question(r), 0)
	require.NotEqual(w.t, int64(waits), a.status)
	return a.wait
}

func to(entity string) observe.Request { return observe.Request{Entity: entity} }

// The limiter of package client and this one answer alike, whatever is sent and refused.
func TestAsInOneProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for seed := range uint64(20) {
		const steps = 150
		limit, writes := 3+rand.New(rand.NewPCG(seed, 0)).IntN(20), 1+int(seed%4)
		// step does one thing to a limiter.
		step := func(r *rand.Rand, advance func(time.Duration), try func(observe.Request) string, l client.Limiter) string {
			advance(time.Duration(r.ExpFloat64()*900) * time.Millisecond)
			request := to([]string{"", "", "user/1", "user/2", "organization/1"}[r.IntN(5)])
			if r.IntN(20) == 0 {
				request = observe.Request{Operation: "CreateInvitations"}
			}
			if r.IntN(25) == 0 {
				l.TooMany(t.Context(), request, time.Duration(r.IntN(90)-5)*time.Second)
				return "refused"
			}
			return try(request)
		}
		var want []string
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			l, err := client.NewLimiter(client.Limit(limit), writes)
			require.NoError(t, err)
			for range steps {
				want = append(want, step(r, time.Sleep, func(request observe.Request) string {
					ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
					defer cancel()
					return fmt.Sprint(l.Wait(ctx, request))
				}, l))
			}
		})
		r := rand.New(rand.NewPCG(seed, 1))
		// Two processes share it, in turn.
		c := Config{Instance: fmt.Sprint(seed), Limit: client.Limit(limit), WriteLimit: writes}
		processes := []*Limiter{w.process(c), w.process(c)}
		for i := range steps {
			l := processes[i%2]
			got := step(r, func(d time.Duration) { w.clock = w.clock.Add(d) }, func(request observe.Request) string {
				if wait := w.try(l, request); wait > 0 {
					return fmt.Sprintf("clerkmeta: too late: there is room in %s", wait.Round(time.Millisecond))
				}
				return "<nil>"
			}, l)
			require.Equal(t, tail(want[i]), tail(got), "seed %d, step %d", seed, i)
		}
	}
}

// tail is what an error says after its sentinel.
func tail(text string) string {
	for i := len(text) - 1; i > 0; i-- {
		if text[i] == ':' {
			return text[i:]
		}
	}
	return text
}

// waiter is a request that waits, and asks when the test says so.
type waiter struct {
	name string
	l    *Limiter
	q    *question
	next time.Time
	sent time.Time
}

// queue asks for a request once.
func (w *world) queue(l *Limiter, name string, r observe.Request) *waiter {
	w.t.Helper()
	at := &waiter{name: name, l: l, q: l.question(r)}
	w.ask(at)
	return at
}

func (w *world) ask(at *waiter) {
	a := w.take(at.l, at.q, forever)
	if a.status == taken {
		at.sent = w.clock
		return
	}
	at.q.arrival, at.next = a.arrival, w.clock.Add(min(a.wait, beat))
}

// run lets those that wait ask as Wait does, until all are sent or the time has passed, and
// returns them in the order in which they were sent.
func (w *world) run(d time.Duration, all ...*waiter) []*waiter {
	var order []*waiter
	end := w.clock.Add(d)
	for {
		var next *waiter
		for _, at := range all {
			if at.sent.IsZero() && (next == nil || at.next.Before(next.next)) {
				next = at
			}
		}
		if next == nil || next.next.After(end) {
			w.clock = end
			return order
		}
		if next.next.After(w.clock) {
			w.clock = next.next
		}
		w.ask(next)
		if !next.sent.IsZero() {
			order = append(order, next)
		}
	}
}

func names(all []*waiter) (list []string) {
	for _, at := range all {
		list = append(list, at.name)
	}
	return list
}

// Those wait in the order in which they could go if the instance had no limit.
func TestFirstComeFirstServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := Config{Limit: 3, WriteLimit: 2}
	one, other := w.process(c), w.process(c)
	start := w.clock
	var all []*waiter
	for _, in := range []struct {
		l            *Limiter
		name, entity string
	}{
		{one, "a1", "a"}, {other, "a2", "a"}, {one, "a3", "a"}, {other, "b1", "b"},
		{one, "r1", ""}, {other, "b2", "b"}, {one, "a4", "a"},
	} {
		all = append(all, w.queue(in.l, in.name, to(in.entity)))
		w.clock = w.clock.Add(100 * time.Millisecond)
	}
	w.run(time.Minute, all...)
	var got []string
	slices.SortFunc(all, func(a, b *waiter) int { return a.sent.Compare(b.sent) })
	for _, at := range all {
		got = append(got, fmt.Sprintf("%s@%s", at.name, at.sent.Sub(start)))
	}
	require.Equal(t, []string{"a1@0s", "a2@100ms", "b1@300ms", "r1@10.35s", "b2@10.45s", "a3@10.65s", "a4@20.7s"}, got)
}

// No window, wherever it begins, holds more than the limit, and the limit is used.
func TestNeverMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		w := newWorld(t)
		r := rand.New(rand.NewPCG(seed, 2))
		c := Config{Limit: client.Limit(20 + r.IntN(20)), WriteLimit: 1 + r.IntN(6)}
		backfill := c
		backfill.Backfill = true
		processes := []*Limiter{w.process(c), w.process(c), w.process(backfill)}
		start := w.clock
		var all []*waiter
		for i := range 120 {
			entity := ""
			if n := r.IntN(40); n > 10 {
				entity = fmt.Sprint(n)
			}
			all = append(all, w.queue(processes[r.IntN(3)], entity, to(entity)))
			if i%10 == 0 {
				w.run(time.Duration(r.IntN(500))*time.Millisecond, all...)
			}
		}
		w.run(5*time.Minute, all...)
		of := map[string][]time.Time{}
		var sent []time.Time
		for _, at := range all {
			require.False(t, at.sent.IsZero())
			sent = append(sent, at.sent)
			if at.name != "" {
				of[at.name] = append(of[at.name], at.sent)
			}
		}
		requireWithin(t, sent, int(c.Limit))
		for _, at := range of {
			requireWithin(t, at, c.WriteLimit)
		}
		last := slices.MaxFunc(sent, time.Time.Compare)
		require.LessOrEqual(t, last.Sub(start), time.Duration(120/int(c.Limit)+2)*span, "the limit is used")
	}
}

func requireWithin(t *testing.T, at []time.Time, limit int) {
	t.Helper()
	slices.SortFunc(at, time.Time.Compare)
	for i := limit; i < len(at); i++ {
		require.GreaterOrEqual(t, at[i].Sub(at[i-limit]), span)
	}
}

// Who has died leaves the queue within a second, and those behind move up.
func TestTheDeadLeave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.process(Config{Limit: 2, WriteLimit: 1})
	require.Zero(t, w.try(l, to("")))
	require.Zero(t, w.try(l, to("a")))
	w.queue(w.process(Config{Limit: 2, WriteLimit: 1}), "gone", to("a"))
	w.clock = w.clock.Add(time.Millisecond)
	behind := w.queue(l, "behind", to("a"))
	require.Equal(t, 2*span-time.Millisecond, w.take(l, behind.q, forever).wait)
	w.clock = w.clock.Add(dead - time.Millisecond)
	require.Equal(t, span-dead, w.take(l, behind.q, forever).wait, "it is gone within a second")
	require.Less(t, dead, time.Second)
	require.EqualValues(t, 1, w.rdb.ZCard(t.Context(), "{clerk}:alive").Val())
}

// Who was only slow to ask has its place again.
func TestTheSlowKeepTheirPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.process(Config{Limit: 1})
	require.Zero(t, w.try(l, to("")))
	slow := w.queue(l, "slow", to(""))
	w.clock = w.clock.Add(time.Millisecond)
	behind := w.queue(l, "behind", to(""))
	w.clock = w.clock.Add(2 * dead)
	w.ask(behind)
	w.ask(slow)
	require.Equal(t, []string{"slow", "behind"}, names(w.run(time.Minute, behind, slow)))
}

// A 429 holds back the fleet, and one that waits and is late fails when it asks next.
func TestHoldsBackTheFleet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := Config{Limit: 10, WriteLimit: 1}
	one, other := w.process(c), w.process(c)
	require.Zero(t, w.try(one, to("a")))
	waiting := w.queue(other, "a", to("a"))
	one.TooMany(t.Context(), to("a"), 30*time.Second)
	a := w.take(other, waiting.q, 20*time.Second)
	require.EqualValues(t, late, a.status)
	require.Equal(t, 30*time.Second, a.wait)
	require.Zero(t, w.try(other, to("")), "another entity")
	one.TooMany(t.Context(), to("b"), 20*time.Second)
	require.Equal(t, 20*time.Second, w.try(other, to("")), "a second entity")
	one.TooMany(t.Context(), to(""), 100*time.Hour)
	require.Equal(t, time.Minute, w.try(other, to("")), "a minute at most")
	require.Equal(t, Stats{Holds: 3}, one.Stats())
}

// With the classes, interactive requests do not wait while they keep to the reserve, and a
// backfill gets its floor while interactive requests take all that they can.
func TestClasses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := Config{Limit: 20, Reserve: 5, Floor: 4}
	interactive := w.process(c)
	c.Backfill = true
	backfill := w.process(c)
	var all []*waiter
	for i := range 60 {
		all = append(all, w.queue(backfill, "backfill", to(fmt.Sprint("user/", i))))
	}
	sent := func(name string) (n int) {
		for _, at := range all {
			if at.name == name && !at.sent.IsZero() {
				n++
			}
		}
		return n
	}
	require.Equal(t, 15, sent("backfill"), "the reserve stays")
	for range 5 {
		require.Zero(t, w.try(interactive, to("")), "an interactive request does not wait")
	}
	require.NotZero(t, w.try(interactive, to("")))
	w.run(span, all...)
	require.Equal(t, 30, sent("backfill"))
	for range 100 {
		all = append(all, w.queue(interactive, "interactive", to("")))
	}
	slices.Reverse(all) // at the same moment interactive requests ask first
	before := sent("backfill")
	for i := range 4 {
		w.run(span, all...)
		require.GreaterOrEqual(t, sent("backfill")-before, 4*(i+1), "the floor")
		require.Less(t, sent("backfill")-before, 4*(i+1)+8, "and hardly more")
	}
	require.GreaterOrEqual(t, sent("interactive"), 4*14)
}

// A server that has lost its log holds back everything for one window, once.
func TestALostLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, other := w.process(Config{Limit: 10}), w.process(Config{Limit: 10})
	require.Zero(t, w.try(one, to("")))
	w.clock = w.clock.Add(time.Second)
	require.Zero(t, w.try(other, to("a")))
	require.NoError(t, w.rdb.FlushAll(t.Context()).Err())
	w.clock = w.clock.Add(time.Second)
	require.Equal(t, span, w.try(one, to("")))
	w.clock = w.clock.Add(5 * time.Second)
	require.Equal(t, span-5*time.Second, w.try(other, to("")), "not once more")
	w.clock = w.clock.Add(span)
	require.Zero(t, w.try(other, to("")))

	// After a window without requests there was nothing to lose.
	w.clock = w.clock.Add(span)
	require.NoError(t, w.rdb.FlushAll(t.Context()).Err())
	require.Zero(t, w.try(one, to("")))

	// Invitations are held back by those who know of some, for their window.
	invitation := observe.Request{Operation: "CreateInvitation"}
	require.Zero(t, w.try(one, invitation))
	w.clock = w.clock.Add(span)
	require.NoError(t, w.rdb.FlushAll(t.Context()).Err())
	require.Equal(t, time.Hour+margin, w.try(one, invitation))
	require.NotZero(t, w.try(other, invitation))
}

// A clock that is set back stands still until it has caught up, or begins again.
func TestTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.process(Config{Limit: 2, WriteLimit: 1})
	require.Zero(t, w.try(l, to("a")))
	w.clock = w.clock.Add(-5 * time.Second)
	require.Equal(t, span, w.try(l, to("a")))
	require.Zero(t, w.try(l, to("b")))
	w.clock = w.clock.Add(-time.Hour)
	require.Equal(t, span, w.try(l, to("")), "nothing is known of the last window")
	w.clock = w.clock.Add(span)
	require.Zero(t, w.try(l, to("a")))
}

// A hold from before the clock was set back by more than a window ends, and a new one counts.
func TestTheClockIsSetBackDuringAHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.process(Config{Limit: 5, WriteLimit: 2})
	invitation := observe.Request{Operation: "CreateInvitation"}
	for _, r := range []observe.Request{to(""), to("a"), invitation} {
		l.TooMany(t.Context(), r, time.Hour)
	}
	w.clock = w.clock.Add(-5 * time.Second)
	require.Equal(t, 65*time.Second, w.try(l, to("a")), "a hold outlasts a small step")
	w.clock = w.clock.Add(-24 * time.Hour)
	for _, r := range []observe.Request{to(""), to("a"), invitation} {
		require.Zero(t, w.try(l, r))
	}
	l.TooMany(t.Context(), to("a"), 30*time.Second)
	require.Equal(t, 30*time.Second, w.try(l, to("a")))
}

// A process forgets what it has seen of a clock that was ahead: it notices a loss after that,
// and takes the return of the old moment for none.
func TestALostLogAfterTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.process(Config{Limit: 5})
	require.Zero(t, w.try(l, to("")))
	ahead := w.clock
	w.clock = w.clock.Add(-time.Hour)
	require.Equal(t, span, w.try(l, to("")))
	w.clock = w.clock.Add(span)
	require.Zero(t, w.try(l, to("")))
	w.clock = w.clock.Add(time.Second)
	require.NoError(t, w.rdb.FlushAll(t.Context()).Err())
	require.Equal(t, span, w.try(l, to("")), "the loss")
	w.clock = ahead.Add(-time.Second)
	require.Zero(t, w.try(l, to("")), "no loss")
}

// A question that is repeated, since its answer was lost, counts once.
func TestARepeatedQuestionCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.process(Config{Limit: 1})
	q := l.question(to(""))
	require.EqualValues(t, taken, w.take(l, q, 0).status)
	require.EqualValues(t, taken, w.take(l, q, 0).status)
	require.NotZero(t, w.try(l, to("")))
}
