package clerktest_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

// requireWhole checks an answer: JSON, and with a failure Clerk's envelope and
// nothing changed.
func requireWhole(t *testing.T, c *clerktest.Test, before clerktest.Seed, r reply) {
	t.Helper()
	require.True(t, json.Valid(r.body), "%s", r.body)
	require.Equal(t, asJSON, r.header.Get("Content-Type"))
	if r.status < 300 {
		return
	}
	require.True(t, r.status >= 400 && r.status < 500 || r.status == http.StatusNotImplemented, "%d", r.status)
	var e clerkErrors
	require.NoError(t, json.Unmarshal(r.body, &e))
	require.NotEmpty(t, e.Errors)
	require.NotEmpty(t, e.Errors[0].Code)
	require.Equal(t, before, c.State())
}

// FuzzBackendBody: any body of any operation of the Backend API is an answer in
// Clerk's form, and what is refused changes nothing.
func FuzzBackendBody(f *testing.F) {
	operations := []struct{ method, path string }{
		{"PATCH", "/users/user_1/metadata"}, {"PUT", "/users/user_1/metadata"}, {"PATCH", "/users/user_1"}, {"POST", "/users"},
		{"PATCH", "/organizations/org_1/metadata"}, {"PUT", "/organizations/org_1/metadata"}, {"PATCH", "/organizations/org_1"}, {"POST", "/organizations"},
		{"PATCH", "/organizations/org_1/memberships/user_1/metadata"}, {"PATCH", "/organizations/org_1/memberships/user_1"}, {"POST", "/organizations/org_1/memberships"},
	}
	for i := range operations {
		for _, body := range []string{
			``, `{}`, `null`, `[]`, `{"public_metadata":{"a":null,"b":{"c":[null]}}}`, `{"public_metadata":null,"private_metadata":{"n":1e400}}`, `{"a":1,"a":2}`,
			`{"name":"N","slug":"a-b","created_by":"user_2","max_allowed_memberships":-1}`, `{"user_id":"user_2","role":"org:member"}`, "{\"first_name\":\"\xff\\ud800\"}",
			`{"email_address":["a@example.com"],"password":"12345678","created_at":"2026-05-12T00:00:00Z","username":null}`,
		} {
			f.Add(uint8(i), []byte(body), asJSON)
		}
	}
	f.Add(uint8(0), []byte(`{}`), "text/plain; charset=\xff")
	f.Fuzz(func(t *testing.T, operation uint8, body []byte, contentType string) {
		c := seeded(t)
		before := c.State()
		o := operations[int(operation)%len(operations)]
		r := backend(t, c, o.method, o.path, string(body), "Content-Type", contentType)
		requireWhole(t, c, before, r)
		if r.status < 300 {
			require.True(t, len(body) == 0 || json.Valid(body))
		}
	})
}

// FuzzForm: of forms the own user's metadata takes exactly those that hold one
// JSON object, which is merged; what is refused changes nothing.
func FuzzForm(f *testing.F) {
	for _, body := range []string{
		"", "unsafe_metadata=", "unsafe_metadata=%7B%22a%22%3A%7B%22b%22%3Anull%7D%7D", "unsafe_metadata={}&unsafe_metadata={\"x\":1}", "unsafe_metadata=null", "unsafe_metadata=[]",
		"unsafe_metadata={\"n\":9007199254740993}", "unsafe_metadata=%zz", "public_metadata={}", "a=b;unsafe_metadata={}", "unsafe_metadata={\"a\":1,\"a\":2}", "unsafe_metadata=%7B%22%FF%22:1%7D", "first_name=A", "first_name=A&x=1", "first_name=A&unsafe_metadata=[]",
	} {
		f.Add("/me/metadata", "PATCH", body, asForm)
		f.Add("/me", "patch", body, asForm)
	}
	f.Add("/me/metadata", "POST", `{"unsafe_metadata":{}}`, asJSON)
	f.Fuzz(func(t *testing.T, path, override, body, contentType string) {
		if path != "/me/metadata" {
			path = "/me"
		}
		c := seeded(t)
		before := c.State()
		r := native(t, c, http.MethodPost, path+"?_method="+url.QueryEscape(override), body, "Content-Type", contentType)
		requireWhole(t, c, before, r)
		if r.status != http.StatusOK || path == "/me" || len(body) == 0 || !strings.EqualFold(override, http.MethodPatch) {
			return
		}
		form, err := url.ParseQuery(body)
		require.NoError(t, err)
		patch, err := metadata.ParsePatch([]byte(form.Get("unsafe_metadata")))
		if errors.Is(err, metadata.ErrDuplicateKey) {
			return // the last one counts, as encoding/json has it
		}
		require.NoError(t, err)
		old, err := metadata.ParseObject([]byte(`{"theme":"dark"}`))
		require.NoError(t, err)
		want, err := metadata.Merge(old, patch)
		require.NoError(t, err)
		got, err := metadata.ParseObject([]byte(r.field(t, "response", "unsafe_metadata")))
		require.NoError(t, err)
		require.True(t, metadata.Equal(want, got), "%s, not %s", got, want)
	})
}

// FuzzTarget: a GET of any path and query is an answer in Clerk's form and changes
// nothing, and without the secret key shows no private metadata.
func FuzzTarget(f *testing.F) {
	for _, target := range []string{
		"/users", "/users?limit=500&offset=-1", "/users?user_id=%2Buser_1&user_id=-user_2", "/users/user_1", "/users/..%2forganizations%2Forg_1", "/organizations?order_by=%zz",
		"/organizations/acme/memberships?user_id=user_1&limit=x", "/users/count?a=b;c", "/users/user_1/", "//", "/%00", "/users?__clerk_api_version=2026-05-12", "/me?_is_native=1", "/jwks",
	} {
		f.Add(target, true, "")
		f.Add(target, false, "__client=client_token_1; a=b")
	}
	f.Fuzz(func(t *testing.T, target string, withKey bool, cookie string) {
		u, err := url.ParseRequestURI("https://clerk.test/v1" + target)
		if err != nil || u.Host != "clerk.test" {
			return
		}
		c := seeded(t)
		before := c.State()
		headers := []string{"Cookie", cookie}
		if withKey {
			headers = []string{"Authorization", "Bearer " + c.SecretKey()}
		}
		r := send(t, c.Transport(), http.MethodGet, "/v1"+target, "", headers...)
		requireWhole(t, c, before, r)
		require.Equal(t, before, c.State())
		require.True(t, withKey || !strings.Contains(string(r.body), "cus_example"))
	})
}
