package proxy_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

func TestReports(t *testing.T) {
	t.Parallel()
	u := listen(t, func(w *wire, head string) {
		if strings.HasPrefix(head, "POST ") {
			_, _ = readUntil(w, "hidden")
		}
		w.send("HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nhidden")
	})
	c, reports := observed(configFor(u))
	var out bytes.Buffer
	c.Logger = slog.New(slog.NewTextHandler(&out, nil))
	addr := serve(t, newProxy(t, c))
	const id = "/v1/client/sessions/sess_hidden/tokens"
	for _, tc := range []struct {
		line, route, method string
		status              int
		code                string
	}{
		{"GET /__clerk" + id + "?_clerk_session_id=hidden", "/v1/client/sessions/{id}/tokens", "GET", 404, ""},
		{"GET /__clerk" + id + "/hidden", "/v1/client/sessions/{id}/tokens/{id}", "GET", 404, ""},
		{"GET /__clerk" + id + "/hidden/v1", "/v1/client/sessions/{id}/tokens/{id}/{other}", "GET", 404, ""},
		{"GET /__clerk/hidden/v1/me", "/{other}", "GET", 404, ""},
		{"GET /__clerk/v1/hidden/hidden", "/v1/{other}", "GET", 404, ""},
		{"GET /__clerk/npm/hidden", "/npm/{other}", "GET", 404, ""},
		{"GET /__clerk/v1/client/sessions/%7Bid%7D", "/v1/client/sessions/{id}", "GET", 404, ""},
		{"GET /__clerk/v1/client/sessions/{id}", "/v1/client/sessions/{id}", "GET", 404, ""},
		{"GET /__clerk/v1/{id}/me", "/v1/{other}", "GET", 404, ""},
		{"GET /__clerk//v1/me", "/{other}", "GET", 404, ""},
		{"HIDDEN /__clerk/v1/me", "/v1/me", "{other}", 404, ""},
		{"TRACE /__clerk/v1/me", "/v1/me", "TRACE", 403, proxy.CodeRouteNotAllowed},
		{"GET /hidden", "", "GET", 400, proxy.CodePathMismatch},
	} {
		_ = ask(t, addr, tc.line)
		e := <-reports
		require.Equal(t, tc.route, e.Route, tc.line)
		require.Equal(t, tc.method, e.Method)
		require.Equal(t, tc.status, e.Status)
		require.Equal(t, tc.code, e.Code)
		require.False(t, e.Aborted)
		require.Equal(t, tc.code == "", e.UpstreamDuration > 0)
		require.GreaterOrEqual(t, e.Duration, e.UpstreamDuration)
		require.Positive(t, e.ResponseBytes)
	}
	_ = ask(t, addr, "POST /__clerk/v1/me/metadata", "Content-Length: 6", "\nhidden")
	e := <-reports
	require.EqualValues(t, 6, e.RequestBytes)
	require.EqualValues(t, 6, e.ResponseBytes)
	require.Empty(t, reports, "one report for each request")

	log := out.String()
	require.Equal(t, 14, strings.Count(log, "\n"))
	require.Equal(t, 2, strings.Count(log, "level=WARN"))
	require.Contains(t, log, `level=INFO msg="clerk proxy request" method=GET route=/v1/client/sessions/{id}/tokens status=404 code="" reason="" aborted=false duration=`)
	require.Contains(t, log, `level=WARN msg="clerk proxy request" method=GET route="" status=400 code=proxy_path_mismatch reason="outside the prefix"`)
	for _, hidden := range []string{"idden", secretKey, "127.0.0.1"} {
		require.NotContains(t, log, hidden)
	}
}

func TestAnUnreachableUpstream(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		serve  func(*wire, string)
		reason string
	}{
		"hangs up":        {func(w *wire, _ string) { _ = w.Close() }, "the upstream closed the connection or sent an invalid answer"},
		"has no status":   {func(w *wire, _ string) { w.send("HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n") }, "the upstream closed the connection or sent an invalid answer"},
		"speaks nonsense": {func(w *wire, _ string) { w.send("nonsense\r\n\r\n"); _ = w.Close() }, "the upstream closed the connection or sent an invalid answer"},
		"long headers": {func(w *wire, _ string) { w.send("HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 9000) + "\r\n\r\n") },
			"the upstream closed the connection or sent an invalid answer"},
		"switches": {func(w *wire, _ string) {
			w.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		}, "the upstream switched protocols"},
		"is not there": {nil, "connecting to the upstream failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, reports := observed(configFor(listen(t, tc.serve)))
			c.MaxResponseHeaderBytes = 4000
			if tc.serve == nil {
				c.Upstream = "http://127.0.0.1:1"
			}
			requireRefused(t, through(t, c, "GET /__clerk/v1/me"), "502", proxy.CodeRequestFailed)
			e := <-reports
			require.Equal(t, tc.reason, e.Reason)
			require.Equal(t, 502, e.Status)
			require.False(t, e.Aborted)
		})
	}
	t.Run("has a wrong certificate", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		s.StartTLS()
		t.Cleanup(s.Close)
		c, reports := observed(configFor(&upstream{}))
		c.Upstream = s.URL
		requireRefused(t, through(t, c, "GET /__clerk/v1/me"), "502", proxy.CodeRequestFailed)
		require.Equal(t, "the upstream's certificate is not valid", (<-reports).Reason)
	})
}

func TestOwnErrorsToHEAD(t *testing.T) {
	t.Parallel()
	answer := through(t, configFor(answering(t, okAnswer)), "HEAD /other")
	require.True(t, strings.HasPrefix(answer, "HTTP/1.1 400 "), answer)
	require.True(t, strings.HasSuffix(answer, "\r\n\r\n"), answer)
	w := httptest.NewRecorder()
	newProxy(t, configFor(&upstream{addr: "127.0.0.1:1"})).ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/other", nil))
	require.Zero(t, w.Body.Len())
}

// A policy that panics is the server's to handle; the report comes all the same.
func TestReportOfAPanic(t *testing.T) {
	t.Parallel()
	u := answering(t, okAnswer)
	c, reports := observed(configFor(u))
	c.Policies = []proxy.Policy{proxy.PolicyFunc(func(*http.Request, metadata.Patch) error { panic("mine") })}
	text := through(t, c, "PATCH /__clerk/v1/me/metadata", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 18", "\nunsafe_metadata={}")
	require.Empty(t, text)
	e := <-reports
	require.True(t, e.Aborted)
	require.Zero(t, e.Status)
	require.Empty(t, u.seen())
}
