package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

func TestRetryAfterAndWait(t *testing.T) {
	t.Parallel()
	date := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for _, tc := range []struct {
		name    string
		headers func() []string
		asked   time.Duration
	}{
		{"none", func() []string { return nil }, 0},
		{"seconds", func() []string { return []string{"Retry-After", "7"} }, 7 * time.Second},
		{"zero", func() []string { return []string{"Retry-After", "0"} }, 0},
		{"negative", func() []string { return []string{"Retry-After", "-7"} }, 0},
		{"signed", func() []string { return []string{"Retry-After", "+7"} }, 0},
		{"words", func() []string { return []string{"Retry-After", "soon"} }, 0},
		{"date", func() []string { return []string{"Retry-After", date(7 * time.Second)} }, 7 * time.Second},
		{"past date", func() []string { return []string{"Retry-After", date(-time.Second)} }, 0},
		{"skewed clock", func() []string {
			return []string{"Retry-After", date(time.Hour + 7*time.Second), "Date", date(time.Hour)}
		}, 7 * time.Second},
		{"too many seconds", func() []string { return []string{"Retry-After", "9223372037"} }, math.MaxInt64},
		{"too many digits", func() []string { return []string{"Retry-After", "99999999999999999999"} }, math.MaxInt64},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, c := time.Now(), config(answer(429, "", tc.headers()...))
				c.MaxRetries, c.BaseDelay, c.MaxDelay = 1, time.Second, time.Second
				var seen []observe.Attempt
				c.AttemptHooks = []observe.AttemptHook{func(_ context.Context, a observe.Attempt) { seen = append(seen, a) }}
				_, e := fails(t, c)
				require.Equal(t, tc.asked, seen[0].RetryAfter)
				if tc.asked == math.MaxInt64 {
					require.Equal(t, clerkerr.StopRetryAfter, e.Stop)
					require.Equal(t, tc.asked, e.RetryAfter)
					require.Zero(t, time.Since(start))
					return
				}
				require.Len(t, seen, 2)
				require.GreaterOrEqual(t, seen[0].Wait, tc.asked)
				require.LessOrEqual(t, seen[0].Wait, tc.asked+time.Second)
				require.Equal(t, seen[0].Wait, time.Since(start))
			})
		})
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	count, healthy := 0, false
	tr := config(roundTripper(func(r *http.Request) (*http.Response, error) {
		count++
		if healthy {
			return answer(200, thing)(r)
		}
		return answer(500, "")(r)
	}))
	tr.Budget = transport.NewBudget(3, 0.5)
	for _, tc := range []struct {
		attempts int
		stop     clerkerr.StopReason
	}{{3, clerkerr.StopAttempts}, {2, clerkerr.StopBudget}, {1, clerkerr.StopBudget}} {
		_, e := fails(t, tr)
		require.Equal(t, tc.attempts, e.Attempts)
		require.Equal(t, tc.stop, e.Stop)
	}
	healthy = true
	for range 2 {
		_, err := send(t.Context(), t, tr, newCall(t))
		require.NoError(t, err)
	}
	healthy = false
	_, e := fails(t, tr)
	require.Equal(t, 2, e.Attempts)

	tr.Budget = nil // no limit
	_, e = fails(t, tr)
	require.Equal(t, clerkerr.StopAttempts, e.Stop)
	healthy = true
	_, err := send(t.Context(), t, tr, newCall(t))
	require.NoError(t, err)
}

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	detail := clerkerr.Detail{Code: "c", Param: "p", Message: "m", LongMessage: "l"}
	for body, want := range map[string][]clerkerr.Detail{
		`{"errors":[{"code":"c","message":"m","long_message":"l","meta":{"param_name":"p"}}]}`: {detail},
		`{"errors":[7,null,{},{"code":7,"message":"m","meta":"p"},{"code":"c"}]}`:              {{Message: "m"}, {Code: "c"}},
		`{"errors":"no"}`: nil,
		`[1]`:             nil,
		`<html>`:          nil,
		``:                nil,
	} {
		_, e := fails(t, config(answer(400, body, "Cf-Ray", "ray")))
		require.Equal(t, want, e.Details)
		require.Equal(t, body, string(e.Body))
		require.Equal(t, "ray", e.TraceID)
	}
	_, e := fails(t, config(answer(400, `{"errors":1,"clerk_trace_id":"body"}`, "Clerk-Trace-Id", "header", "Cf-Ray", "ray")))
	require.Equal(t, "body", e.TraceID)
	_, e = fails(t, config(answer(400, `{"clerk_trace_id":1}`, "Clerk-Trace-Id", "header", "Cf-Ray", "ray")))
	require.Equal(t, "header", e.TraceID)
}

func TestObserved(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	var seen []observe.Attempt
	count := 0
	c := config(inTurn(&count, answer(429, `{"errors":[{"code":"c"}],"clerk_trace_id":"t"}`), broken(io.EOF), answer(200, thing, "Cf-Ray", "ray")))
	c.AttemptHooks = []observe.AttemptHook{func(_ context.Context, a observe.Attempt) {
		a.Duration, a.Wait = 0, 0
		seen = append(seen, a)
	}}
	level := &slog.LevelVar{}
	level.Set(slog.LevelDebug)
	c.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "time" || a.Key == "duration" || a.Key == "wait" {
			return slog.Attr{}
		}
		return a
	}}))
	_, err := send(t.Context(), t, c, newCall(t))
	require.NoError(t, err)
	require.Equal(t, []observe.Attempt{
		{Operation: "Op", Number: 1, Status: 429, Code: "c", TraceID: "t", ErrorType: "429", Retry: true},
		{Operation: "Op", Number: 2, Err: io.EOF, ErrorType: "connection", Retry: true},
		{Operation: "Op", Number: 3, Status: 200, TraceID: "ray"},
	}, seen)
	require.Equal(t, `level=WARN msg="clerk request is retried" operation=Op attempt=1 status=429 code=c trace_id=t
level=WARN msg="clerk request is retried" operation=Op attempt=2 status=0 error=EOF
level=DEBUG msg="clerk request" operation=Op attempt=3 status=200 trace_id=ray
`, logged.String())
	logged.Reset()
	level.Set(slog.LevelInfo)
	_, err = send(t.Context(), t, c, newCall(t))
	require.NoError(t, err)
	require.Empty(t, logged.String())
}

type timeoutError struct{ error }

func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return false }

func TestSecretsAreTakenOut(t *testing.T) {
	t.Parallel()
	cause := timeoutError{errors.New("lost")}
	for name, tc := range map[string]struct {
		make func(r *http.Request) error
		says string
	}{
		"url error": {func(r *http.Request) error { return &url.Error{Op: "Patch", URL: r.URL.String(), Err: cause} }, "lost"},
		"url errors": {func(r *http.Request) error {
			return &url.Error{Op: "Patch", URL: r.URL.String(), Err: &url.Error{Op: "Patch", URL: r.URL.String(), Err: cause}}
		}, "lost"},
		"wrapped url error": {func(r *http.Request) error {
			return fmt.Errorf("proxy: %w", &url.Error{Op: "Patch", URL: r.URL.String(), Err: cause})
		}, "proxy: lost"},
		"query":    {func(r *http.Request) error { return fmt.Errorf("%s: %w", r.URL, cause) }, "https://clerk.test/v1/me: lost"},
		"raw":      {func(*http.Request) error { return fmt.Errorf("token %s: %w", credential, cause) }, "token [redacted]: lost"},
		"escaped":  {func(*http.Request) error { return fmt.Errorf("%s: %w", url.QueryEscape(credential), cause) }, "[redacted]: lost"},
		"in paths": {func(*http.Request) error { return fmt.Errorf("%s: %w", url.PathEscape(credential), cause) }, "[redacted]: lost"},
		"none":     {func(*http.Request) error { return cause }, "lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(roundTripper(func(r *http.Request) (*http.Response, error) { return nil, tc.make(r) }))
			c.AttemptHooks = []observe.AttemptHook{func(_ context.Context, a observe.Attempt) {
				require.Equal(t, tc.says, fmt.Sprint(a.Err))
			}}
			_, e := fails(t, c)
			require.Equal(t, "clerk: Op: no answer: no complete answer: "+tc.says+", attempts 3, attempts used up, write unknown", e.Error())
			require.ErrorIs(t, e, cause)
			var timeout interface {
				Timeout() bool
				Temporary() bool
			}
			require.ErrorAs(t, e, &timeout)
			require.True(t, timeout.Timeout())
			require.NotContains(t, fmt.Sprintf("%+v %#v", timeout, timeout), "dvb_")
			require.Equal(t, name != "none" && name != "url error" && name != "url errors", timeout.Temporary())
		})
	}
}
