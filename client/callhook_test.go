package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// watch keeps what a call hook gets; its zero value is ready.
type watch struct {
	calls   []observe.Call
	results []observe.Result
}

func (w *watch) option() client.Option {
	return client.WithCallHook(func(ctx context.Context, c observe.Call) (context.Context, func(observe.Result)) {
		w.calls = append(w.calls, c)
		return ctx, func(r observe.Result) { w.results = append(w.results, r) }
	})
}

// waiting is a Limiter that says err after wait.
type waiting struct {
	wait time.Duration
	err  error
}

func (l waiting) Wait(ctx context.Context, _ observe.Request) error {
	select {
	case <-time.After(l.wait):
		return l.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (waiting) TooMany(context.Context, observe.Request, time.Duration) {}

func TestCallHookSeesTheResult(t *testing.T) {
	t.Parallel()
	const second = time.Second
	applied, notApplied, unknown := clerkerr.OutcomeApplied, clerkerr.OutcomeNotApplied, clerkerr.OutcomeUnknown
	slow := func(r *http.Request) (*http.Response, error) {
		time.Sleep(2 * second) // of the bubble's clock
		return answer(200, userJSON)(r)
	}
	for name, tc := range map[string]struct {
		rt      *script
		limiter client.Limiter
		retry   client.Retry
		want    observe.Result
	}{
		"success": {play(answer(200, userJSON, "Cf-Ray", "ray")), nil, client.Retry{}, observe.Result{Attempts: 1, Status: 200, TraceID: "ray", Outcome: applied}},
		"slow":    {play(slow), nil, client.Retry{}, observe.Result{Attempts: 1, Status: 200, Outcome: applied, Duration: 2 * second}},
		"retried": {play(answer(429, tooManyJSON), broken(io.EOF), answer(200, userJSON)), nil, client.Retry{}, observe.Result{Attempts: 3, Status: 200, Outcome: applied}},
		"refused": {
			play(answer(404, codeJSON("resource_not_found"))), nil, client.Retry{},
			observe.Result{Attempts: 1, Status: 404, Code: "resource_not_found", TraceID: "trace_1", ErrorType: "404", Outcome: notApplied},
		},
		"redirect":   {play(answer(302, "")), nil, client.Retry{}, observe.Result{Attempts: 1, Status: 302, ErrorType: "302", Outcome: unknown}},
		"never sent": {play(broken(errDial)), nil, client.Retry{}, observe.Result{Attempts: 2, ErrorType: "connection", Outcome: notApplied}},
		"lost":       {play(broken(io.EOF)), nil, client.Retry{}, observe.Result{Attempts: 2, ErrorType: "connection", Outcome: unknown}},
		"lost, then refused": {
			play(broken(io.EOF), answer(429, tooManyJSON)), nil, client.Retry{},
			observe.Result{Attempts: 2, Status: 429, Code: "too_many_requests", TraceID: "trace_429", ErrorType: "429", Outcome: unknown},
		},
		"refused, then lost": {
			play(answer(503, codeJSON("service_unavailable")), broken(io.EOF)), nil, client.Retry{},
			observe.Result{Attempts: 2, Status: 503, Code: "service_unavailable", TraceID: "trace_1", ErrorType: "connection", Outcome: unknown},
		},
		"cut short":  {play(cut(200, `{"id":`)), nil, client.Retry{}, observe.Result{Attempts: 2, Status: 200, ErrorType: "connection", Outcome: applied}},
		"no user":    {play(answer(200, `[]`)), nil, client.Retry{}, observe.Result{Attempts: 1, Status: 200, ErrorType: "decode", Outcome: applied}},
		"timed out":  {play(hangs), nil, client.Retry{Timeout: 3 * second}, observe.Result{Attempts: 1, ErrorType: "timeout", Outcome: unknown, Duration: 3 * second}},
		"attempts":   {play(hangs), nil, client.Retry{AttemptTimeout: second}, observe.Result{Attempts: 2, ErrorType: "timeout", Outcome: unknown, Duration: 2 * second}},
		"queued":     {play(answer(503, ""), answer(200, userJSON)), waiting{second, nil}, client.Retry{}, observe.Result{Attempts: 2, Status: 200, Outcome: applied, Queued: 2 * second, Duration: 2 * second}},
		"no turn":    {play(answer(200, userJSON)), waiting{second, clerkerr.ErrLocalLimit}, client.Retry{}, observe.Result{ErrorType: "rate_limiter", Outcome: notApplied, Queued: second, Duration: second}},
		"no limiter": {play(answer(200, userJSON)), waiting{0, errors.New("out of order")}, client.Retry{}, observe.Result{ErrorType: "rate_limiter", Outcome: notApplied}},
		"late turn": {
			play(answer(200, userJSON)), waiting{time.Hour, nil}, client.Retry{Timeout: 3 * second},
			observe.Result{ErrorType: "timeout", Outcome: notApplied, Queued: 3 * second, Duration: 3 * second},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &watch{}
				tc.retry.MaxRetries = max(1, len(tc.rt.steps)-1)
				opts := []client.Option{w.option(), quick(tc.retry)}
				if tc.limiter != nil {
					opts = append(opts, client.WithLimiter(tc.limiter))
				}
				_, err := update(t.Context(), newClient(t, tc.rt, opts...))
				require.Len(t, w.results, 1)
				got := w.results[0]
				require.Equal(t, tc.want, got)
				require.Equal(t, err != nil, got.ErrorType != "")
			})
		})
	}
}

func TestCallHookSeesTheContextsEnd(t *testing.T) {
	t.Parallel()
	w := &watch{}
	canceled, cancel := context.WithCancel(t.Context())
	rt := play(func(*http.Request) (*http.Response, error) {
		cancel()
		return nil, io.EOF
	})
	c := newClient(t, rt, w.option(), atOnce())
	for range 2 { // the second call begins with a context that has ended
		_, err := update(canceled, c)
		require.ErrorIs(t, err, context.Canceled)
	}
	for i := range w.results {
		w.results[i].Duration = 0
	}
	require.Equal(t, []observe.Result{
		{Attempts: 1, ErrorType: "canceled", Outcome: clerkerr.OutcomeUnknown},
		{ErrorType: "canceled", Outcome: clerkerr.OutcomeNotApplied},
	}, w.results)

	_, err := c.Users.GetUser(t.Context(), "no/id")
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.Len(t, w.calls, 2, "what is refused is no call")
}

func TestCallHookSeesAMissingMembership(t *testing.T) {
	t.Parallel()
	w := &watch{}
	_, err := newClient(t, answer(200, `{"data":[],"total_count":0}`), w.option()).Organizations.GetOrganizationMembership(t.Context(), "org_1", "user_1")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
	require.Len(t, w.results, 1)
	require.Equal(t, "not_found", w.results[0].ErrorType)
	require.Equal(t, http.StatusOK, w.results[0].Status)
}

// seeing is a slog.Handler, a Limiter and a RoundTripper that report what the
// context holds.
type seeing struct {
	slog.Handler

	saw func(who string, ctx context.Context)
	rt  http.RoundTripper
}

func (s seeing) Handle(ctx context.Context, _ slog.Record) error {
	s.saw("logger", ctx)
	return nil
}

func (s seeing) Wait(ctx context.Context, _ observe.Request) error {
	s.saw("limiter", ctx)
	return nil
}

func (seeing) TooMany(context.Context, observe.Request, time.Duration) {}

func (s seeing) RoundTrip(r *http.Request) (*http.Response, error) {
	s.saw("transport", r.Context())
	return s.rt.RoundTrip(r)
}

func TestCallHookMakesTheContext(t *testing.T) {
	t.Parallel()
	var seen []string
	s := seeing{
		Handler: slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug}),
		rt:      play(answer(503, ""), answer(200, userJSON)),
		saw:     func(who string, ctx context.Context) { seen = append(seen, fmt.Sprint(who, ctx.Value(ctxKey{}))) },
	}
	add := func(text string) client.Option {
		return client.WithCallHook(func(ctx context.Context, _ observe.Call) (context.Context, func(observe.Result)) {
			s.saw(text+" after", ctx)
			before, _ := ctx.Value(ctxKey{}).(string)
			ctx = context.WithValue(ctx, ctxKey{}, before+text)
			return ctx, func(observe.Result) { s.saw(text+" ends", ctx) }
		})
	}
	nothing := client.WithCallHook(func(context.Context, observe.Call) (context.Context, func(observe.Result)) { return nil, nil }) //nolint:nilnil // both may be nil
	attempt := func(name string) client.Option {
		return client.WithAttemptHook(func(ctx context.Context, _ observe.Attempt) { s.saw(name, ctx) })
	}
	c := newClient(t, s, add("-a"), nothing, add("-b"), attempt("one"), attempt("two"), client.WithLogger(slog.New(s)), client.WithLimiter(s), atOnce())
	_, err := update(context.WithValue(t.Context(), ctxKey{}, "-caller"), c)
	require.NoError(t, err)
	const all = "-caller-a-b"
	round := []string{"limiter" + all, "transport" + all, "logger" + all, "one" + all, "two" + all}
	want := append([]string{"-a after-caller", "-b after-caller-a"}, round...)
	want = append(append(want, round...), "-b ends"+all, "-a ends-caller-a")
	require.Equal(t, want, seen)

	_, err = update(t.Context(), newClient(t, answer(200, userJSON), nothing))
	require.NoError(t, err)
}

func TestHooksMayBeGivenTwice(t *testing.T) {
	t.Parallel()
	requireBadOption(t, "WithCallHook", "is nil", client.WithCallHook(nil))
	calls, attempts := &watch{}, 0
	attempt := client.WithAttemptHook(func(context.Context, observe.Attempt) { attempts++ })
	opts := []client.Option{calls.option(), attempt, attempt, calls.option()}
	for range 2 { // options that are used again bring nothing along
		_, err := update(t.Context(), newClient(t, answer(200, userJSON), opts...))
		require.NoError(t, err)
	}
	require.Equal(t, 4, attempts)
	require.Len(t, calls.calls, 4)
	require.Len(t, calls.results, 4)
}

func TestNoSecretInAnyCallHook(t *testing.T) {
	t.Parallel()
	for name, step := range failures() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &watch{}
			opts := []client.Option{quick(client.Retry{MaxRetries: 1}), w.option()}
			_, err := update(t.Context(), newClient(t, step, opts...))
			require.Error(t, err)
			_, _, err = newFrontend(t, step, opts...).UpdateMetadata(t.Context(),
				me.DevBrowser(devToken).WithSession("sess_1"), metadata.Patch{"plan": "s3cret-value"})
			require.Error(t, err)
			require.Len(t, w.results, 2)
			text := fmt.Sprintf("%+v %#v", w.calls, w.results)
			requireNoSecrets(t, text)
			require.NotContains(t, text, "user_1")
		})
	}
}
