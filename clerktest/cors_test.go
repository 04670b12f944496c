package clerktest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

const page = "https://app.example.com"

// A page may read every answer of the Frontend API, whatever became of it.
func TestCORS(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		row, method, path string
		header            []string
		status            int
		faults            []clerktest.Fault
	}{
		{row: "success", method: "GET", path: "/v1/me", header: []string{"Cookie", "__client=client_token_1"}, status: 200},
		{row: "signed out", method: "GET", path: "/v1/me", status: 401},
		{row: "the two headers together", method: "GET", path: "/v1/client", header: []string{"Authorization", "x"}, status: 400},
		{row: "bad version", method: "GET", path: "/v1/environment?__clerk_api_version=1", status: 400},
		{row: "unknown address", method: "GET", path: "/v1/client/nothing", status: 404},
		{row: "key set", method: "GET", path: "/.well-known/jwks.json", status: 200},
		{row: "development browser", method: "POST", path: "/v1/dev_browser", status: 200},
		{row: "fault", method: "GET", path: "/v1/environment", status: 429, faults: []clerktest.Fault{clerktest.Answer(429, "too_many_requests")}},
		{row: "edge", method: "GET", path: "/v1/environment", status: 502, faults: []clerktest.Fault{clerktest.AnswerBody(502, "text/html", "<p>")}},
	} {
		t.Run(tc.row, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			if tc.faults != nil {
				c.Script(clerktest.AnyOperation, tc.faults...)
			}
			r := send(t, c.Transport(), tc.method, tc.path, "", append(tc.header, "Origin", page)...)
			require.Equal(t, tc.status, r.status, "%s", r.body)
			require.Equal(t, page, r.header.Get("Access-Control-Allow-Origin"))
			require.Equal(t, "true", r.header.Get("Access-Control-Allow-Credentials"))
			require.Contains(t, r.header.Get("Access-Control-Expose-Headers"), "Authorization")
			require.Equal(t, []string{"Origin"}, r.header.Values("Vary"))
		})
	}
	t.Run("no page", func(t *testing.T) {
		t.Parallel()
		c := seeded(t)
		r := native(t, c, "GET", "/me", "")
		require.NotContains(t, r.header, "Access-Control-Allow-Origin")
		require.Equal(t, "Origin", r.header.Get("Vary"))
	})
	t.Run("Backend API", func(t *testing.T) {
		t.Parallel()
		c := seeded(t)
		for _, method := range []string{"GET", "OPTIONS"} {
			r := backend(t, c, method, "/users/user_1", "", "Origin", page, "Access-Control-Request-Method", "PATCH")
			for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods", "Vary"} {
				require.NotContains(t, r.header, name)
			}
		}
	})
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.Script(clerktest.AnyOperation, clerktest.Answer(503, "service_unavailable"))
	r := send(t, c.Transport(), "OPTIONS", "/v1/me/metadata", "", "Origin", page,
		"Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization,x-mobile")
	require.Equal(t, http.StatusNoContent, r.status)
	require.Empty(t, r.body)
	require.Equal(t, page, r.header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", r.header.Get("Access-Control-Allow-Credentials"))
	require.Contains(t, r.header.Get("Access-Control-Allow-Methods"), "PATCH")
	require.Equal(t, "authorization,x-mobile", r.header.Get("Access-Control-Allow-Headers"))
	require.Equal(t, "600", r.header.Get("Access-Control-Max-Age"))
	require.Equal(t, []string{"Origin", "Access-Control-Request-Headers"}, r.header.Values("Vary"))
	require.Empty(t, c.Requests())
	require.Len(t, c.Unused(), 1)

	// Without the question it is a request like any other, to no operation.
	require.Equal(t, 503, send(t, c.Transport(), "OPTIONS", "/v1/me", "").status)
	requireFailed(t, send(t, c.Transport(), "OPTIONS", "/v1/me", "", "Origin", page), 404, "resource_not_found", "")
	require.Empty(t, send(t, c.Transport(), "OPTIONS", "/v1/me", "", "Access-Control-Request-Method", "GET").header.Get("Access-Control-Allow-Headers"))
}

// A page of another origin cannot write through the Backend API, although its key is well
// known: a browser asks before it sends the key, and gets no permission. Without the key it
// is a 401.
func TestBackendHasNoCORS(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{page, "http://localhost:3000", "null"} {
		c := seeded(t)
		before := c.State()
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			for _, path := range []string{
				"/users", "/users/user_1", "/users/user_1/metadata", "/organizations/org_1/metadata",
				"/organizations/org_1/memberships/user_1/metadata", "/invitations",
			} {
				asked := send(t, c.Transport(), "OPTIONS", "/v1"+path, "", "Origin", origin,
					"Access-Control-Request-Method", method, "Access-Control-Request-Headers", "authorization,content-type")
				require.Equal(t, http.StatusNotFound, asked.status)
				sent := send(t, c.Transport(), method, "/v1"+path, `{"public_metadata":{"a":1}}`, "Origin", origin, "Content-Type", "text/plain")
				require.GreaterOrEqual(t, sent.status, 400)
				for _, r := range []reply{asked, sent} {
					for name := range r.header {
						require.NotContains(t, name, "Access-Control-")
					}
				}
			}
		}
		require.Equal(t, before, c.State())
	}
}

// The Frontend API takes versions newer than any document, and no others.
func TestFrontendVersions(t *testing.T) {
	t.Parallel()
	for version, status := range map[string]int{
		"": 200, "2021-02-05": 200, "2025-11-10": 200, "2026-05-12": 200, "2026-08-20": 200, "2031-01-01": 200,
		"2020-01-01": 400, "2026-05-11": 400, "2026-13-40": 400, "2zzz-zz-zz": 400, "latest": 400, "9": 400,
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			r := send(t, c.Transport(), "GET", "/v1/client?__clerk_api_version="+version, "")
			require.Equal(t, status, r.status)
			if status != http.StatusOK {
				requireFailed(t, r, status, "api_version_invalid", "")
			}
		})
	}
	c := seeded(t)
	requireFailed(t, backend(t, c, "GET", "/users/user_1?__clerk_api_version=2026-08-20", ""), 400, "api_version_invalid", "")
}
