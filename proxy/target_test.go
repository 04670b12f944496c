package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

func TestTargetsPassByteForByte(t *testing.T) {
	t.Parallel()
	u := answering(t, okAnswer)
	addr := serve(t, newProxy(t, configFor(u)))
	for _, tc := range []struct{ asked, wanted string }{
		{"", "/"},
		{"/", "/"},
		{"?a=b", "/?a=b"},
		{"/v1/me", "/v1/me"},
		{"/v1/me/", "/v1/me/"},
		{"/v1/me?", "/v1/me?"},
		{"/v1/a%2Fb/%2e%2E/c%00", "/v1/a%2Fb/%2e%2E/c%00"},
		{"/v1/../.././x", "/v1/../.././x"},
		{"/v1//a///b", "/v1//a///b"},
		{"//evil.example/x", "//evil.example/x"},
		{"//evil.example/%2f?a=//b", "//evil.example/%2f?a=//b"},
		{"///x", "///x"},
		{`/v1/"a|b\c^{}` + "`<>", `/v1/"a|b\c^{}` + "`<>"},
		{"/v1/ümlaut", "/v1/ümlaut"},
		{"/v1/x#y?z#", "/v1/x#y?z#"},
		{"/http://evil.example/", "/http://evil.example/"},
		{"/v1/me?a=1;b=2&&=%zz&c=%", "/v1/me?a=1;b=2&&=%zz&c=%"},
		{"/v1/me?a?b=/__clerk/../\"|", "/v1/me?a?b=/__clerk/../\"|"},
		{"/__clerk/v1", "/__clerk/v1"},
	} {
		before := len(u.seen())
		answer := ask(t, addr, "GET /__clerk"+tc.asked)
		require.True(t, strings.HasPrefix(answer, "HTTP/1.1 200 OK\r\n"), "%s: %s", tc.asked, answer)
		line, _, _ := strings.Cut(u.seen()[before], "\r\n")
		require.Equal(t, "GET "+tc.wanted+" HTTP/1.1", line)
		require.Equal(t, []string{u.addr}, values(u.seen()[before], "Host"))
	}
}

func TestTargetsOutsideThePrefix(t *testing.T) {
	t.Parallel()
	u := answering(t, okAnswer)
	addr := serve(t, newProxy(t, configFor(u)))
	for _, target := range []string{
		"/", "/v1/me", "/__clerkx", "/__clerkx/v1/hidden", "/__clerk%2Fv1", "/__CLERK/v1", "/%5F_clerk/v1", "//__clerk/v1",
		"/x/__clerk/v1", "/./__clerk/v1", "/__clerk;x/v1", "/?/__clerk/", "*", "http://app.example/__clerk/v1/me",
		"http://" + u.addr + "/v1/me",
		"/__clerk//x\"", // as an opaque URL this would name a host; written otherwise it would be altered
	} {
		method := "GET "
		if target == "*" {
			method = "OPTIONS "
		}
		requireRefused(t, ask(t, addr, method+target), "400", proxy.CodePathMismatch)
	}
	requireRefused(t, ask(t, addr, "CONNECT app.example:443"), "400", proxy.CodePathMismatch)
	require.Empty(t, u.seen())
}

func TestMounting(t *testing.T) {
	t.Parallel()
	u := answering(t, okAnswer)
	h := newProxy(t, configFor(u))
	mux, stripped := http.NewServeMux(), http.NewServeMux()
	mux.Handle("/__clerk/", h)
	stripped.Handle("/__clerk/", http.StripPrefix("/__clerk", h))
	// As routers do that keep what is left of a path to themselves.
	router := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.URL.Path, r.URL.RawPath = strings.TrimPrefix(r.URL.Path, "/__clerk"), ""
		h.ServeHTTP(w, r)
	})
	for _, handler := range []http.Handler{mux, stripped, router} {
		answer := ask(t, serve(t, handler), "GET /__clerk/v1/a%2Fb?x=%zz")
		require.Contains(t, answer, " 200 OK\r\n")
	}
	for _, head := range u.seen() {
		require.True(t, strings.HasPrefix(head, "GET /v1/a%2Fb?x=%zz HTTP/1.1\r\n"), head)
	}
	require.Len(t, u.seen(), 3)

	r := httptest.NewRequest(http.MethodGet, "/__clerk/v1/me?a=%zz", nil)
	r.RequestURI = "" // as nobody but a client would leave it
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, 200, w.Code)
}

func TestOtherPrefixes(t *testing.T) {
	t.Parallel()
	for public, prefix := range map[string]string{
		"https://app.example":             "/__clerk",
		"https://app.example/":            "/__clerk",
		"https://app.example:8443/auth/x": "/auth/x",
		"https://app.example/auth/":       "/auth",
		"http://localhost:3000/__clerk":   "/__clerk",
	} {
		u := answering(t, okAnswer)
		c := configFor(u)
		c.PublicURL = public
		addr := serve(t, newProxy(t, c))
		require.Contains(t, ask(t, addr, "GET "+prefix+"/v1/me"), " 200 OK\r\n")
		requireRefused(t, ask(t, addr, "GET /other/v1/me"), "400", proxy.CodePathMismatch)
		base := strings.TrimSuffix(strings.TrimRight(public, "/"), prefix)
		require.Equal(t, []string{base + prefix}, values(u.seen()[0], "Clerk-Proxy-Url"))
	}
}
