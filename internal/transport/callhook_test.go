package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// turns is a Limiter that makes each attempt wait for a second, and answers
// with its errors in turn, the last of them for ever.
type turns struct{ answers *[]error }

func (l turns) Wait(ctx context.Context, _ observe.Request) error {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return ctx.Err()
	}
	answers := *l.answers
	if len(answers) > 1 {
		*l.answers = answers[1:]
	}
	return answers[0]
}

func (turns) TooMany(context.Context, observe.Request, time.Duration) {}

func TestCallHookResults(t *testing.T) {
	t.Parallel()
	hangs := roundTripper(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	})
	applied, notApplied, unknown := clerkerr.OutcomeApplied, clerkerr.OutcomeNotApplied, clerkerr.OutcomeUnknown
	for name, tc := range map[string]struct {
		steps []roundTripper
		turns []error
		want  observe.Result
	}{
		"success":           {[]roundTripper{answer(200, thing)}, nil, observe.Result{Attempts: 1, Status: 200, Outcome: applied}},
		"refused":           {[]roundTripper{answer(404, `{"errors":[{"code":"c"}],"clerk_trace_id":"t"}`)}, nil, observe.Result{Attempts: 1, Status: 404, Code: "c", TraceID: "t", ErrorType: "404", Outcome: notApplied}},
		"lost":              {[]roundTripper{broken(io.EOF)}, nil, observe.Result{Attempts: 3, ErrorType: "connection", Outcome: unknown}},
		"not understood":    {[]roundTripper{answer(200, `{}`)}, nil, observe.Result{Attempts: 1, Status: 200, ErrorType: "decode", Outcome: applied}},
		"attempts time out": {[]roundTripper{hangs}, nil, observe.Result{Attempts: 3, ErrorType: "timeout", Outcome: unknown}},
		"turns":             {[]roundTripper{broken(io.EOF), answer(200, thing)}, []error{nil}, observe.Result{Attempts: 2, Status: 200, Outcome: applied, Queued: 2 * time.Second}},
		"no turn":           {[]roundTripper{answer(200, thing)}, []error{clerkerr.ErrLocalLimit}, observe.Result{ErrorType: "rate_limiter", Outcome: notApplied, Queued: time.Second}},
		"no second turn": {
			[]roundTripper{answer(503, "")}, []error{nil, errors.New("out of order")},
			observe.Result{Attempts: 1, Status: 503, ErrorType: "rate_limiter", Outcome: unknown, Queued: 2 * time.Second},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				count := 0
				c := config(inTurn(&count, tc.steps...))
				if tc.turns != nil {
					c.Limiter = turns{&tc.turns}
				}
				var results []observe.Result
				c.CallHooks = []observe.CallHook{func(ctx context.Context, _ observe.Call) (context.Context, func(observe.Result)) {
					return ctx, func(r observe.Result) { results = append(results, r) }
				}}
				start := time.Now()
				_, err := send(t.Context(), t, c, newCall(t))
				tc.want.Duration = time.Since(start)
				require.Equal(t, []observe.Result{tc.want}, results)
				require.Equal(t, err != nil, tc.want.ErrorType != "")
			})
		})
	}
}

func TestCallHookOfAContextThatEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := config(answer(200, thing))
	var results []observe.Result
	c.CallHooks = []observe.CallHook{func(ctx context.Context, _ observe.Call) (context.Context, func(observe.Result)) {
		return ctx, func(r observe.Result) { results = append(results, r) }
	}}
	_, err := send(ctx, t, c, newCall(t))
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, results, 1)
	require.Equal(t, "canceled", results[0].ErrorType)
	require.Zero(t, results[0].Attempts)
}

func TestCallHookSeesTheCall(t *testing.T) {
	t.Parallel()
	type key struct{}
	for address, want := range map[string]observe.Call{
		"https://api.test/v1/users/u?q=1":                    {Route: "/v1/users/{user_id}", Host: "api.test", Port: 443},
		"https://api.test/v1/users":                          {Route: "/v1/users", Host: "api.test", Port: 443},
		"https://api.test/v1/organizations/users":            {Route: "/v1/organizations/{organization_id}", Host: "api.test", Port: 443},
		"http://[::1]:81/organizations/o/memberships/a%2Fb/": {Route: "/organizations/{organization_id}/memberships/{user_id}/", Host: "::1", Port: 81},
		"http://127.0.0.1/v1/me/metadata":                    {Route: "/v1/me/metadata", Host: "127.0.0.1", Port: 80},
	} {
		c := config(roundTripper(func(r *http.Request) (*http.Response, error) {
			return answer(200, fmt.Sprintf(`{"id":%q}`, r.Context().Value(key{})))(r)
		}))
		var calls []observe.Call
		c.CallHooks = []observe.CallHook{func(ctx context.Context, info observe.Call) (context.Context, func(observe.Result)) {
			calls = append(calls, info)
			return context.WithValue(ctx, key{}, "the hook's"), nil
		}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		require.NoError(t, err)
		got, err := send(t.Context(), t, c, transport.Call{Operation: "Op", Request: req})
		require.NoError(t, err)
		require.Equal(t, "the hook's", got.ID)
		want.Operation, want.Method = "Op", http.MethodGet
		require.Equal(t, []observe.Call{want}, calls)
	}
}
