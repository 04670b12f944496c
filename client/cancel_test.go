package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

func TestCanceledInTheMiddleOfAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		start := time.Now()
		rt := play(answer(429, tooManyJSON, "Retry-After", "20"))
		user, err := update(ctx, newClient(t, rt))
		require.Equal(t, 3*time.Second, time.Since(start))
		require.Nil(t, user)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, clerkerr.ErrRateLimited)
		require.Equal(t, 1, rt.count())
		e := asFailure(t, err)
		require.Equal(t, clerkerr.StopCanceled, e.Stop)
		require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
		require.Equal(t, 429, e.Status)
		require.Equal(t, 1, e.Attempts)
		require.Equal(t, "too_many_requests", e.Code())
		require.Equal(t, "trace_429", e.TraceID)
		require.Equal(t, 20*time.Second, e.RetryAfter)
		require.JSONEq(t, tooManyJSON, string(e.Body))
	})
}

func TestCancelCause(t *testing.T) {
	t.Parallel()
	errShutdown := errors.New("the server is shutting down")
	for name, step := range map[string]roundTripper{"in a wait": answer(503, "", "Retry-After", "20"), "in flight": hangs} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(3*time.Second, func() { cancel(errShutdown) })
				_, err := update(ctx, newClient(t, play(step)))
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, errShutdown)
				require.ErrorContains(t, err, "the server is shutting down")
				require.Equal(t, clerkerr.StopCanceled, asFailure(t, err).Stop)
			})
		})
	}
}

// A context that has ended and a wait that is over: nothing more is sent,
// whichever of the two is noticed first.
func TestCanceledAsTheWaitEnds(t *testing.T) {
	t.Parallel()
	for range 300 {
		ctx, cancel := context.WithCancel(t.Context())
		rt := play(answer(429, ""))
		hook := client.WithAttemptHook(func(context.Context, observe.Attempt) { cancel() })
		_, err := update(ctx, newClient(t, rt, atOnce(), hook))
		e := asFailure(t, err)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 1, rt.count())
		require.Equal(t, 1, e.Attempts)
		require.Equal(t, clerkerr.StopCanceled, e.Stop)
		require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
	}
}

func TestEndedBeforeTheFirstAttempt(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancelLate := context.WithDeadline(context.Background(), time.Unix(1, 0))
	defer cancelLate()
	for ctx, is := range map[context.Context]error{canceled: context.Canceled, late: context.DeadlineExceeded} {
		rt := play(answer(200, userJSON))
		s := newSDK(t, rt)
		for _, c := range calls.All() {
			r := c.Do(ctx, s, calls.Valid())
			e := asFailure(t, r.Err)
			require.Empty(t, r.Found)
			require.ErrorIs(t, e, is)
			require.NotErrorIs(t, e, clerkerr.ErrInvalidArgument)
			require.Zero(t, rt.count())
			require.Zero(t, e.Attempts)
			require.Zero(t, e.Status)
			require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
			require.Equal(t, clerkerr.StopCanceled, e.Stop)
		}
	}
}

func TestEndedInFlight(t *testing.T) {
	t.Parallel()
	halfAnAnswer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"id":`)
		<-r.Context().Done()
	})
	for name, rt := range map[string]http.RoundTripper{"before the answer": roundTripper(hangs), "in the body": inprocess.Transport(halfAnAnswer)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSDK(t, rt)
				for _, tc := range []struct {
					call    string
					outcome clerkerr.Outcome
				}{{"users.UpdateUserMetadata", clerkerr.OutcomeUnknown}, {"users.GetUser", clerkerr.OutcomeNotApplied}} {
					ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
					start := time.Now()
					err := calls.Named(tc.call).Do(ctx, s, calls.Valid()).Err
					cancel()
					e := asFailure(t, err)
					require.Equal(t, 2*time.Second, time.Since(start))
					require.ErrorIs(t, err, context.DeadlineExceeded)
					require.Equal(t, clerkerr.StopCanceled, e.Stop)
					require.Equal(t, 1, e.Attempts)
					if name == "in the body" && tc.outcome == clerkerr.OutcomeUnknown {
						tc.outcome = clerkerr.OutcomeApplied // its status is known
					}
					require.Equal(t, tc.outcome, e.Outcome)
				}
			})
		})
	}
}

// A final answer stays one, though the context ended while it was read.
func TestFinalAnswerAsTheContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	rt := roundTripper(func(r *http.Request) (*http.Response, error) {
		cancel()
		return answer(404, codeJSON("resource_not_found"))(r)
	})
	_, err := update(ctx, newClient(t, rt))
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
	require.NotErrorIs(t, err, context.Canceled)
	require.Equal(t, clerkerr.StopFinal, asFailure(t, err).Stop)
}

func TestOverallTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := update(t.Context(), newClient(t, roundTripper(hangs), client.WithRetry(client.Retry{Timeout: 3 * time.Second})))
		require.Equal(t, 3*time.Second, time.Since(start))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "the call as a whole took too long")
		require.Equal(t, clerkerr.StopCanceled, asFailure(t, err).Stop)

		start = time.Now()
		_, err = update(t.Context(), newClient(t, roundTripper(hangs), client.WithRetry(client.Retry{MaxRetries: 10})))
		require.LessOrEqual(t, time.Since(start), 45*time.Second)
		require.Greater(t, time.Since(start), 4*10*time.Second-time.Second)
		require.Error(t, err)
	})
}

func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	// Some transports return the context's cause, some its error.
	plain := func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }
	slowBody := inprocess.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "9")
		_, _ = io.WriteString(w, `{`)
		<-r.Context().Done()
	}))
	for name, rt := range map[string]roundTripper{"cause": hangs, "error": plain, "body": slowBody.RoundTrip} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				played := play(rt)
				_, err := update(t.Context(), newClient(t, played, client.WithRetry(client.Retry{AttemptTimeout: time.Second, MaxRetries: 2})))
				e := asFailure(t, err)
				require.Equal(t, 3, played.count())
				require.Equal(t, clerkerr.StopAttempts, e.Stop)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorIs(t, err, clerkerr.ErrTransport)
				require.ErrorContains(t, err, "the attempt took too long (1s)")
				for _, wait := range played.waits() {
					require.GreaterOrEqual(t, wait, time.Second)
				}

				played = play(rt, answer(200, userJSON))
				user, err := update(t.Context(), newClient(t, played, client.WithRetry(client.Retry{AttemptTimeout: time.Second})))
				require.NoError(t, err)
				require.Equal(t, "user_1", user.ID)
			})
		})
	}
}

// The caller's own http.Client.Timeout bounds an attempt too.
func TestHTTPClientTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := play(roundTripper(hangs), answer(200, userJSON))
		h := &http.Client{Transport: rt, Timeout: time.Second}
		c, err := client.New(client.SecretKey(key), client.WithHTTPClient(h))
		require.NoError(t, err)
		_, err = update(t.Context(), c)
		require.NoError(t, err)
		require.GreaterOrEqual(t, rt.waits()[0], time.Second)
		require.LessOrEqual(t, rt.waits()[0], time.Second+500*time.Millisecond)
	})
}

func TestAttemptTimeoutOverLoopback(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices a lost client only after the body
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	c := overLoopback(t, server.URL, quick(client.Retry{AttemptTimeout: 20 * time.Millisecond, MaxRetries: 1}))
	_, err := update(t.Context(), c)
	e := asFailure(t, err)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, clerkerr.ErrTransport)
	require.Equal(t, 2, e.Attempts)
	require.Equal(t, clerkerr.OutcomeUnknown, e.Outcome)
}
