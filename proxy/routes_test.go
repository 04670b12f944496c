package proxy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

func TestMeRoutes(t *testing.T) {
	t.Parallel()
	u := answering(t, okAnswer)
	c := configFor(u)
	c.Routes = proxy.MeRoutes
	addr := serve(t, newProxy(t, c))
	for _, line := range []string{
		"GET /__clerk/v1/me", "GET /__clerk/v1/me?__clerk_api_version=2026-05-12&_clerk_session_id=sess_1", "HEAD /__clerk/v1/me",
		"PATCH /__clerk/v1/me", "PATCH /__clerk/v1/me/metadata", "POST /__clerk/v1/me?_method=PATCH",
		"POST /__clerk/v1/me/metadata?a=b&_method=PATCH&c", "OPTIONS /__clerk/v1/me", "OPTIONS /__clerk/v1/me/metadata",
	} {
		require.Contains(t, ask(t, addr, line), " 200 OK\r\n", line)
	}
	passed := len(u.seen())
	for _, line := range []string{
		"GET /__clerk/v1/me/", "GET /__clerk/v1/ME", "GET /__clerk//v1/me", "GET /__clerk/v1/%6de", "GET /__clerk/v1/me;a",
		"GET /__clerk/v1/./me", "GET /__clerk/v1/me/metadata", "GET /__clerk/v1/client", "GET /__clerk/", "GET /__clerk",
		"DELETE /__clerk/v1/me", "PUT /__clerk/v1/me", "POST /__clerk/v1/me", "POST /__clerk/v1/me/metadata", "GET /__clerk/v1/me/sessions",
		"POST /__clerk/v1/me?_method=DELETE", "POST /__clerk/v1/me?_method=patch", "POST /__clerk/v1/me?_method=PATCH&_method=DELETE",
		"POST /__clerk/v1/me?_method=PATCH;_method=DELETE", "POST /__clerk/v1/me?_method=PATCH&%5fmethod=DELETE",
		"POST /__clerk/v1/me?_method=PATCH&_METHOD=DELETE", "POST /__clerk/v1/me?_method=PATCH&+_method=DELETE",
		"POST /__clerk/v1/me?_method=PATCH&%zz_method=DELETE", "POST /__clerk/v1/me?_method=PATC%48",
		"POST /__clerk/v1/me?_method=PATCH&_method[]=DELETE", "POST /__clerk/v1/me?_method=PATCH&_method%00=DELETE",
		"POST /__clerk/v1/me?_method=PATCH&%255Fmethod=DELETE", "GET /__clerk/v1/me?_method=DELETE", "PATCH /__clerk/v1/me?_method=DELETE", "OPTIONS /__clerk/v1/me?_method=PATCH",
		"GET /__clerk/v1/me?_method=PATCH", "POST /__clerk/v1/me?a=#&_method=PATCH", "TRACE /__clerk/v1/me", "PURGE /__clerk/v1/me",
	} {
		requireRefused(t, ask(t, addr, line), "403", proxy.CodeRouteNotAllowed)
	}
	for _, header := range []string{"X-HTTP-Method-Override: DELETE", "x_http_method: DELETE", "X-Method-Override: DELETE"} {
		requireRefused(t, ask(t, addr, "POST /__clerk/v1/me?_method=PATCH", header), "403", proxy.CodeRouteNotAllowed)
	}
	require.Len(t, u.seen(), passed)
}

func TestMethodsForProxies(t *testing.T) {
	t.Parallel()
	u := answering(t, okAnswer)
	addr := serve(t, newProxy(t, configFor(u)))
	for _, line := range []string{"TRACE /__clerk/v1/me", "CONNECT /__clerk/v1/me", "trace /__clerk/v1/me", "Connect /__clerk/v1/me", "TRACK /__clerk/v1/me"} {
		requireRefused(t, ask(t, addr, line), "403", proxy.CodeRouteNotAllowed)
	}
	require.Empty(t, u.seen())
}
