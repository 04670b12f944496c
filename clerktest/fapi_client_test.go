package clerktest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// browser sends a form as the browser client does: GET and POST only, with the
// method that is meant in the query and, as the development browser dvb_1, a
// token beside it.
func browser(t *testing.T, c *clerktest.Test, method, path, body, devBrowser string) reply {
	t.Helper()
	query := url.Values{"__clerk_api_version": {"2026-08-20"}, "_clerk_js_version": {"6.0.0"}}
	if devBrowser != "" {
		query.Set("__clerk_db_jwt", devBrowser)
	}
	if method != http.MethodGet && method != http.MethodPost {
		query.Set("_method", method)
		method = http.MethodPost
	}
	return send(t, c.Transport(), method, "/v1"+path+"?"+query.Encode(), body,
		"Content-Type", "application/x-www-form-urlencoded", "Origin", page)
}

func sessionIDs(t *testing.T, r reply, path ...string) []string {
	t.Helper()
	var sessions []struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(r.field(t, append(path, "sessions")...)), &sessions))
	ids := []string{}
	for _, s := range sessions {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestClientOfASignedInBrowser(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	r := browser(t, c, "GET", "/client", "", "dvb_1")
	require.Equal(t, "null", r.field(t, "client"))
	require.Equal(t, []string{"sess_1", "sess_2"}, sessionIDs(t, r, "response"))
	require.Equal(t, `"sess_1"`, r.field(t, "response", "last_active_session_id"))
	require.Equal(t, "null", r.field(t, "response", "sign_up"))
	var sessions []struct {
		Status string
		User   struct {
			ID     string
			Unsafe json.RawMessage `json:"unsafe_metadata"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(r.field(t, "response", "sessions")), &sessions))
	require.Equal(t, "active", sessions[0].Status)
	var own []struct {
		Role         string
		Organization object
	}
	require.NoError(t, json.Unmarshal([]byte(browser(t, c, "GET", "/me", "", "dvb_1").field(t, "response", "organization_memberships")), &own))
	require.Len(t, own, 1)
	require.Equal(t, "org:admin", own[0].Role)
	require.Equal(t, "acme", own[0].Organization["slug"])
	require.Equal(t, "user_1", sessions[0].User.ID)
	require.JSONEq(t, `{"theme":"dark"}`, string(sessions[0].User.Unsafe))
}

func TestClientOfAStranger(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	require.JSONEq(t, `{"response":null,"client":null}`, send(t, c.Transport(), "GET", "/v1/client", "").field(t))
	requireFailed(t, browser(t, c, "GET", "/client", "", "dvb_9"), 401, "dev_browser_unauthenticated", "")
	requireFailed(t, browser(t, c, "GET", "/environment", "", "dvb_9"), 401, "dev_browser_unauthenticated", "")
	requireFailed(t, send(t, c.Transport(), "PUT", "/v1/client", "", "Cookie", "__client=x"), 401, "authentication_invalid", "")
	requireFailed(t, send(t, c.Transport(), "DELETE", "/v1/client", ""), 401, "signed_out", "")
	requireFailed(t, send(t, c.Transport(), "DELETE", "/v1/client/sessions", "", "Cookie", "__client=x"), 401, "authentication_invalid", "")
	requireFailed(t, send(t, c.Transport(), "GET", "/v1/client/sessions/sess_1", ""), 401, "signed_out", "")
	requireFailed(t, send(t, c.Transport(), "POST", "/v1/client/sessions/sess_1/tokens", "", "Cookie", "__client=x"), 401, "authentication_invalid", "")
}

func TestDevBrowser(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	// A stale token is no reason to refuse a new one.
	made := browser(t, c, "POST", "/dev_browser", "", "dvb_9")
	var id, token string
	require.NoError(t, json.Unmarshal([]byte(made.field(t, "id")), &id))
	require.NoError(t, json.Unmarshal([]byte(made.field(t, "token")), &token))
	require.True(t, strings.HasPrefix(id, "dvb_"))
	require.Equal(t, id, token)
	require.Empty(t, sessionIDs(t, browser(t, c, "GET", "/client", "", id), "response"))
	requireFailed(t, browser(t, c, "GET", "/me", "", id), 401, "signed_out", "")
	require.NotEqual(t, made.body, browser(t, c, "POST", "/dev_browser", "", "").body)
}

// A new client gets its token in the form in which a browser or an app keeps one.
func TestNewClient(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"PUT", "POST"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			c := configured(t, clerktest.Config{Rotation: true})
			r := send(t, c.Transport(), method, "/v1/client", "", "Origin", page)
			require.Empty(t, sessionIDs(t, r, "response"))
			require.Len(t, r.header.Values("Set-Cookie"), 1)
			cookie, err := http.ParseSetCookie(r.header.Get("Set-Cookie"))
			require.NoError(t, err)
			require.Equal(t, "__client", cookie.Name)
			require.True(t, cookie.Secure && cookie.HttpOnly)
			require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
			again := send(t, c.Transport(), "GET", "/v1/client", "", "Cookie", "__client="+cookie.Value)
			require.Equal(t, r.field(t, "response", "id"), again.field(t, "response", "id"))

			r = send(t, c.Transport(), method, "/v1/client?_is_native=1", "")
			require.Empty(t, r.header.Get("Set-Cookie"))
			token := r.header.Get("Authorization")
			again = send(t, c.Transport(), method, "/v1/client?_is_native=1", "", "Authorization", token)
			require.Equal(t, r.field(t, "response", "id"), again.field(t, "response", "id"), "no second one")
		})
	}
	// Without TLS, which loopback addresses go without, a cookie is not secure.
	for host, secure := range map[string]bool{
		"localhost:4010": false, "app.localhost": false, "127.0.0.1:4010": false, "[::1]:4010": false, "[::1]": false,
		"192.0.2.1:4010": true, "clerk.example.com": true,
	} {
		c := seeded(t)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+host+"/v1/client", nil)
		require.NoError(t, err)
		resp, err := c.Transport().RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, secure, resp.Cookies()[0].Secure, host)
	}
}

func TestSessionOperations(t *testing.T) {
	t.Parallel()
	t.Run("get", func(t *testing.T) {
		t.Parallel()
		r := native(t, seeded(t), "GET", "/client/sessions/sess_2", "")
		require.Equal(t, `"sess_2"`, r.field(t, "response", "id"))
		require.Equal(t, `"user_2"`, r.field(t, "response", "user", "id"))
		require.Equal(t, []string{"sess_1", "sess_2"}, sessionIDs(t, r, "client"))
	})
	t.Run("touch", func(t *testing.T) {
		t.Parallel()
		c := seeded(t)
		r := native(t, c, "POST", "/client/sessions/sess_2/touch", "intent=select_session")
		require.Equal(t, `"sess_2"`, r.field(t, "response", "id"))
		require.Equal(t, `"sess_2"`, r.field(t, "client", "last_active_session_id"))
		require.Equal(t, `"user_2"`, native(t, c, "GET", "/me", "").field(t, "response", "id"))

		r = native(t, c, "POST", "/client/sessions/sess_1/touch", "active_organization_id=acme&intent=select_org")
		require.Equal(t, `"org_1"`, r.field(t, "response", "last_active_organization_id"))
		r = native(t, c, "POST", "/client/sessions/sess_1/touch", "active_organization_id=")
		require.Equal(t, "null", r.field(t, "response", "last_active_organization_id"))

		requireFailed(t, native(t, c, "POST", "/client/sessions/sess_1/touch", "intent=none"), 422, "form_param_value_invalid", "intent")
		requireFailed(t, native(t, c, "POST", "/client/sessions/sess_1/touch", "x=1"), 422, "form_param_unknown", "x")
		requireFailed(t, native(t, c, "POST", "/client/sessions/sess_1/touch", "active_organization_id=org_2"), 403, "not_a_member_in_organization", "")
	})
	for _, word := range []string{"end", "remove"} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			native(t, c, "POST", "/client/sessions/sess_1/touch", "").field(t)
			r := native(t, c, "POST", "/client/sessions/sess_1/"+word, "")
			require.Equal(t, `"`+strings.TrimSuffix(word, "e")+`ed"`, r.field(t, "response", "status"))
			require.Equal(t, []string{"sess_2"}, sessionIDs(t, r, "client"))
			require.Equal(t, `"sess_2"`, r.field(t, "client", "last_active_session_id"))
			requireFailed(t, native(t, c, "POST", "/client/sessions/sess_1/"+word, ""), 404, "resource_not_found", "")
			native(t, c, "POST", "/client/sessions/sess_2/"+word, "").field(t)
			requireFailed(t, native(t, c, "GET", "/me", ""), 401, "signed_out", "")
			r = native(t, c, "GET", "/client", "")
			require.Empty(t, sessionIDs(t, r, "response"))
			require.Equal(t, "null", r.field(t, "response", "last_active_session_id"))
		})
	}
	for _, operation := range []string{"", "/touch", "/end", "/remove", "/tokens"} {
		seed := content()
		seed.Sessions = append(seed.Sessions, clerktest.Session{ID: "sess_3", UserID: "user_2"})
		c := clerktest.Start(t, seed)
		method := "POST"
		if operation == "" {
			method = "GET"
		}
		for _, id := range []string{"sess_3", "none"} {
			requireFailed(t, native(t, c, method, "/client/sessions/"+id+operation, ""), 404, "resource_not_found", "")
		}
		if operation == "/touch" || operation == "/tokens" {
			requireFailed(t, native(t, c, method, "/client/sessions/sess_1"+operation, "{}", "Content-Type", "application/json"), 415, "unsupported_content_type", "")
		}
	}
	c := seeded(t)
	jwtOf(t, native(t, c, "POST", "/client/sessions/sess_1/tokens", "tab_state=focused"))
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	r := browser(t, c, "DELETE", "/client/sessions", "", "dvb_1")
	require.Empty(t, sessionIDs(t, r, "response"))
	require.Empty(t, r.header.Get("Set-Cookie"))
	require.Empty(t, sessionIDs(t, browser(t, c, "DELETE", "/client", "", "dvb_1"), "response"), "a development browser stays")
	require.Empty(t, sessionIDs(t, browser(t, c, "GET", "/client", "", "dvb_1"), "response"))

	for _, rotation := range []bool{false, true} {
		c = configured(t, clerktest.Config{Rotation: rotation})
		r = send(t, c.Transport(), "DELETE", "/v1/client", "", "Cookie", "__client=client_token_1")
		require.Empty(t, sessionIDs(t, r, "response"))
		require.Len(t, r.header.Values("Set-Cookie"), 1)
		cookie, err := http.ParseSetCookie(r.header.Get("Set-Cookie"))
		require.NoError(t, err)
		require.Equal(t, -1, cookie.MaxAge)
		requireFailed(t, send(t, c.Transport(), "GET", "/v1/client", "", "Cookie", "__client=client_token_1"), 401, "authentication_invalid", "")

		c = configured(t, clerktest.Config{Rotation: rotation})
		r = native(t, c, "DELETE", "/client", "")
		require.Equal(t, http.StatusOK, r.status)
		require.Empty(t, r.header.Get("Authorization")+r.header.Get("Set-Cookie"))
		requireFailed(t, native(t, c, "GET", "/client", ""), 401, "authentication_invalid", "")
	}
}
