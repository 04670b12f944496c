package coalesce_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/coalesce"
)

// A bubble fails its test when a goroutine is still blocked at the end: that is
// the check for leaks in these tests.

func TestCombines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		w := s.writer(coalesce.WithInterval(time.Second))
		start := time.Now()
		first := submit(t, w, "x", `{"n":1,"o":{"a":1}}`, "")
		time.Sleep(999 * time.Millisecond)
		submit(t, w, "x", `{"n":2}`, `{"b":true}`)
		submit(t, w, "y", "", `{}`)
		last := submit(t, w, "x", `{"o":{"z":null}}`, "")
		e, err := first(t.Context())
		require.NoError(t, err)
		require.Equal(t, time.Second, time.Since(start), "the first update's wait counts")
		require.Equal(t, []request{{"x", `{"n":2,"o":{"a":1,"z":null}}`, `{"b":true}`}}, s.requests)
		other, err := last(t.Context())
		require.NoError(t, err)
		require.Equal(t, e, other)
		require.NotSame(t, e, other, "each caller has a copy")
		require.Equal(t, `{"n":2,"o":{"a":1}}`, e.A.String())

		e, err = w.Update(t.Context(), "y", raw("", `{"b":1}`)...)
		require.NoError(t, err)
		require.True(t, e.A.IsZero())
		require.Equal(t, `{"b":1}`, e.B.String())
		require.Equal(t, 1999*time.Millisecond, time.Since(start))
		require.Len(t, s.requests, 2)
		require.NoError(t, w.Close(t.Context()))
		require.Equal(t, 1999*time.Millisecond, time.Since(start), "an empty writer closes at once")
	})
}

// Requests for an entity begin no closer than the interval, also when one takes
// longer than that.
func TestInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		var began []time.Duration
		start := time.Now()
		s.before = func(_ context.Context, n int, _ request) fate {
			began = append(began, time.Since(start))
			if n == 2 {
				time.Sleep(3500 * time.Millisecond)
			}
			return fate{}
		}
		w := s.writer(coalesce.WithInterval(time.Second))
		for i := range 80 {
			submit(t, w, "x", kv("n", i), "")
			time.Sleep(100 * time.Millisecond)
		}
		require.NoError(t, w.Close(t.Context()))
		require.Len(t, began, 6)
		for i := range began[1:5] {
			require.GreaterOrEqual(t, began[i+1]-began[i], time.Second)
		}
		require.Equal(t, `{"n":79}`, s.held["x"].A.String())
	})
}

func TestApartInOrder(t *testing.T) {
	t.Parallel()
	long := func(key string) string { return fmt.Sprintf(`{%q:%q}`, key, strings.Repeat("x", 40)) }
	for name, tc := range map[string]struct {
		opts []coalesce.Option
		sent []string
		want []string
	}{
		"no composition": {nil, []string{`{"a":1}`, `{"a":{"b":2}}`, `{"c":3}`}, []string{`{"a":1}`, `{"a":{"b":2},"c":3}`}},
		"too large": {
			[]coalesce.Option{coalesce.WithMaxBatch(100, 100)},
			[]string{long("a"), long("b"), long("c"), long("d"), long("d")},
			[]string{long("a")[:47] + "," + long("b")[1:], long("c")[:47] + "," + long("d")[1:]},
		},
		"too large alone": {
			[]coalesce.Option{coalesce.WithMaxBatch(100, 10)},
			[]string{`{"a":1}`, long("b"), `{"c":1}`},
			[]string{`{"a":1}`, long("b"), `{"c":1}`},
		},
		"too many": {
			[]coalesce.Option{coalesce.WithMaxBatch(2, 1000)},
			[]string{`{"a":1}`, `{"b":1}`, `{"c":1}`, `{"d":1}`, `{"e":1}`},
			[]string{`{"a":1,"b":1}`, `{"c":1,"d":1}`, `{"e":1}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore(t)
				w := s.writer(tc.opts...)
				for _, p := range tc.sent {
					submit(t, w, "x", p, "")
				}
				require.NoError(t, w.Flush(t.Context()))
				var got []string
				for _, r := range s.requests {
					got = append(got, r.a)
				}
				require.Equal(t, tc.want, got)
				require.NoError(t, w.Close(t.Context()))
			})
		})
	}
}

// A full queue is sent at once.
func TestSize(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		s.before = func(context.Context, int, request) fate { time.Sleep(time.Second); return fate{} }
		w := s.writer(coalesce.WithInterval(time.Hour), coalesce.WithMaxBatch(3, 1000))
		start := time.Now()
		for i := range 8 {
			submit(t, w, "x", kv("n", i), "")
			if i == 2 {
				synctest.Wait() // the first three are on their way
			}
		}
		time.Sleep(time.Minute)
		require.Equal(t, []request{{"x", `{"n":2}`, ""}, {"x", `{"n":5}`, ""}, {"x", `{"n":7}`, ""}}, s.log(), "the worker took the whole queue")
		require.NoError(t, w.Close(t.Context()))
		require.Equal(t, time.Minute, time.Since(start))
	})
}

// Different entities go at the same time, so many at most and each in turn.
func TestWorkers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		s.before = func(context.Context, int, request) fate { time.Sleep(time.Second); return fate{} }
		w := s.writer(coalesce.WithWorkers(3))
		for i := range 10 {
			submit(t, w, fmt.Sprint(i), `{"n":1}`, "")
		}
		start := time.Now()
		require.NoError(t, w.Flush(t.Context()))
		require.Equal(t, 4*time.Second, time.Since(start))
		require.Equal(t, 3, s.most)
		require.NoError(t, w.Close(t.Context()))
	})
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for says, o := range map[string][]coalesce.Option{
		"WithInterval: is 0s, allowed is over 0 to 1h0m0s":           {coalesce.WithInterval(0)},
		"WithInterval: is 1h0m0.000000001s":                          {coalesce.WithInterval(time.Hour + 1)},
		"WithMaxBatch: is 0 updates of 1 bytes":                      {coalesce.WithMaxBatch(0, 1)},
		"WithMaxBatch: is 100001 updates":                            {coalesce.WithMaxBatch(100_001, 1)},
		"WithMaxBatch: is 1 updates of 0 bytes":                      {coalesce.WithMaxBatch(1, 0)},
		"WithMaxBatch: is 1 updates of 8193 bytes":                   {coalesce.WithMaxBatch(1, 8193)},
		"WithWorkers: is 0, allowed is 1 to 1000":                    {coalesce.WithWorkers(0)},
		"WithWorkers: is 1001":                                       {coalesce.WithWorkers(1001)},
		"WithMaxPending: is 0, allowed is 1 to 1000000":              {coalesce.WithMaxPending(0)},
		"WithMaxPending: is 1000001":                                 {coalesce.WithMaxPending(1_000_001)},
		"WithWorkers: is given twice":                                {coalesce.WithWorkers(1), coalesce.WithWorkers(1)},
		"clerk: NewWriter: option: is the zero Option":               {{}},
		"clerk: NewWriter: WithInterval: is -1ns, allowed is over 0": {coalesce.WithWorkers(1), coalesce.WithInterval(-1)},
	} {
		w, err := coalesce.New("NewWriter", coalesce.Target[string, entity]{}, o)
		require.Nil(t, w)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, says)
	}
}

func TestRefusedAtOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	w := s.writer()
	_, err := w.Submit(t.Context(), "x", raw(`{"a":1,"a":2}`, "")...)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	_, err = w.Update(t.Context(), "x", raw(`[]`, "")...)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	wait := submit(t, w, "x", `{"a":1}`, "")
	var none context.Context
	_, err = wait(none)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorIs(t, w.Flush(none), clerkerr.ErrInvalidArgument)
	require.ErrorIs(t, w.Close(none), clerkerr.ErrInvalidArgument)
	require.NoError(t, w.Close(t.Context()))
	require.Len(t, s.requests, 1)
}
