package clerkotel_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	clerkotel "github.com/clerkmeta/clerkmeta-go/contrib/otel"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	type kv = map[string]any
	for name, tc := range map[string]struct {
		user   string
		faults []clerktest.Fault
		opts   []client.Option
		want   kv
		events []kv
		status codes.Code
	}{
		"success": {want: kv{"http.response.status_code": int64(200), "clerkmeta.outcome": "applied"}},
		"retried": {
			faults: []clerktest.Fault{
				clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(3*time.Second)),
				clerktest.Drop(),
			},
			opts: []client.Option{client.WithRetry(client.Retry{BaseDelay: client.None})},
			want: kv{"http.response.status_code": int64(200), "http.request.resend_count": int64(2), "clerkmeta.outcome": "applied"},
			events: []kv{
				{"http.request.resend_count": int64(1), "http.response.status_code": int64(429), "error.type": "429", "clerkmeta.retry.wait": 3.0},
				{"http.request.resend_count": int64(2), "error.type": "connection", "clerkmeta.retry.wait": 0.0},
			},
		},
		"no such user": {
			user: "user_2",
			want: kv{
				"http.response.status_code": int64(404), "error.type": "404",
				"clerkmeta.error.code": "resource_not_found", "clerkmeta.outcome": "not applied",
			},
			status: codes.Error,
		},
		"unknown outcome": {
			faults: []clerktest.Fault{clerktest.Drop().And(clerktest.Applied())},
			opts:   []client.Option{client.WithRetry(client.Retry{MaxRetries: client.None})},
			want:   kv{"error.type": "connection", "clerkmeta.outcome": "unknown"},
			status: codes.Error,
		},
		"timeout": {
			faults: []clerktest.Fault{clerktest.SlowHeaders(time.Hour)},
			opts:   []client.Option{client.WithRetry(client.Retry{Timeout: time.Second})},
			want:   kv{"error.type": "timeout", "clerkmeta.outcome": "unknown"},
			status: codes.Error,
		},
		"code that is none of Clerk's": {
			faults: []clerktest.Fault{clerktest.AnswerBody(422, "application/json", `{"errors":[{"code":"role: shopper"}],"clerk_trace_id":"`+strings.Repeat("x", 64)+`"}`)},
			want:   kv{"http.response.status_code": int64(422), "error.type": "422", "clerkmeta.outcome": "not applied"},
			status: codes.Error,
		},
		"endless code": {
			faults: []clerktest.Fault{clerktest.AnswerBody(422, "application/json", `{"errors":[{"code":"`+strings.Repeat("x", 65)+`"}]}`)},
			want:   kv{"http.response.status_code": int64(422), "error.type": "422", "clerkmeta.outcome": "not applied"},
			status: codes.Error,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				collected := newCollector()
				user := tc.user
				if user == "" {
					user = "user_1"
				}
				err := update(t.Context(), start(t, tc.faults...).Client(collected.options(tc.opts...)...), user)
				require.Equal(t, tc.status == codes.Error, err != nil)

				span := collected.span(t)
				require.Equal(t, "PATCH /v1/users/{user_id}/metadata", span.Name)
				require.Equal(t, trace.SpanKindClient, span.SpanKind)
				require.Equal(t, sdktrace.Status{Code: tc.status}, span.Status)
				require.Equal(t, clerkotel.ScopeName, span.InstrumentationScope.Name)
				require.Equal(t, client.Version, span.InstrumentationScope.Version)
				got := attrs(span.Attributes)
				delete(got, "clerkmeta.clerk_trace_id")
				maps.Copy(tc.want, kv{
					"clerkmeta.operation": "UpdateUserMetadata", "http.request.method": "PATCH",
					"url.template":   "/v1/users/{user_id}/metadata",
					"server.address": "clerk.test", "server.port": int64(443),
				})
				require.Equal(t, tc.want, got)

				require.Len(t, span.Events, len(tc.events))
				for i, event := range span.Events {
					require.Equal(t, "clerkmeta.retry", event.Name)
					got := attrs(event.Attributes)
					require.InDelta(t, tc.events[i]["clerkmeta.retry.wait"], got["clerkmeta.retry.wait"], 1e-6)
					got["clerkmeta.retry.wait"] = tc.events[i]["clerkmeta.retry.wait"]
					require.Equal(t, tc.events[i], got)
				}
			})
		})
	}
}

func TestSpanOfACancelledCall(t *testing.T) {
	t.Parallel()
	collected, clerk := newCollector(), start(t)
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(t, clerk, roundTripper(func(*http.Request) (*http.Response, error) {
		cancel()
		return nil, io.EOF
	}), collected.options()...)
	require.ErrorIs(t, update(ctx, c, "user_1"), context.Canceled)
	span := collected.span(t)
	require.Equal(t, codes.Error, span.Status.Code)
	require.Empty(t, span.Events)
	got := attrs(span.Attributes)
	require.Equal(t, "canceled", got["error.type"])
	require.Equal(t, "unknown", got["clerkmeta.outcome"])
	require.NotContains(t, got, "http.response.status_code")
}

func TestSpanOfARead(t *testing.T) {
	t.Parallel()
	collected, clerk := newCollector(), start(t)
	_, err := clerk.Client(collected.options()...).Users.GetUser(t.Context(), "user_1")
	require.NoError(t, err)
	span := collected.span(t)
	require.Equal(t, "GET /v1/users/{user_id}", span.Name)
	require.NotContains(t, attrs(span.Attributes), "clerkmeta.outcome")
	require.NotEmpty(t, attrs(span.Attributes)["clerkmeta.clerk_trace_id"])
}

func TestSpanOfAReplacement(t *testing.T) {
	t.Parallel()
	collected := newCollector()
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	_, err := clerk.Client(collected.options()...).Users.ReplaceUserMetadata(t.Context(), "user_1", replacement(metadata.Empty()))
	require.NoError(t, err)
	require.Equal(t, "PUT", attrs(collected.span(t).Attributes)["http.request.method"])
}

// The span is under the caller's and over what the caller's transport does.
func TestSpansStandInTheCallersTrace(t *testing.T) {
	t.Parallel()
	collected, clerk := newCollector(), start(t, clerktest.Answer(503, "service_unavailable"))
	var sent []trace.SpanContext
	rt := roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, trace.SpanContextFromContext(r.Context()))
		return clerk.Transport().RoundTrip(r)
	})
	// Another library's hook starts a span around the call's.
	over := client.WithCallHook(func(ctx context.Context, _ observe.Call) (context.Context, func(observe.Result)) {
		ctx, span := collected.tracers.Tracer("other").Start(ctx, "other")
		return ctx, func(observe.Result) { span.End() }
	})
	c := newClient(t, clerk, rt, collected.options(over, client.WithRetry(client.Retry{BaseDelay: client.None}))...)
	ctx, parent := collected.tracers.Tracer("app").Start(t.Context(), "signup")
	require.NoError(t, update(ctx, c, "user_1"))
	parent.End()

	spans := collected.spans.GetSpans() // in the order of their ends
	require.Len(t, spans, 3)
	other, call := spans[0], spans[1]
	require.Equal(t, parent.SpanContext().SpanID(), call.Parent.SpanID())
	require.Equal(t, parent.SpanContext().TraceID(), call.SpanContext.TraceID())
	require.Equal(t, call.SpanContext.SpanID(), other.Parent.SpanID())
	require.Len(t, sent, 2)
	for _, s := range sent {
		require.Equal(t, other.SpanContext.SpanID(), s.SpanID())
	}
	require.Len(t, call.Events, 1)
	require.Empty(t, other.Events)
}

func TestSpanTellsOfTheRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		collected, clerk := newCollector(), start(t)
		c := clerk.Client(collected.options(client.WithRateLimit(1))...)
		require.NoError(t, update(t.Context(), c, "user_1"))
		collected.spans.Reset()
		require.NoError(t, update(t.Context(), c, "user_1"))
		waited, ok := attrs(collected.span(t).Attributes)["clerkmeta.rate_limit.wait"].(float64)
		require.True(t, ok)
		require.Greater(t, waited, 10.0)

		collected.spans.Reset()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.Error(t, update(ctx, c, "user_1"))
		got := attrs(collected.span(t).Attributes)
		require.Equal(t, "rate_limiter", got["error.type"])
		require.Equal(t, "not applied", got["clerkmeta.outcome"])
	})
}

func TestOptionsGivenTwice(t *testing.T) {
	t.Parallel()
	clerk := start(t, clerktest.Answer(503, "service_unavailable"))
	one, two := newCollector(), newCollector()
	c := clerk.Client(append(one.options(client.WithRetry(client.Retry{BaseDelay: client.None})), two.options()...)...)
	require.NoError(t, update(t.Context(), c, "user_1"))
	for _, collected := range []*collector{one, two} {
		require.Len(t, collected.span(t).Events, 1)
	}
}

var errBroken = errors.New("broken")
