package writer_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

// What Clerk refuses for its content fails those alone that are at fault.
func TestContentIsSentApart(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity} {
		synctest.Test(t, func(t *testing.T) {
			s := newStore(t)
			s.before = func(_ context.Context, _ int, r request) fate {
				if strings.Contains(r.a, "bad") {
					return fate{lost: true, err: failed(status, clerkerr.OutcomeNotApplied)}
				}
				return fate{}
			}
			w := s.writer(writer.Config{})
			const n, bad = 64, 21
			var waits []func(context.Context) (*entity, error)
			for i := range n {
				p := fmt.Sprintf(`{"k%d":%d,"last":%d}`, i, i, i)
				if i == bad {
					p = `{"bad":1,"last":-1}`
				}
				waits = append(waits, submit(t, w, "x", p, ""))
			}
			for i, wait := range waits {
				e, err := wait(t.Context())
				if i == bad {
					require.Equal(t, status, err.(*clerkerr.Error).Status) //nolint:errorlint // the very error
					require.Nil(t, e)
					continue
				}
				require.NoError(t, err)
				require.Contains(t, e.A.String(), fmt.Sprintf(`"k%d":%d`, i, i), "the answer of the request that held it")
			}
			m, err := s.held["x"].A.Map()
			require.NoError(t, err)
			require.Len(t, m, n)
			require.Equal(t, "63", fmt.Sprint(m["last"]))
			require.Len(t, s.requests, 13, "halves of halves")
			require.NoError(t, w.Close(t.Context()))
		})
	}
}

// Anything else is everyone's whose change the request held, and nobody's else.
func TestFailuresOfAll(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fate{
		"rate limited":         {lost: true, err: failed(429, clerkerr.OutcomeNotApplied)},
		"conflict":             {lost: true, err: failed(409, clerkerr.OutcomeNotApplied)},
		"not found":            {lost: true, err: failed(404, clerkerr.OutcomeNotApplied)},
		"server":               {lost: true, err: failed(503, clerkerr.OutcomeUnknown)},
		"applied, not known":   {err: failed(504, clerkerr.OutcomeUnknown)},
		"refused after a 5xx":  {err: failed(422, clerkerr.OutcomeUnknown)},
		"answer not read":      {answer: true, err: failed(200, clerkerr.OutcomeApplied)},
		"no error of our kind": {lost: true, err: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore(t)
				s.before = func(_ context.Context, n int, _ request) fate {
					if n == 1 {
						return f
					}
					return fate{}
				}
				w := s.writer(writer.Config{})
				first, second := submit(t, w, "x", `{"a":1}`, ""), submit(t, w, "x", `{"b":1}`, "")
				third := submit(t, w, "x", `{"a":{}}`, "") // apart
				for _, wait := range []func(context.Context) (*entity, error){first, second} {
					e, err := wait(t.Context())
					require.Equal(t, f.err, err)
					require.Equal(t, f.answer, e != nil)
				}
				_, err := third(t.Context())
				require.NoError(t, err)
				require.Len(t, s.requests, 2)
				require.NoError(t, w.Close(t.Context()), "everybody knows")
			})
		})
	}
}

func TestFlushAndCloseReport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		s.before = func(context.Context, int, request) fate {
			return fate{lost: true, err: failed(503, clerkerr.OutcomeUnknown)}
		}
		w := s.writer(writer.Config{Workers: 1})
		submit(t, w, "nobody", `{"a":1}`, "")
		time.Sleep(time.Second)
		for i := range 20 {
			submit(t, w, fmt.Sprintf("k%d", i), `{"a":1}`, "")
		}
		err := w.Flush(t.Context())
		require.Equal(t, 16, strings.Count(err.Error(), "status 503"))
		require.ErrorIs(t, err, clerkerr.ErrServer)
		require.True(t, strings.HasPrefix(err.Error(), "updates failed: 20\n\"k0\": clerk: UpdateIt: status 503"), err)
		require.True(t, strings.HasSuffix(err.Error(), "\nand 4 more"), err)

		submit(t, w, "late", `{"a":1}`, "")
		err = w.Close(t.Context())
		require.Regexp(t, `^updates failed: 2\n"nobody": .*\n"late": .*$`, err.Error(), "what Flush reported is not reported again")
		require.NoError(t, w.Close(t.Context()), "nor is what Close reported")
		_, err = w.Update(t.Context(), "x", patches(`{"a":1}`, ""))
		requireStopped(t, err, writer.ErrClosed, clerkerr.OutcomeNotApplied)
		require.EqualError(t, err, "clerk: UpdateIt: the writer is closed")
	})
}

// Close under load: each update is either refused or applied.
func TestCloseUnderLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		s.before = func(context.Context, int, request) fate { time.Sleep(20 * time.Millisecond); return fate{} }
		w := s.writer(writer.Config{MaxPending: 30})
		var wg sync.WaitGroup
		var last [40]int // of each goroutine, the last that was applied
		for g := range last {
			wg.Go(func() {
				for i := 1; ; i++ {
					_, err := w.Update(t.Context(), fmt.Sprint(g%4), patches(kv(fmt.Sprint("g", g), i), ""))
					if err != nil {
						requireStopped(t, err, writer.ErrClosed, clerkerr.OutcomeNotApplied)
						return
					}
					last[g] = i
				}
			})
		}
		time.Sleep(time.Second)
		require.NoError(t, w.Close(t.Context()))
		sent := len(s.requests)
		wg.Wait()
		time.Sleep(time.Hour)
		require.Len(t, s.requests, sent, "nothing is sent after Close")
		for g, n := range last {
			m, err := s.held[fmt.Sprint(g%4)].A.Map()
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(n), fmt.Sprint(m[fmt.Sprint("g", g)]))
		}
	})
}

// When its context ends, Close gives up what it has not sent, and says so.
func TestCloseGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		s.before = func(ctx context.Context, _ int, _ request) fate {
			<-ctx.Done()
			return fate{lost: true, err: &clerkerr.Error{Operation: "UpdateIt", Attempts: 1, Err: ctx.Err()}}
		}
		w := s.writer(writer.Config{Workers: 1})
		first := submit(t, w, "x", `{"a":1}`, "")
		second := submit(t, w, "x", `{"a":{"b":1}}`, "")
		other := submit(t, w, "y", `{"a":1}`, "")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		err := w.Close(ctx)
		require.Equal(t, time.Minute, time.Since(start))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "updates failed: 3")
		require.Len(t, s.requests, 1)
		_, err = first(t.Context())
		requireStopped(t, err, context.Canceled, clerkerr.OutcomeUnknown)
		for _, wait := range []func(context.Context) (*entity, error){second, other} {
			_, err = wait(t.Context())
			requireStopped(t, err, writer.ErrClosed, clerkerr.OutcomeNotApplied)
		}
	})
}

// Outside a bubble: no goroutine is left after Close.
func TestNoGoroutineIsLeft(t *testing.T) { //nolint:paralleltest // it counts goroutines
	before := runtime.NumGoroutine()
	s := newStore(t)
	w := s.writer(writer.Config{Interval: time.Millisecond})
	for i := range 1000 {
		submit(t, w, fmt.Sprint(i%50), kv("n", i), "")
	}
	require.NoError(t, w.Close(t.Context()))
	// A timer that fired just then may still be on its way out.
	for deadline := time.Now().Add(5 * time.Minute); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}
