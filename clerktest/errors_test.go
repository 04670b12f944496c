package clerktest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// Every case of the error table that a request can bring about.
func TestErrors(t *testing.T) {
	t.Parallel()
	const user, org, member = "/users/user_1/metadata", "/organizations/org_1/metadata", "/organizations/org_1/memberships/user_1/metadata"
	long := `{"public_metadata":{"a":"` + strings.Repeat("x", 9000) + `"}}`
	for _, tc := range []struct {
		row          string
		method, path string
		body         string
		header       []string
		config       clerktest.Config
		status       int
		code, param  string
		text         string // of the long message
	}{
		{row: "no Authorization", method: "GET", path: "/users", header: []string{"Authorization", ""}, status: 401, code: "authorization_header_format_invalid"},
		{row: "malformed Authorization", method: "GET", path: "/users", header: []string{"Authorization", "Basic abc"}, status: 401, code: "authorization_header_format_invalid"},
		{row: "empty bearer", method: "GET", path: "/users", header: []string{"Authorization", "Bearer "}, status: 401, code: "authorization_header_format_invalid"},
		{row: "wrong secret key", method: "PATCH", path: user, body: `{}`, header: []string{"Authorization", "Bearer sk_test_other"}, status: 401, code: "clerk_key_invalid"},
		{row: "unknown user GET", method: "GET", path: "/users/user_9", status: 404, code: "resource_not_found", text: "No user was found with id user_9"},
		{row: "unknown user PATCH", method: "PATCH", path: "/users/user_9/metadata", body: `{}`, status: 404, code: "resource_not_found"},
		{row: "unknown user general update", method: "PATCH", path: "/users/user_9", body: `{}`, status: 404, code: "resource_not_found"},
		{row: "unknown organization GET", method: "GET", path: "/organizations/org_9", status: 404, code: "resource_not_found", text: "Given organization not found."},
		{row: "unknown organization PUT", method: "PUT", path: "/organizations/org_9/metadata", body: `{}`, status: 404, code: "resource_not_found"},
		{row: "unknown organization, its slug in a write", method: "PUT", path: "/organizations/acme/metadata", body: `{}`, status: 404, code: "resource_not_found"},
		{row: "unknown organization general update", method: "PATCH", path: "/organizations/org_9", body: `{}`, status: 404, code: "resource_not_found"},
		{row: "unknown organization of memberships", method: "GET", path: "/organizations/org_9/memberships", status: 404, code: "resource_not_found"},
		{row: "unknown organization of a membership", method: "PATCH", path: "/organizations/org_9/memberships/user_1/metadata", body: `{}`, status: 404, code: "resource_not_found"},
		{row: "unknown membership", method: "PATCH", path: "/organizations/org_2/memberships/user_1/metadata", body: `{}`, status: 404, code: "resource_not_found"},
		{row: "organizations disabled GET", method: "GET", path: "/organizations/org_1", config: clerktest.Config{OrganizationsDisabled: true}, status: 403, code: "organization_not_enabled_in_instance"},
		{row: "organizations disabled list", method: "GET", path: "/organizations", config: clerktest.Config{OrganizationsDisabled: true}, status: 403, code: "organization_not_enabled_in_instance"},
		{row: "organizations disabled memberships", method: "GET", path: "/organizations/org_1/memberships", config: clerktest.Config{OrganizationsDisabled: true}, status: 403, code: "organization_not_enabled_in_instance"},
		{row: "organizations disabled write", method: "PATCH", path: org, body: `{}`, config: clerktest.Config{OrganizationsDisabled: true}, status: 403, code: "organization_not_enabled_in_instance"},
		{row: "organizations disabled membership write", method: "PATCH", path: member, body: `{}`, config: clerktest.Config{OrganizationsDisabled: true}, status: 403, code: "organization_not_enabled_in_instance"},
		{row: "organizations disabled general update", method: "PATCH", path: "/organizations/org_1", body: `{}`, config: clerktest.Config{OrganizationsDisabled: true}, status: 403, code: "organization_not_enabled_in_instance"},
		{row: "unknown field user", method: "PATCH", path: user, body: `{"publicMetadata":{}}`, status: 422, code: "form_param_unknown", param: "publicMetadata"},
		{row: "unknown field organization", method: "PUT", path: org, body: `{"unsafe_metadata":{}}`, status: 422, code: "form_param_unknown", param: "unsafe_metadata"},
		{row: "unknown field membership", method: "PATCH", path: member, body: `{"unsafe_metadata":{}}`, status: 422, code: "form_param_unknown", param: "unsafe_metadata"},
		{row: "metadata in the general user update", method: "PATCH", path: "/users/user_1", body: `{"public_metadata":{}}`, header: []string{"Clerk-API-Version", "2026-05-12"}, status: 422, code: "form_param_deprecated", param: "public_metadata"},
		{row: "metadata in the general organization update", method: "PATCH", path: "/organizations/org_1", body: `{"private_metadata":{}}`, header: []string{"Clerk-API-Version", "2026-05-12"}, status: 422, code: "form_param_deprecated", param: "private_metadata"},
		{row: "a name that is no string", method: "PATCH", path: "/users/user_1", body: `{"first_name":1}`, status: 422, code: "form_param_value_invalid", param: "first_name"},
		{row: "a parameter that the fake does not model", method: "PATCH", path: "/users/user_1", body: `{"totp_secret":"x"}`, status: 400, code: "clerktest_unsupported", param: "totp_secret"},
		{row: "metadata that is no object: string", method: "PUT", path: user, body: `{"public_metadata":"{}"}`, status: 422, code: "form_param_value_invalid", param: "public_metadata"},
		{row: "metadata that is no object: array", method: "PATCH", path: org, body: `{"private_metadata":[]}`, status: 422, code: "form_param_value_invalid", param: "private_metadata"},
		{row: "metadata that is no object: number", method: "PATCH", path: member, body: `{"public_metadata":1}`, status: 422, code: "form_param_value_invalid", param: "public_metadata"},
		{row: "over the size limit", method: "PUT", path: user, body: long, status: 422, code: "form_param_exceeds_allowed_size", param: "public_metadata"},
		{row: "over the size limit organization", method: "PATCH", path: org, body: long, status: 422, code: "form_param_exceeds_allowed_size", param: "public_metadata"},
		{row: "over the size limit membership", method: "PATCH", path: member, body: long, status: 422, code: "form_param_exceeds_allowed_size", param: "public_metadata"},
		{row: "invalid UTF-8", method: "PATCH", path: user, body: "{\"unsafe_metadata\":{\"a\":\"\xff\"}}", status: 422, code: "form_param_value_invalid", param: "unsafe_metadata", text: "unsafe_metadata contains invalid UTF-8 characters"},
		{row: "half a surrogate pair", method: "PATCH", path: user, body: `{"unsafe_metadata":{"a":"\ud800"}}`, status: 422, code: "form_param_value_invalid", param: "unsafe_metadata"},
		{row: "malformed JSON", method: "PATCH", path: user, body: `{"public_metadata":`, status: 400, code: "request_body_invalid"},
		{row: "malformed JSON in the general update", method: "PATCH", path: "/users/user_1", body: `{`, status: 400, code: "request_body_invalid"},
		{row: "a body that is no object", method: "PATCH", path: user, body: `[]`, status: 400, code: "request_body_invalid"},
		{row: "a body that is null", method: "PATCH", path: user, body: `null`, status: 400, code: "request_body_invalid"},
		{row: "an organization's write without a body", method: "PATCH", path: org, status: 400, code: "request_body_invalid"},
		{row: "wrong Content-Type", method: "PATCH", path: user, body: `a=b`, header: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "unsupported_content_type"},
		{row: "huge body", method: "PATCH", path: user, body: strings.Repeat(" ", 1<<20+1), status: 413, code: "request_body_too_large"},
		{row: "version in the header and in the query", method: "GET", path: "/users/user_1?__clerk_api_version=2026-05-12", header: []string{"Clerk-API-Version", "2026-05-12"}, status: 400, code: "api_version_invalid"},
		{row: "unknown version", method: "GET", path: "/users/user_1", header: []string{"Clerk-API-Version", "2026-08-20"}, status: 400, code: "api_version_invalid"},
	} {
		t.Run(tc.row, func(t *testing.T) {
			t.Parallel()
			c := configured(t, tc.config)
			e := requireFailed(t, backend(t, c, tc.method, tc.path, tc.body, tc.header...), tc.status, tc.code, tc.param)
			if tc.text != "" {
				require.Equal(t, tc.text, e.Errors[0].LongMessage)
			}
			require.Equal(t, tc.status, c.Requests()[0].Status)
		})
	}
}

// The cases that no request brings about by itself are scripted.
func TestScriptedErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		row    string
		status int
		code   string
	}{
		{"being modified by another request", 409, "resource_locked"},
		{"attribute managed by directory sync", 409, "attribute_managed_by_scim"},
		{"too many requests", 429, "too_many_requests"},
		{"server side 500", 500, "internal_clerk_error"},
		{"server side 503", 503, "service_unavailable"},
		{"server side 504", 504, "gateway_timeout"},
	} {
		t.Run(tc.row, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			c.Script(clerktest.UpdateUserMetadata, clerktest.Answer(tc.status, tc.code, clerktest.RetryAfter(1500*time.Millisecond)))
			r := backend(t, c, "PATCH", "/users/user_2/metadata", `{"public_metadata":{"a":1}}`)
			requireFailed(t, r, tc.status, tc.code, "")
			require.Equal(t, "2", r.header.Get("Retry-After"))
			u, _ := c.User("user_2")
			require.Equal(t, "{}", u.PublicMetadata.String())
		})
	}
}

func TestUnknownFieldsAreAllNamed(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	e := requireFailed(t, backend(t, c, "PATCH", "/users/user_1/metadata", `{"b":1,"a":1}`), http.StatusUnprocessableEntity, "form_param_unknown", "a")
	require.Len(t, e.Errors, 2)
	require.Equal(t, "b", e.Errors[1].Meta.ParamName)
}

func TestVersions(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	for _, version := range []string{"2021-02-05", "2024-10-01", "2025-04-10", "2025-11-10", "2026-05-12"} {
		t.Run("header "+version, func(t *testing.T) {
			t.Parallel()
			backend(t, c, "GET", "/users/user_1", "", "Clerk-API-Version", version).field(t)
		})
		t.Run("query "+version, func(t *testing.T) {
			t.Parallel()
			backend(t, c, "GET", "/users?__clerk_api_version="+version, "").isList(t)
		})
	}
	for version, status := range map[string]int{"2026-08-20": 200, "2020-01-01": 400, "latest": 400, "vvvv-vv-vv": 400} {
		t.Run("frontend "+version, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, status, native(t, c, "GET", "/me?__clerk_api_version="+version, "").status)
		})
	}
}
