package writer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

// A bubble fails its test when a goroutine is still blocked at the end: that is
// the check for leaks in these tests.

func TestCombines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		w := s.writer(writer.Config{Interval: time.Second})
		start := time.Now()
		first := submit(t, w, "x", `{"n":1,"o":{"a":1}}`, "")
		time.Sleep(999 * time.Millisecond)
		submit(t, w, "x", `{"n":2}`, `{"b":true}`)
		submit(t, w, "y", "", `{"b":0}`)
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

		e, err = w.Update(t.Context(), "y", patches("", `{"b":1}`))
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
		w := s.writer(writer.Config{Interval: time.Second})
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
		config writer.Config
		sent   []string
		want   []string
	}{
		"no composition": {writer.Config{}, []string{`{"a":1}`, `{"a":{"b":2}}`, `{"c":3}`}, []string{`{"a":1}`, `{"a":{"b":2},"c":3}`}},
		"too large": {
			writer.Config{MaxUpdates: 100, MaxBytes: 100},
			[]string{long("a"), long("b"), long("c"), long("d"), long("d")},
			[]string{long("a")[:47] + "," + long("b")[1:], long("c")[:47] + "," + long("d")[1:]},
		},
		"too large alone": {
			writer.Config{MaxUpdates: 100, MaxBytes: 10},
			[]string{`{"a":1}`, long("b"), `{"c":1}`},
			[]string{`{"a":1}`, long("b"), `{"c":1}`},
		},
		"too many": {
			writer.Config{MaxUpdates: 2, MaxBytes: 1000},
			[]string{`{"a":1}`, `{"b":1}`, `{"c":1}`, `{"d":1}`, `{"e":1}`},
			[]string{`{"a":1,"b":1}`, `{"c":1,"d":1}`, `{"e":1}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore(t)
				w := s.writer(tc.config)
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
		w := s.writer(writer.Config{Interval: time.Hour, MaxUpdates: 3, MaxBytes: 1000})
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
		w := s.writer(writer.Config{Workers: 3})
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

func TestConfig(t *testing.T) {
	t.Parallel()
	for says, c := range map[string]writer.Config{
		"clerk: writer.Users: Interval: is -1ns: expected up to 1h0m0s, or 0 for 100ms": {Interval: -1},
		"Interval: is 1h0m0.000000001s":                            {Interval: time.Hour + 1},
		"MaxUpdates: is -1: expected 1 to 100000, or 0 for 1000":   {MaxUpdates: -1},
		"MaxUpdates: is 100001":                                    {MaxUpdates: 100_001},
		"MaxBytes: is -1: expected 1 to 8192, or 0 for 8192":       {MaxBytes: -1},
		"MaxBytes: is 8193":                                        {MaxBytes: 8193},
		"Workers: is -1: expected 1 to 1000, or 0 for 8":           {Workers: -1},
		"Workers: is 1001":                                         {Workers: 1001},
		"MaxPending: is -1: expected 1 to 1000000, or 0 for 10000": {MaxPending: -1},
		"MaxPending: is 1000001":                                   {MaxPending: 1_000_001},
	} {
		w, err := writer.Users(new(users.Service), c)
		require.Nil(t, w)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, says)
	}
}

func TestRefusedAtOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	w := s.writer(writer.Config{})
	_, err := w.Submit(t.Context(), "x", fields{A: metadata.Patch{"a": nil}})
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	_, err = w.Update(t.Context(), "x", fields{})
	require.ErrorIs(t, err, clerkerr.ErrNothingToWrite)
	wait := submit(t, w, "x", `{"a":1}`, "")
	var none context.Context
	_, err = wait(none)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorIs(t, w.Flush(none), clerkerr.ErrInvalidArgument)
	require.ErrorIs(t, w.Close(none), clerkerr.ErrInvalidArgument)
	require.NoError(t, w.Close(t.Context()))
	require.Len(t, s.requests, 1)
}
