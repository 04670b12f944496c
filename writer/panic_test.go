package writer_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

// A panic or a Goexit below a writer is the error of the updates in that request,
// and of no others. In a bubble a goroutine that is left behind fails the test.
func TestPanicBelowAWriter(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		leave func()
		value any
		says  string
	}{
		"panic":         {func() { panic("s3cret-value") }, "s3cret-value", "with a value of type string"},
		"runtime error": {func() { _ = []int{}[runtime.NumCPU()] }, nil, "index out of range"},
		"goexit":        {runtime.Goexit, nil, "runtime.Goexit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore(t)
				w := s.writer(writer.Config{})
				s.before = func(_ context.Context, _ int, r request) fate {
					if r.key == "bad" {
						s.mu.Lock()
						delete(s.inFlight, r.key)
						s.mu.Unlock()
						tc.leave()
					}
					return fate{}
				}
				first, second := submit(t, w, "bad", kv("a", 1), ""), submit(t, w, "bad", kv("b", 2), "")
				good := submit(t, w, "good", kv("a", 1), "")
				_ = submit(t, w, "bad", kv("unseen", 3), "")
				for _, wait := range []func(context.Context) (*entity, error){first, second} {
					e, err := wait(t.Context())
					require.Nil(t, e)
					var panicked *clerkerr.PanicError
					require.ErrorAs(t, err, &panicked)
					require.ErrorContains(t, err, tc.says)
					require.NotContains(t, fmt.Sprintf("%+v %#v", err, err), "s3cret")
					if tc.value != nil {
						require.Equal(t, tc.value, panicked.Value)
					}
					var e2 *clerkerr.Error
					require.ErrorAs(t, err, &e2)
					require.Equal(t, clerkerr.OutcomeUnknown, e2.Outcome)
				}
				_, err := good(t.Context())
				require.NoError(t, err)
				_, err = w.Update(t.Context(), "good", patches(kv("b", 2), ""))
				require.NoError(t, err, "the writer continues")
				_, err = w.Update(t.Context(), "bad", patches(kv("b", 2), ""))
				require.ErrorContains(t, err, tc.says)
				err = w.Close(t.Context())
				require.ErrorContains(t, err, "updates failed: 1", "what nobody waited for")
				require.ErrorContains(t, err, tc.says)
			})
		})
	}
}

// Close comes back although a request never returns, and says so.
func TestCloseWithARequestThatNeverReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		release := make(chan struct{})
		s.before = func(_ context.Context, _ int, r request) fate {
			if r.key == "stuck" {
				<-release
			}
			return fate{}
		}
		w := s.writer(writer.Config{})
		wait := submit(t, w, "stuck", kv("a", 1), "")
		good := submit(t, w, "good", kv("a", 1), "")
		_, err := good(t.Context())
		require.NoError(t, err, "others go on")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = wait(ctx)
		requireStopped(t, err, context.DeadlineExceeded, clerkerr.OutcomeUnknown)
		start := time.Now()
		err = w.Close(ctx)
		require.Equal(t, 5*time.Second, time.Since(start))
		requireStopped(t, err, context.DeadlineExceeded, clerkerr.OutcomeUnknown)
		require.ErrorContains(t, err, "has not returned")
		require.False(t, errors.Is(err, context.Canceled))
		close(release)
	})
}
