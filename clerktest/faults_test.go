package clerktest_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// patchUser2 sends the write that faults are tried on.
func patchUser2(ctx context.Context, c *clerktest.Test, rt http.RoundTripper, base string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, base+"/v1/users/user_2/metadata", strings.NewReader(`{"public_metadata":{"a":1}}`))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.SecretKey())
	req.Header.Set("Content-Type", "application/json")
	return rt.RoundTrip(req)
}

func requireWritten(t *testing.T, c *clerktest.Test, want bool) {
	t.Helper()
	u, ok := c.User("user_2")
	require.True(t, ok)
	require.Equal(t, want, u.PublicMetadata.String() == `{"a":1}`)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		fault   clerktest.Fault
		status  int // 0: the connection is lost before the headers
		body    string
		header  string // Name: value
		cut     bool
		written bool
	}{
		{name: "pass", fault: clerktest.Pass(), status: 200, body: `"public_metadata":{"a":1}`, written: true},
		{name: "the zero fault", fault: clerktest.Fault{}, status: 200, body: `"public_metadata":{"a":1}`, written: true},
		{name: "answer", fault: clerktest.Answer(503, "service_unavailable"), status: 503, body: `"code":"service_unavailable"`},
		{name: "answer without a known code", fault: clerktest.Answer(400, ""), status: 400, body: `"code":""`},
		{name: "answer with a message", fault: clerktest.Answer(409, "resource_locked", clerktest.Message("try <later>")), status: 409, body: `"long_message":"try <later>"`},
		{name: "answer with Retry-After", fault: clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(3*time.Second)), status: 429, header: "Retry-After: 3"},
		{name: "the longest Retry-After", fault: clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(math.MaxInt64)), status: 429, header: "Retry-After: 9223372037"},
		{name: "answer with headers", fault: clerktest.Answer(500, "internal_clerk_error", clerktest.Header("cf-ray", "one"), clerktest.Header("Cf-Ray", "two")), status: 500, header: "Cf-Ray: two"},
		{name: "a header on a success", fault: clerktest.Pass(clerktest.Header("cf-ray", "one")), status: 200, header: "Cf-Ray: one", written: true},
		{name: "HTML", fault: clerktest.AnswerBody(502, "text/html", "<h1>Bad gateway</h1>"), status: 502, body: "<h1>Bad gateway</h1>", header: "Content-Type: text/html"},
		{name: "answer although applied", fault: clerktest.Answer(504, "gateway_timeout").And(clerktest.Applied()), status: 504, written: true},
		{name: "drop before", fault: clerktest.Drop()},
		{name: "drop after", fault: clerktest.Drop().And(clerktest.Applied()), written: true},
		{name: "truncate", fault: clerktest.Truncate(), status: 200, cut: true, written: true},
		{name: "truncated error", fault: clerktest.Answer(500, "internal_clerk_error").And(clerktest.Truncate()), status: 500, cut: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			served := map[string]http.RoundTripper{"https://clerk.test": c.Transport(), c.URL(): &http.Transport{DisableKeepAlives: true}}
			for base, rt := range served {
				c.Script(clerktest.UpdateUserMetadata, tc.fault)
				backend(t, c, "PUT", "/users/user_2/metadata", `{"public_metadata":{}}`).field(t)
				c.ResetRequests()
				resp, err := patchUser2(t.Context(), c, rt, base)
				require.Equal(t, tc.status, c.Requests()[0].Status)
				requireWritten(t, c, tc.written)
				require.Empty(t, c.Unused())
				if tc.status == 0 {
					require.Error(t, err)
					require.True(t, errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF))
					continue
				}
				require.NoError(t, err)
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, resp.Body.Close())
				require.Equal(t, tc.cut, errors.Is(err, io.ErrUnexpectedEOF))
				require.Equal(t, tc.cut, int64(len(body)) < resp.ContentLength)
				require.Equal(t, tc.status, resp.StatusCode)
				require.Contains(t, string(body), tc.body)
				if tc.header != "" {
					name, value, _ := strings.Cut(tc.header, ": ")
					require.Equal(t, []string{value}, resp.Header[name])
				}
			}
		})
	}
}

func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		fault   clerktest.Fault
		headers time.Duration
		body    time.Duration
		cut     bool
		written bool
	}{
		{name: "slow headers", fault: clerktest.SlowHeaders(time.Minute), headers: time.Minute, written: true},
		{name: "slow body", fault: clerktest.SlowBody(time.Hour), body: time.Hour, written: true},
		{name: "both", fault: clerktest.SlowBody(time.Hour).And(clerktest.SlowHeaders(time.Minute)), headers: time.Minute, body: time.Hour, written: true},
		{name: "a slow error", fault: clerktest.Answer(500, "internal_clerk_error").And(clerktest.SlowHeaders(time.Minute)), headers: time.Minute},
		{name: "slow, then cut", fault: clerktest.Truncate().And(clerktest.SlowBody(time.Minute)), body: time.Minute, cut: true, written: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := seeded(t)
				c.Script(clerktest.UpdateUserMetadata, tc.fault)
				start := time.Now()
				resp, err := patchUser2(t.Context(), c, c.Transport(), "https://clerk.test")
				require.NoError(t, err)
				require.Equal(t, tc.headers, time.Since(start))
				_, err = io.ReadAll(resp.Body)
				require.Equal(t, tc.cut, errors.Is(err, io.ErrUnexpectedEOF))
				require.Equal(t, tc.headers+tc.body, time.Since(start))
				requireWritten(t, c, tc.written)
			})
		})
	}
}

func TestWaitsEndWithTheRequest(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]clerktest.Fault{
		"slow headers":      clerktest.SlowHeaders(time.Hour),
		"slow body":         clerktest.SlowBody(time.Hour),
		"a slow lost one":   clerktest.Drop().And(clerktest.SlowHeaders(time.Hour)).And(clerktest.Applied()),
		"an endless body":   clerktest.EndlessBody().And(clerktest.SlowBody(time.Second)),
		"endless, then end": clerktest.EndlessBody().And(clerktest.SlowBody(time.Hour)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The bubble fails the test if the handler stays behind.
			synctest.Test(t, func(t *testing.T) {
				c := seeded(t)
				c.Script(clerktest.UpdateUserMetadata, fault)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				resp, err := patchUser2(ctx, c, c.Transport(), "https://clerk.test")
				if err == nil {
					if name == "an endless body" {
						_, err = io.CopyN(io.Discard, resp.Body, 1<<20)
						require.NoError(t, err)
						require.NoError(t, resp.Body.Close())
						return
					}
					_, err = io.ReadAll(resp.Body)
				}
				require.ErrorIs(t, err, context.DeadlineExceeded)
				requireWritten(t, c, true)
			})
		})
	}
}

func TestEndlessBodyOverLoopback(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.Script(clerktest.UpdateUserMetadata, clerktest.EndlessBody())
	resp, err := patchUser2(t.Context(), c, &http.Transport{DisableKeepAlives: true}, c.URL())
	require.NoError(t, err)
	require.EqualValues(t, -1, resp.ContentLength)
	start := make([]byte, 100_000)
	_, err = io.ReadFull(resp.Body, start)
	require.NoError(t, err)
	require.Equal(t, "{", strings.TrimSpace(string(start)))
	require.NoError(t, resp.Body.Close())
}

func TestScript(t *testing.T) {
	t.Parallel()
	t.Run("first in, first out, for its own operation", func(t *testing.T) {
		t.Parallel()
		c := seeded(t)
		c.Script(clerktest.UpdateUserMetadata, clerktest.Answer(500, "internal_clerk_error"), clerktest.Pass())
		c.Script(clerktest.AnyOperation, clerktest.Answer(503, "service_unavailable"))
		c.Script(clerktest.UpdateUserMetadata, clerktest.Answer(504, "gateway_timeout"))
		require.Equal(t, []string{
			"UpdateUserMetadata: answer 500 internal_clerk_error", "UpdateUserMetadata: pass",
			"*: answer 503 service_unavailable", "UpdateUserMetadata: answer 504 gateway_timeout",
		}, c.Unused())
		for _, step := range []struct {
			method, path string
			status       int
		}{
			{"PATCH", "/users/user_1/metadata", 500},
			{"PATCH", "/users/user_1/metadata", 200},
			{"DELETE", "/users/user_1", 503},
			{"GET", "/users/user_1", 200},
			{"PATCH", "/users/user_1/metadata", 504},
			{"PATCH", "/users/user_1/metadata", 200},
		} {
			require.Equal(t, step.status, backend(t, c, step.method, step.path, "{}").status)
		}
	})
	t.Run("what cannot be scripted", func(t *testing.T) {
		t.Parallel()
		c, err := clerktest.New(clerktest.Seed{})
		require.NoError(t, err)
		answer := clerktest.Answer(500, "internal_clerk_error")
		for want, script := range map[string]func() error{
			`operation "getuser" is unknown`: func() error { return c.Script("getuser", answer) },
			"no fault for GetUser":           func() error { return c.Script(clerktest.GetUser) },
			"two answers":                    func() error { return c.Script(clerktest.GetUser, answer.And(answer)) },
			"status 99":                      func() error { return c.Script(clerktest.GetUser, clerktest.Pass(), clerktest.Answer(99, "")) },
			"negative":                       func() error { return c.Script(clerktest.GetUser, clerktest.SlowBody(-1)) },
			"endless and cut":                func() error { return c.Script(clerktest.GetUser, clerktest.EndlessBody().And(clerktest.Truncate())) },
			"has no answer":                  func() error { return c.Script(clerktest.GetUser, clerktest.Drop().And(answer)) },
			"message needs":                  func() error { return c.Script(clerktest.GetUser, clerktest.Pass(clerktest.Message("hm"))) },
			"Applied needs":                  func() error { return c.Script(clerktest.GetUser, clerktest.Applied()) },
		} {
			require.ErrorContains(t, script(), want)
		}
		require.Empty(t, c.Unused())
	})
	t.Run("a combination leaves its parts as they were", func(t *testing.T) {
		t.Parallel()
		part := clerktest.Pass(clerktest.Header("A", "1"))
		both := part.And(clerktest.Pass(clerktest.Header("B", "2")))
		require.Equal(t, "header A", part.String())
		require.Equal(t, "header A, header B", both.String())
		require.Equal(t, "pass", clerktest.Fault{}.String())
		c := seeded(t)
		c.Script(clerktest.GetUser, part)
		require.Empty(t, backend(t, c, "GET", "/users/user_1", "").header.Get("B"))
	})
}
