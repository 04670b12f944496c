package clerktest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// control sends a request to the control endpoints as this machine would, unless
// change says otherwise.
func control(c *clerktest.Test, method, path, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, clerktest.ControlPath+path, strings.NewReader(body))
	r.Host, r.RemoteAddr = "127.0.0.1:4010", "127.0.0.1:50000"
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	c.ControlHandler().ServeHTTP(w, r)
	return w
}

// controlled decodes an answer that must be a 200.
func controlled[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	var v T
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v), w.Body)
	return v
}

// requireRefused checks the status and the reason of an answer.
func requireRefused(t *testing.T, w *httptest.ResponseRecorder, status int, reason string) {
	t.Helper()
	require.Equal(t, status, w.Code, w.Body)
	var v struct {
		Error string `json:"error"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v), w.Body)
	require.Contains(t, v.Error, reason)
}

func TestControlHealth(t *testing.T) {
	t.Parallel()
	clerk := seeded(t)
	require.Equal(t, object{"status": "ok"}, controlled[object](t, control(clerk, "GET", "health", "")))
	require.Equal(t, http.StatusOK, control(clerk, "HEAD", "health", "").Code)
	require.Empty(t, clerk.Requests(), "control requests are not in the log")
}

func TestControlRefusesOtherMachines(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	host := func(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }
	peer := func(a string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = a } }
	for _, tc := range []struct {
		name   string
		change func(*http.Request)
		refuse string // the reason, "" if the request is obeyed
	}{
		{"IPv4", peer("127.0.0.2:1"), ""},
		{"IPv6", peer("[::1]:1"), ""},
		{"IPv4 in IPv6", peer("[::ffff:127.0.0.1]:1"), ""},
		{"another machine", peer("192.0.2.1:1"), "the peer's address"},
		{"any address", peer("0.0.0.0:1"), "the peer's address"},
		{"no address", peer("@"), "the peer's address"},
		{"empty address", peer(""), "the peer's address"},
		{"another machine that says it is this one", func(r *http.Request) {
			r.RemoteAddr = "192.0.2.1:1"
			r.Header.Set("X-Forwarded-For", "127.0.0.1")
		}, "the peer's address"},
		{"localhost", host("LOCALHOST:4010"), ""},
		{"without a port", host("127.0.0.1"), ""},
		{"IPv6 host", host("[::1]:4010"), ""},
		{"IPv6 host without a port", host("[::1]"), ""},
		{"a name of somebody's DNS", host("rebind.example:4010"), "Host"},
		{"a name that begins well", host("localhost.example"), "Host"},
		{"an address in a name", host("127.0.0.1.example"), "Host"},
		{"no host", host(""), "Host"},
		{"a page of the same origin", header("Origin", "http://127.0.0.1:4010"), ""},
		{"another page of this machine", header("Origin", "http://localhost:3000"), "another origin"},
		{"another page of this machine on the same site", header("Sec-Fetch-Site", "same-site"), "another origin"},
		{"a page from elsewhere that hides its origin", header("Sec-Fetch-Site", "cross-site"), "another origin"},
		{"a page of the same origin, says the browser", header("Sec-Fetch-Site", "same-origin"), ""},
		{"a page from elsewhere", header("Origin", "https://page.example"), "Origin"},
		{"a page from elsewhere that looks near", header("Origin", "https://localhost.example"), "Origin"},
		{"a page without an origin", header("Origin", "null"), "Origin"},
		{"two origins", func(r *http.Request) {
			r.Header["Origin"] = []string{"http://localhost", "https://page.example"}
		}, "Origin"},
		{"through a proxy", header("X-Forwarded-For", "192.0.2.1"), "proxy"},
		{"through a standard proxy", header("Forwarded", "for=192.0.2.1"), "proxy"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			clerk := seeded(t)
			require.NoError(t, clerk.Clerk.Script(clerktest.GetUser, clerktest.Drop()))
			w := control(clerk, "DELETE", "faults", "", tc.change)
			if tc.refuse == "" {
				require.Equal(t, http.StatusOK, w.Code, w.Body)
				return
			}
			requireRefused(t, w, http.StatusForbidden, tc.refuse)
			require.Len(t, clerk.Unused(), 1, "nothing was done")
			control(clerk, "DELETE", "faults", "")
		})
	}
}

// A page of another origin on this machine loads nothing, and a link on it may lead here.
func TestControlLoadsInNoOtherPage(t *testing.T) {
	t.Parallel()
	clerk := seeded(t)
	fetch := func(site, destination string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", site)
			r.Header.Set("Sec-Fetch-Dest", destination)
		}
	}
	for _, destination := range []string{"image", "script", "iframe", "empty"} {
		for _, path := range []string{"events", "state"} {
			requireRefused(t, control(clerk, "GET", path, "", fetch("same-site", destination)), http.StatusForbidden, "another origin may not read")
			requireRefused(t, control(clerk, "GET", path, "", fetch("cross-site", destination)), http.StatusForbidden, "another origin may not read")
		}
		require.Equal(t, http.StatusOK, control(clerk, "GET", "state", "", fetch("same-origin", destination)).Code)
	}
	require.Equal(t, http.StatusOK, control(clerk, "GET", "state", "", fetch("cross-site", "document")).Code)
	require.Equal(t, http.StatusOK, control(clerk, "GET", "state", "", fetch("none", "document")).Code)
}

// A browser that does not say what it loads may be answered, and does not let a page of
// another origin on this machine read the answer.
func TestControlLetsNoOtherPageRead(t *testing.T) {
	t.Parallel()
	clerk := seeded(t)
	page := func(r *http.Request) { r.Header.Set("Origin", "http://localhost:3000") }
	w := control(clerk, "GET", "state", "", page)
	require.Equal(t, http.StatusOK, w.Code)
	require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
	w = control(clerk, "OPTIONS", "state", "", page, func(r *http.Request) { r.Header.Set("Access-Control-Request-Method", "PUT") })
	requireRefused(t, w, http.StatusMethodNotAllowed, "state takes GET and PUT")
	require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
	require.Empty(t, w.Header().Get("Access-Control-Allow-Methods"))
}

func TestLocalOnly(t *testing.T) {
	t.Parallel()
	h := clerktest.LocalOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4010/page", http.NoBody)
	r.RemoteAddr = "127.0.0.1:50000"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, http.StatusTeapot, w.Code)
	r.Header.Set("Origin", "http://127.0.0.1:4011")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	requireRefused(t, w, http.StatusForbidden, "another origin")
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
}

func TestControlAddresses(t *testing.T) {
	t.Parallel()
	clerk := seeded(t)
	for _, path := range []string{"", "nothing", "health/", "health/x", "../v1/users"} {
		requireRefused(t, control(clerk, "GET", path, ""), http.StatusNotFound, "health")
	}
	for path, allow := range map[string]string{
		"health": "GET", "requests": "GET, DELETE", "faults": "GET, POST, DELETE", "state": "GET, PUT", "reset": "POST",
		"events": "GET", "guesses": "GET, PUT", "operations": "GET", "entities": "GET",
	} {
		w := control(clerk, "PATCH", path, "")
		requireRefused(t, w, http.StatusMethodNotAllowed, path+" takes ")
		require.Equal(t, allow, w.Header().Get("Allow"))
	}
}

func TestControlRequests(t *testing.T) {
	t.Parallel()
	type list struct {
		Requests []struct {
			API        string              `json:"api"`
			Operation  string              `json:"operation"`
			Method     string              `json:"method"`
			Path       string              `json:"path"`
			Query      map[string][]string `json:"query"`
			Header     map[string][]string `json:"header"`
			Body       string              `json:"body"`
			BodyBase64 []byte              `json:"body_base64"`
			Credential string              `json:"credential"`
			Status     int                 `json:"status"`
		} `json:"requests"`
	}
	clerk := seeded(t)
	require.JSONEq(t, `{"requests":[]}`, control(clerk, "GET", "requests", "").Body.String())
	backend(t, clerk, "PATCH", "/users/user_1/metadata", `{"public_metadata":{"a":"<é>"}}`)
	backend(t, clerk, "PATCH", "/users/user_1/metadata", "{\"public_metadata\":\xff}")
	native(t, clerk, "GET", "/me", "")
	send(t, clerk.Transport(), "GET", "/v1/me?__clerk_db_jwt=dvb_1", "", "Cookie", "__client=client_token_1")

	w := control(clerk, "GET", "requests", "")
	for _, credential := range []string{clerk.SecretKey(), "client_token_1", "dvb_1"} {
		require.NotContains(t, w.Body.String(), credential)
	}
	all := controlled[list](t, w).Requests
	require.Len(t, all, 4)
	first := all[0]
	require.Equal(t, []string{"bapi", "UpdateUserMetadata", "PATCH", "/v1/users/user_1/metadata", "secret key"},
		[]string{first.API, first.Operation, first.Method, first.Path, first.Credential})
	require.Equal(t, `{"public_metadata":{"a":"<é>"}}`, first.Body)
	require.Equal(t, []string{"application/json"}, first.Header["Content-Type"])
	require.Equal(t, http.StatusOK, first.Status)
	require.Equal(t, "{\"public_metadata\":\xff}", string(all[1].BodyBase64))
	require.Equal(t, []string{"1"}, all[2].Query["_is_native"])

	require.Len(t, controlled[list](t, control(clerk, "GET", "requests?operation=*", "")).Requests, 4)
	require.Len(t, controlled[list](t, control(clerk, "GET", "requests?operation=getUser", "")).Requests, 2)
	require.Len(t, controlled[list](t, control(clerk, "GET", "requests?operation=getUser&operation=UpdateUserMetadata", "")).Requests, 4)
	requireRefused(t, control(clerk, "GET", "requests?operation=getuser", ""), http.StatusBadRequest, `operation "getuser" is unknown`)
	requireRefused(t, control(clerk, "GET", "requests?op=x", ""), http.StatusBadRequest, `parameter "op" is unknown`)

	require.Empty(t, controlled[list](t, control(clerk, "DELETE", "requests", "")).Requests)
	require.Empty(t, clerk.Requests())
}

// Bodies are shown to the byte unless a member of theirs is a credential.
func TestControlRequestsHideSecrets(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for _, tc := range []struct{ name, contentType, body, want string }{
		{"JSON", "application/json", `{"password":"hidden","public_metadata":{"password":"kept"}}`, `{"password":"redacted","public_metadata":{"password":"kept"}}`},
		{"JSON without", "application/json", `{ "public_metadata" : {} }`, `{ "public_metadata" : {} }`},
		{"no object", "application/json", `[1]`, `[1]`},
		{"JSON cut short", "application/json", `{"password":"hidden","public_m`, "redacted"},
		{"JSON cut short, without a secret", "application/json", `{"public_metadata":{"a"`, `{"public_metadata":{"a"`},
		{"form", form, "ticket=hidden&unsafe_metadata=%7B%7D", "ticket=redacted&unsafe_metadata=%7B%7D"},
		{"form with a charset", form + "; charset=utf-8", "new_password=hidden", "new_password=redacted"},
		{"form without", form, "b=1&a=2", "b=1&a=2"},
		{"form that does not parse", form, "password=hidden&%zz", "redacted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			clerk := seeded(t)
			send(t, clerk.Transport(), "POST", "/v1/anything?token=hidden", tc.body, "Content-Type", tc.contentType)
			got := controlled[struct {
				Requests []struct{ Body string }
			}](t, control(clerk, "GET", "requests", ""))
			require.NotContains(t, control(clerk, "GET", "requests", "").Body.String(), "hidden")
			require.Equal(t, tc.want, got.Requests[0].Body)
		})
	}
}

func TestControlRequestsInBrief(t *testing.T) {
	t.Parallel()
	clerk := seeded(t)
	backend(t, clerk, "PATCH", "/users/user_1/metadata", `{"public_metadata":{"a":"long"}}`)
	rows := controlled[struct{ Requests []map[string]any }](t, control(clerk, "GET", "requests?brief&operation=UpdateUserMetadata", "")).Requests
	require.Len(t, rows, 1)
	require.NotContains(t, rows[0], "body")
	require.NotContains(t, rows[0], "header")
	require.Contains(t, control(clerk, "GET", "requests", "").Body.String(), `"body": "{`)
}
