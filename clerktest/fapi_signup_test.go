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

func text(t *testing.T, r reply, path ...string) string {
	t.Helper()
	var s string
	require.NoError(t, json.Unmarshal([]byte(r.field(t, path...)), &s))
	return s
}

// A sign-up makes a user with the unsafe metadata it was given, signed in.
func TestSignUp(t *testing.T) {
	t.Parallel()
	form := url.Values{
		"email_address": {"ada@example.com"}, "password": {"correct horse"}, "first_name": {"Ada"}, "last_name": {"L"},
		"username": {"ada"}, "phone_number": {"+15555550100"}, "legal_accepted": {"true"}, "locale": {"en-US"},
		"unsafe_metadata": {`{"plan":{"seats":2}}`},
	}
	c := seeded(t)
	r := send(t, c.Transport(), "POST", "/v1/client/sign_ups", form.Encode(),
		"Content-Type", "application/x-www-form-urlencoded", "Origin", page)
	require.Equal(t, "complete", text(t, r, "response", "status"))
	require.JSONEq(t, form.Get("unsafe_metadata"), r.field(t, "response", "unsafe_metadata"))
	require.Equal(t, "ada@example.com", text(t, r, "response", "email_address"))
	require.Equal(t, "+15555550100", text(t, r, "response", "phone_number"))
	require.Equal(t, "true", r.field(t, "response", "password_enabled"))
	require.NotEqual(t, "null", r.field(t, "response", "legal_accepted_at"))
	require.NotContains(t, string(r.body), "correct horse")
	session := text(t, r, "response", "created_session_id")
	require.Equal(t, []string{session}, sessionIDs(t, r, "client"))
	require.Equal(t, "null", r.field(t, "client", "sign_up"))

	u, ok := c.User(text(t, r, "response", "created_user_id"))
	require.True(t, ok)
	require.JSONEq(t, form.Get("unsafe_metadata"), u.UnsafeMetadata.String())
	require.Equal(t, "{}", u.PublicMetadata.String())
	require.Contains(t, string(u.Raw), `"first_name":"Ada"`)
	require.Contains(t, string(u.Raw), "ada@example.com")

	cookie, err := http.ParseSetCookie(r.header.Get("Set-Cookie"))
	require.NoError(t, err)
	me := send(t, c.Transport(), "GET", "/v1/me", "", "Cookie", "__client="+cookie.Value)
	require.Equal(t, u.ID, text(t, me, "response", "id"))
	path := "/v1/client/sign_ups/" + text(t, r, "response", "id")
	again := send(t, c.Transport(), "GET", path, "", "Cookie", "__client="+cookie.Value)
	require.JSONEq(t, r.field(t, "response"), again.field(t, "response"))
	requireFailed(t, send(t, c.Transport(), "PATCH", path, "", "Cookie", "__client="+cookie.Value), 403, "sign_up_cannot_be_updated", "")

	for _, request := range c.Requests() {
		require.NotContains(t, string(request.Body), "horse")
	}
	require.Contains(t, string(c.Requests(clerktest.CreateSignUp)[0].Body), "first_name=Ada")
}

// Without an identifier there is nobody to sign in yet.
func TestSignUpInSteps(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	dvb := text(t, browser(t, c, "POST", "/dev_browser", "", ""), "id")
	r := browser(t, c, "POST", "/client/sign_ups", "unsafe_metadata="+url.QueryEscape(`{"a":1,"b":2}`), dvb)
	id := text(t, r, "response", "id")
	require.Equal(t, "missing_requirements", text(t, r, "response", "status"))
	require.Equal(t, `["email_address"]`, r.field(t, "response", "missing_fields"))
	require.Equal(t, "null", r.field(t, "response", "created_user_id"))
	require.Equal(t, id, text(t, r, "client", "sign_up", "id"))
	require.Empty(t, r.header.Get("Set-Cookie"), "the development browser is the credential")

	path := "/client/sign_ups/" + id
	r = browser(t, c, "PATCH", path, "unsafe_metadata="+url.QueryEscape(`{"c":3}`), dvb)
	require.JSONEq(t, `{"c":3}`, r.field(t, "response", "unsafe_metadata"))
	require.Equal(t, "missing_requirements", text(t, browser(t, c, "GET", path, "", dvb), "response", "status"))
	r = browser(t, c, "PATCH", path, "email_address_or_phone_number=%2B15555550100", dvb)
	require.Equal(t, "complete", text(t, r, "response", "status"))
	require.Equal(t, "+15555550100", text(t, r, "response", "phone_number"))
	require.JSONEq(t, `{"c":3}`, browser(t, c, "GET", "/me", "", dvb).field(t, "response", "unsafe_metadata"))

	// A second one replaces the first, and signs in beside it.
	r = browser(t, c, "POST", "/client/sign_ups", "email_address_or_phone_number=b%40example.com", dvb)
	require.Len(t, sessionIDs(t, r, "client"), 2)
	require.Equal(t, text(t, r, "response", "created_session_id"), text(t, r, "client", "last_active_session_id"))
	requireFailed(t, browser(t, c, "GET", path, "", dvb), 404, "resource_not_found", "")
}

func TestNativeSignUp(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	r := send(t, c.Transport(), "POST", "/v1/client/sign_ups?_is_native=1", "username=uname", "Content-Type", "application/x-www-form-urlencoded")
	require.Empty(t, r.header.Get("Set-Cookie"))
	me := send(t, c.Transport(), "GET", "/v1/me?_is_native=1", "", "Authorization", r.header.Get("Authorization"))
	require.Equal(t, "uname", text(t, me, "response", "username"))
}

func TestRefusedSignUps(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		row, body, contentType string
		status                 int
		code, param            string
	}{
		{row: "not JSON", body: "username=new&unsafe_metadata=x", status: 422, code: "form_param_value_invalid", param: "unsafe_metadata"},
		{row: "no object", body: "username=new&unsafe_metadata=1", status: 422, code: "form_param_value_invalid", param: "unsafe_metadata"},
		{row: "twice", body: "unsafe_metadata=%7B%7D&unsafe_metadata=%7B%7D", status: 422, code: "form_param_duplicate", param: "unsafe_metadata"},
		{row: "too large", body: "unsafe_metadata=%7B%22a%22%3A%22" + strings.Repeat("x", 8200) + "%22%7D", status: 422, code: "form_param_exceeds_allowed_size", param: "unsafe_metadata"},
		{row: "public metadata", body: "public_metadata=%7B%7D", status: 422, code: "form_param_unknown", param: "public_metadata"},
		{row: "another way", body: "strategy=oauth_google", status: 400, code: "clerktest_unsupported", param: "strategy"},
		{row: "bad address", body: "email_address=ada", status: 422, code: "form_param_format_invalid", param: "email_address"},
		{row: "taken address", body: "email_address=ada%40example.com", status: 422, code: "form_identifier_exists", param: "email_address"},
		{row: "taken name", body: "username=ada", status: 422, code: "form_identifier_exists", param: "username"},
		{row: "JSON body", body: "{}", contentType: "application/json", status: 415, code: "unsupported_content_type"},
		{row: "malformed form", body: "username=%zz&password=horse", status: 400, code: "request_body_invalid"},
	} {
		t.Run(tc.row, func(t *testing.T) {
			t.Parallel()
			seed := content()
			seed.Users = append(seed.Users, clerktest.User{ID: "ada", Username: "ada", EmailAddresses: []string{"ada@example.com"}})
			c := clerktest.Start(t, seed)
			contentType := tc.contentType
			if contentType == "" {
				contentType = "application/x-www-form-urlencoded"
			}
			r := send(t, c.Transport(), "POST", "/v1/client/sign_ups", tc.body, "Content-Type", contentType)
			requireFailed(t, r, tc.status, tc.code, tc.param)
			require.Empty(t, r.header.Get("Set-Cookie"))
			require.Equal(t, "3", backend(t, c, "GET", "/users/count", "").field(t, "total_count"))
			require.NotContains(t, string(c.Requests()[0].Body), "horse")
		})
	}
	c := seeded(t)
	for _, method := range []string{"GET", "PATCH"} {
		requireFailed(t, send(t, c.Transport(), method, "/v1/client/sign_ups/sua_9", ""), 404, "resource_not_found", "")
		requireFailed(t, native(t, c, method, "/client/sign_ups/sua_9", ""), 404, "resource_not_found", "")
		requireFailed(t, browser(t, c, method, "/client/sign_ups/sua_9", "", "dvb_9"), 401, "dev_browser_unauthenticated", "")
	}
	requireFailed(t, browser(t, c, "POST", "/client/sign_ups", "", "dvb_9"), 401, "dev_browser_unauthenticated", "")
}
