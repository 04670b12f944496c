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

func TestEnvironment(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	r := send(t, c.Transport(), "GET", "/v1/environment", "")
	require.Equal(t, `"auth_config"`, r.field(t, "auth_config", "object"))
	require.Equal(t, `"development"`, r.field(t, "display_config", "instance_environment_type"))
	require.Equal(t, `"https://clerk.test/sign-in"`, r.field(t, "display_config", "sign_in_url"))
	require.Equal(t, `"public"`, r.field(t, "user_settings", "sign_up", "mode"))
	require.Equal(t, "true", r.field(t, "organization_settings", "enabled"))
	require.Equal(t, "false", r.field(t, "commerce_settings", "billing", "user", "enabled"))
	require.JSONEq(t, string(r.body), browser(t, c, "PATCH", "/environment", "", "dvb_1").field(t))
	requireFailed(t, send(t, c.Transport(), "PATCH", "/v1/environment", ""), 400, "origin_missing", "")

	off := configured(t, clerktest.Config{OrganizationsDisabled: true})
	require.Equal(t, "false", native(t, off, "GET", "/environment", "").field(t, "organization_settings", "enabled"))
}

// Older versions let the general update replace unsafe metadata.
func TestUpdateMe(t *testing.T) {
	t.Parallel()
	for _, send := range map[string]func(*clerktest.Test, string) reply{
		"PATCH": func(c *clerktest.Test, body string) reply {
			return native(t, c, "PATCH", "/me?__clerk_api_version=2025-11-10", body)
		},
		"POST": func(c *clerktest.Test, body string) reply {
			return native(t, c, "POST", "/me?_method=PATCH&__clerk_api_version=2025-11-10", body)
		},
	} {
		c := seeded(t)
		r := send(c, "unsafe_metadata="+url.QueryEscape(`{"a":{"b":1}}`)+"&first_name=&last_name=L&username=uname")
		require.JSONEq(t, `{"a":{"b":1}}`, r.field(t, "response", "unsafe_metadata"))
		require.Equal(t, "null", r.field(t, "response", "first_name"))
		require.Equal(t, `"L"`, r.field(t, "response", "last_name"))
		require.Equal(t, `"uname"`, r.field(t, "response", "username"))
		require.Equal(t, http.StatusOK, send(c, "username=uname").status, "it is theirs")
		requireFailed(t, send(c, "unsafe_metadata=1&first_name=X"), 422, "form_param_value_invalid", "unsafe_metadata")
		requireFailed(t, send(c, "primary_email_address_id=x"), 400, "clerktest_unsupported", "primary_email_address_id")
		requireFailed(t, send(c, "birthday=x"), 422, "form_param_unknown", "birthday")
		u, _ := c.User("user_1")
		require.Contains(t, string(u.Raw), `"first_name":null`)
	}
	c := seeded(t)
	for _, version := range []string{"2026-05-12", "2026-08-20"} {
		requireFailed(t, native(t, c, "PATCH", "/me?__clerk_api_version="+version, "unsafe_metadata=%7B%7D"), 422, "form_param_deprecated", "unsafe_metadata")
	}
	native(t, c, "PATCH", "/me?_clerk_session_id=sess_2", "username=taken").field(t)
	requireFailed(t, native(t, c, "PATCH", "/me", "username=taken"), 422, "form_identifier_exists", "username")
}

// Private metadata is in no answer and no token.
func TestPrivateMetadataStaysPrivate(t *testing.T) {
	t.Parallel()
	const secret = "never-to-be-seen"
	c := clerktest.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1", PrivateMetadata: object{"k": secret}}},
		Organizations: []clerktest.Organization{{ID: "org_1", PrivateMetadata: object{"k": secret}}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1", PrivateMetadata: object{"k": secret}}},
		Sessions:      []clerktest.Session{{UserID: "user_1", DevBrowser: "dvb_1"}},
		SessionClaims: map[string]any{"p": "{{user.public_metadata}}", "u": "{{user.unsafe_metadata}}"},
	})
	require.Contains(t, string(backend(t, c, "GET", "/users/user_1", "").body), secret)
	seen := map[clerktest.Operation]bool{}
	for _, tc := range [][3]string{
		{"GET", "/me"},
		{"PATCH", "/me", "first_name=Ada"},
		{"PATCH", "/me/metadata", "unsafe_metadata=%7B%7D"},
		{"GET", "/environment"},
		{"PATCH", "/environment"},
		{"GET", "/client"},
		{"PUT", "/client"},
		{"POST", "/client"},
		{"GET", "/client/sessions/sess_1"},
		{"POST", "/client/sessions/sess_1/touch", "active_organization_id=org_1"},
		{"POST", "/client/sessions/sess_1/tokens"},
		{"POST", "/client/sign_ups", "username=uname"},
		{"POST", "/client/sign_ups"},
		{"PATCH", "/client/sign_ups/{id}", "first_name=Ada"},
		{"GET", "/client/sign_ups/{id}"},
		{"POST", "/dev_browser"},
		{"POST", "/client/sessions/sess_1/end"},
		{"DELETE", "/client/sessions"},
		{"DELETE", "/client"},
	} {
		path := tc[1]
		if strings.Contains(path, "{id}") {
			var id string
			require.NoError(t, json.Unmarshal([]byte(browser(t, c, "GET", "/client", "", "dvb_1").field(t, "response", "sign_up", "id")), &id))
			path = strings.ReplaceAll(path, "{id}", id)
		}
		r := browser(t, c, tc[0], path, tc[2], "dvb_1")
		require.Equal(t, http.StatusOK, r.status, "%s %s: %s", tc[0], path, r.body)
		require.NotContains(t, string(r.body), secret)
		require.NotContains(t, string(r.body), "private_metadata")
		for _, part := range strings.Split(string(r.body), ".") {
			require.NotContains(t, part, "bmV2ZXI", "in a token")
		}
	}
	for _, r := range c.Requests() {
		seen[r.Operation] = true
	}
	require.GreaterOrEqual(t, len(seen), 18)
}
