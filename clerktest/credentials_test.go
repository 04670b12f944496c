package clerktest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

func TestFrontendCredentials(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		row    string
		query  string
		header []string
		status int
		code   string // of an error
		user   string // of a success
		how    string // in the log
	}{
		{row: "production browser", header: []string{"Cookie", "other=1; __client=client_token_1"}, status: 200, user: "user_1", how: "browser"},
		{row: "development browser __dev_session", query: "?__dev_session=dvb_1", status: 200, user: "user_1", how: "development browser"},
		{row: "development browser __clerk_db_jwt", query: "?__clerk_db_jwt=dvb_1", status: 200, user: "user_1", how: "development browser"},
		{row: "native app, bearer", query: "?_is_native=1", header: []string{"Authorization", "Bearer client_token_1"}, status: 200, user: "user_1", how: "native app"},
		{row: "native app, bare", query: "?_is_native=true", header: []string{"Authorization", "client_token_1"}, status: 200, user: "user_1", how: "native app"},
		{row: "which session", query: "?_clerk_session_id=sess_2", header: []string{"Cookie", "__client=client_token_1"}, status: 200, user: "user_2", how: "browser"},
		{row: "a proxy", header: []string{"Cookie", "__client=client_token_1", "Clerk-Proxy-Url", "https://app.example.com/__clerk", "Clerk-Secret-Key", clerktest.DefaultSecretKey}, status: 200, user: "user_1", how: "browser"},

		{row: "Origin and Authorization together", query: "?_is_native=1", header: []string{"Authorization", "client_token_1", "Origin", "https://app.example.com"}, status: 400, code: "origin_authorization_headers_conflict", how: "native app"},
		{row: "not signed in", status: 401, code: "signed_out"},
		{row: "Authorization without _is_native", header: []string{"Authorization", "client_token_1"}, status: 401, code: "signed_out"},
		{row: "_is_native without Authorization", query: "?_is_native=1", status: 401, code: "signed_out"},
		{row: "unknown cookie", header: []string{"Cookie", "__client=other"}, status: 401, code: "authentication_invalid", how: "browser"},
		{row: "unknown native token", query: "?_is_native=1", header: []string{"Authorization", "other"}, status: 401, code: "authentication_invalid", how: "native app"},
		{row: "unknown development browser", query: "?__clerk_db_jwt=other", status: 401, code: "dev_browser_unauthenticated", how: "development browser"},
		{row: "another client's session", query: "?_clerk_session_id=sess_3", header: []string{"Cookie", "__client=client_token_1"}, status: 401, code: "authentication_invalid", how: "browser"},
		{row: "proxy without a secret key", header: []string{"Cookie", "__client=client_token_1", "Clerk-Proxy-Url", "https://app.example.com/__clerk"}, status: 400, code: "proxy_request_missing_secret_key", how: "browser"},
		{row: "proxy with a wrong secret key", header: []string{"Cookie", "__client=client_token_1", "Clerk-Proxy-Url", "https://app.example.com/__clerk", "Clerk-Secret-Key", "sk_test_other"}, status: 401, code: "proxy_request_invalid_secret_key", how: "browser"},
	} {
		t.Run(tc.row, func(t *testing.T) {
			t.Parallel()
			seed := content()
			seed.Sessions = append(seed.Sessions, clerktest.Session{ID: "sess_3", UserID: "user_2"})
			c := clerktest.Start(t, seed)
			r := send(t, c.Transport(), "GET", "/v1/me"+tc.query, "", tc.header...)
			if tc.code != "" {
				requireFailed(t, r, tc.status, tc.code, "")
			} else {
				require.Equal(t, `"`+tc.user+`"`, r.field(t, "response", "id"))
			}
			require.Equal(t, tc.how, c.Requests()[0].Credential)
		})
	}
}

func TestFrontendErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		row, path, body string
		header          []string
		status          int
		code, param     string
	}{
		{row: "unsafe_metadata missing", path: "/me/metadata", body: "", status: 422, code: "form_param_missing", param: "unsafe_metadata"},
		{row: "unsafe_metadata twice", path: "/me/metadata", body: "unsafe_metadata=%7B%7D&unsafe_metadata=%7B%7D", status: 422, code: "form_param_duplicate", param: "unsafe_metadata"},
		{row: "public metadata", path: "/me/metadata", body: "public_metadata=%7B%7D&unsafe_metadata=%7B%7D", status: 422, code: "form_param_unknown", param: "public_metadata"},
		{row: "private metadata", path: "/me/metadata", body: "private_metadata=%7B%7D&unsafe_metadata=%7B%7D", status: 422, code: "form_param_unknown", param: "private_metadata"},
		{row: "not JSON", path: "/me/metadata", body: "unsafe_metadata=map[a:1]", status: 422, code: "form_param_value_invalid", param: "unsafe_metadata"},
		{row: "no object", path: "/me/metadata", body: "unsafe_metadata=%5B%5D", status: 422, code: "form_param_value_invalid", param: "unsafe_metadata"},
		{row: "null", path: "/me/metadata", body: "unsafe_metadata=null", status: 422, code: "form_param_value_invalid", param: "unsafe_metadata"},
		{row: "JSON body", path: "/me/metadata", body: "{}", header: []string{"Content-Type", "application/json"}, status: 415, code: "unsupported_content_type"},
		{row: "malformed form", path: "/me/metadata", body: "unsafe_metadata=%zz", status: 400, code: "request_body_invalid"},
		{row: "signed out", path: "/me/metadata", body: "unsafe_metadata=%7B%7D", header: []string{"Authorization", ""}, status: 401, code: "signed_out"},
		{row: "metadata in the general update", path: "/me?__clerk_api_version=2026-05-12", body: "unsafe_metadata=%7B%7D", status: 422, code: "form_param_deprecated", param: "unsafe_metadata"},
		{row: "general update, not modelled", path: "/me", body: "primary_email_address_id=idn_1", status: 400, code: "clerktest_unsupported", param: "primary_email_address_id"},
		{row: "general update, unknown", path: "/me", body: "birthday=1", status: 422, code: "form_param_unknown", param: "birthday"},
		{row: "general update, JSON body", path: "/me", body: "{}", header: []string{"Content-Type", "application/json"}, status: 415, code: "unsupported_content_type"},
		{row: "general update, signed out", path: "/me", body: "", header: []string{"Authorization", ""}, status: 401, code: "signed_out"},
	} {
		t.Run(tc.row, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			before, _ := c.User("user_1")
			requireFailed(t, native(t, c, "PATCH", tc.path, tc.body, tc.header...), tc.status, tc.code, tc.param)
			after, _ := c.User("user_1")
			require.Equal(t, string(before.Raw), string(after.Raw))
		})
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	me := func(t *testing.T, c *clerktest.Test, query string, headers ...string) reply {
		t.Helper()
		return send(t, c.Transport(), "GET", "/v1/me"+query, "", headers...)
	}
	t.Run("native app, errors included", func(t *testing.T) {
		t.Parallel()
		c := configured(t, clerktest.Config{Rotation: true, Guesses: map[clerktest.GuessName]string{clerktest.RotatedToken: "refused"}})
		first := me(t, c, "?_is_native=1", "Authorization", "client_token_1").header.Get("Authorization")
		require.NotEmpty(t, first)
		failed := me(t, c, "?_is_native=1&_clerk_session_id=none", "Authorization", first)
		requireFailed(t, failed, http.StatusUnauthorized, "authentication_invalid", "")
		second := failed.header.Get("Authorization")
		require.NotEqual(t, first, second)
		c.Script(clerktest.GetMe, clerktest.Answer(429, "too_many_requests"))
		scripted := me(t, c, "?_is_native=1", "Authorization", second)
		requireFailed(t, scripted, http.StatusTooManyRequests, "too_many_requests", "")
		third := scripted.header.Get("Authorization")
		require.NotEqual(t, second, third)
		require.Equal(t, http.StatusUnauthorized, me(t, c, "?_is_native=1", "Authorization", first).status)
		me(t, c, "?_is_native=1", "Authorization", "Bearer "+third).field(t)
		for _, r := range c.Requests() {
			require.NotContains(t, r.Header, "Authorization")
		}
	})
	t.Run("browser", func(t *testing.T) {
		t.Parallel()
		c := configured(t, clerktest.Config{Rotation: true})
		r := me(t, c, "", "Cookie", "__client=client_token_1")
		cookie, err := http.ParseSetCookie(r.header.Get("Set-Cookie"))
		require.NoError(t, err)
		require.Equal(t, "__client", cookie.Name)
		require.True(t, cookie.HttpOnly)
		me(t, c, "", "Cookie", "__client="+cookie.Value).field(t)
		me(t, c, "", "Cookie", "__client=client_token_1").field(t) // still good
		require.Empty(t, r.header.Get("Authorization"))
	})
	t.Run("none for a development browser, a stranger or a lost connection", func(t *testing.T) {
		t.Parallel()
		c := configured(t, clerktest.Config{Rotation: true})
		for _, r := range []reply{me(t, c, "?__dev_session=dvb_1"), me(t, c, "", "Cookie", "__client=other")} {
			require.Empty(t, r.header.Get("Set-Cookie"))
			require.Empty(t, r.header.Get("Authorization"))
		}
	})
}
