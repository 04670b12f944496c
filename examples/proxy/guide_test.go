package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// The code of docs/proxy.md that stands nowhere else.

func production() (*http.Server, error) {
	clerk, err := proxy.New(proxy.Config{
		SecretKey:     client.SecretKey(os.Getenv("CLERK_SECRET_KEY")),
		PublicURL:     "https://app.example/__clerk",
		ClientAddress: proxy.FromHeader("CF-Connecting-IP"),
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/__clerk/", clerk)
	mux.Handle("GET /healthz", clerk.Health())
	server := &http.Server{Addr: ":8080", Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server, nil
}

func TestProduction(t *testing.T) {
	t.Setenv("CLERK_SECRET_KEY", "sk_live_example")
	t.Setenv("CLERK_FAPI_URL", "")
	server, err := production()
	require.NoError(t, err)
	for path, want := range map[string]string{
		"/healthz":          `200 {"status":"ok"}`,
		"/__clerk/v1/me":    `500 {"errors":[{"code":"proxy_configuration_error",`,
		"/elsewhere/v1/me":  "404 ",
		"/__clerkfoo/v1/me": "404 ",
	} {
		require.Contains(t, ask(server.Handler, http.MethodGet, path, "", nil), want, path)
	}
}

func severalDomains(config proxy.Config) (*proxy.Handler, error) {
	front := netip.MustParsePrefix("10.0.0.0/8")
	config.TrustForwarded = true
	config.ClientAddress = proxy.FromTrustedProxies(front)
	return proxy.New(config)
}

func chainOfFronts(config proxy.Config) (*proxy.Handler, error) {
	config.ClientAddress = proxy.FromPeer()
	config.TrustForwarded = true
	config.ForwardedHost = proxy.ForwardedHeader{Hops: 2}
	config.ForwardedProto = proxy.ForwardedHeader{Name: "X-Edge-Proto"}
	return proxy.New(config)
}

func TestChainOfFronts(t *testing.T) {
	t.Parallel()
	clerk, config := fake(t)
	h, err := chainOfFronts(config)
	require.NoError(t, err)
	require.Contains(t, ask(h, http.MethodGet, "/__clerk/v1/client", "", http.Header{
		"X-Forwarded-Host": {"forged.example, app.example, inner.example"}, "X-Edge-Proto": {"http, https"},
	}), "200 ")
	seen := clerk.Requests()
	require.Equal(t, "https://app.example/__clerk", seen[len(seen)-1].Header.Get("Clerk-Proxy-Url"))
}

func TestSeveralDomains(t *testing.T) {
	t.Parallel()
	clerk, config := fake(t)
	h, err := severalDomains(config)
	require.NoError(t, err)
	require.Contains(t, ask(h, http.MethodGet, "/__clerk/v1/client", "", nil), "500 ")
	for _, host := range []string{"one.example", "two.example"} {
		require.Contains(t, ask(h, http.MethodGet, "/__clerk/v1/client", "", http.Header{
			"X-Forwarded-Host": {host}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-For": {"192.0.2.9, 203.0.113.7, 10.0.0.2"},
		}), "200 ")
		seen := clerk.Requests()
		header := seen[len(seen)-1].Header
		require.Equal(t, "https://"+host+"/__clerk", header.Get("Clerk-Proxy-Url"))
		require.Equal(t, "203.0.113.7", header.Get("X-Forwarded-For"))
	}
}

// preferences are what a browser may keep in unsafe metadata.
type preferences struct {
	Theme  string `json:"theme"`
	Layout struct {
		Columns int `json:"columns"`
	} `json:"layout"`
}

func policies() ([]proxy.Policy, error) {
	shape, err := proxy.Strict[preferences]()
	if err != nil {
		return nil, err
	}
	policies := []proxy.Policy{proxy.MaxDepth(2), proxy.MaxSize(1000), proxy.PolicyFunc(noRole), shape}
	return policies, nil
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	clerk, config := fake(t)
	var err error
	config.Policies, err = policies()
	require.NoError(t, err)
	config.PublicURL, config.ClientAddress = "https://app.example", proxy.FromPeer()
	h, err := proxy.New(config)
	require.NoError(t, err)
	for patch, want := range map[string]string{
		`{"theme":"light"}`:          "200 ",
		`{"theme":null}`:             "200 ",
		`{"role":"admin"}`:           "422 {\"errors\":[{\"code\":\"unsafe_metadata_refused\"",
		`{"Theme":"light"}`:          "/Theme: key is not allowed: expected one of layout, theme",
		`{"layout":{"columns":"2"}}`: "/layout/columns: must be a whole number (int)",
	} {
		require.Contains(t, ask(h, http.MethodPatch, "/__clerk/v1/me/metadata", "unsafe_metadata="+patch, nil), want, patch)
	}
	require.Len(t, clerk.Requests(), 2)
}

// counter stands in for one of a metrics library.
type counter struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *counter) add(labels ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[fmt.Sprintln(labels...)]++
}

func hook(requests *counter) func(context.Context, proxy.Exchange) {
	hook := func(_ context.Context, e proxy.Exchange) {
		requests.add(e.Method, e.Route, e.Status, e.Code)
	}
	return hook
}

func TestHook(t *testing.T) {
	t.Parallel()
	_, config := fake(t)
	c := &counter{counts: map[string]int{}}
	config.PublicURL, config.ClientAddress, config.Hook = "https://app.example", proxy.FromPeer(), hook(c)
	config.Routes = proxy.MeRoutes
	h, err := proxy.New(config)
	require.NoError(t, err)
	ask(h, http.MethodGet, "/__clerk/v1/me", "", nil)
	ask(h, http.MethodDelete, "/__clerk/v1/client/sessions/sess_1", "", nil)
	require.Equal(t, map[string]int{
		"GET /v1/me 200 \n": 1,
		"DELETE /v1/client/sessions/{id} 403 proxy_route_not_allowed\n": 1,
	}, c.counts)
}

// fake is an in-process Clerk, and what of a proxy's configuration leads to it.
func fake(t *testing.T) (*clerktest.Clerk, proxy.Config) {
	t.Helper()
	clerk, err := newClerk()
	require.NoError(t, err)
	return clerk, proxy.Config{
		SecretKey: client.SecretKey(clerk.SecretKey()), Upstream: "https://clerk.example", Transport: clerk.Transport(),
	}
}

// ask has a handler serve a request of Ada's, and returns status and body.
func ask(h http.Handler, method, path, form string, header http.Header) string {
	r := httptest.NewRequest(method, path, strings.NewReader(form))
	r.RemoteAddr = "10.0.0.1:1234"
	for name, values := range header {
		r.Header[name] = values
	}
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.AddCookie(&http.Cookie{Name: clientCookie, Value: clientToken})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return fmt.Sprint(w.Code, " ", w.Body)
}
