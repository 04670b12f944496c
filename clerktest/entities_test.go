package clerktest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// id is the id of the object that a 200 holds, as text.
func (r reply) id(t *testing.T) string {
	t.Helper()
	return strings.Trim(r.field(t, "id"), `"`)
}

func TestUserLifecycle(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	made := backend(t, c, "POST", "/users", `{
		"first_name":"Eve","last_name":null,"username":"eve","external_id":"ext_1","locale":"de-DE","password":"long enough",
		"email_address":["Eve@example.com","e@example.com"],"skip_password_checks":false,"skip_legal_checks":true,
		"skip_password_requirement":true,"skip_user_requirement":true,"banned":true,"locked":false,"created_at":"2020-02-03T04:05:06Z",
		"public_metadata":{"a":{"b":null}},"private_metadata":{"c":12345678901234567890},"unsafe_metadata":{}
	}`)
	id := made.id(t)
	require.Regexp(t, `^user_\w{20,}$`, id)
	for field, want := range map[string]string{
		"object": `"user"`, "first_name": `"Eve"`, "last_name": "null", "username": `"eve"`, "external_id": `"ext_1"`, "locale": `"de-DE"`,
		"password_enabled": "true", "banned": "true", "locked": "false", "created_at": "1580702706000", "updated_at": "1580702706000",
		"public_metadata": `{"a":{"b":null}}`, "private_metadata": `{"c":12345678901234567890}`, "unsafe_metadata": "{}",
	} {
		require.Equal(t, want, made.field(t, field), field)
	}
	require.NotContains(t, string(made.body), "long enough")
	var emails []struct {
		ID           string         `json:"id"`
		EmailAddress string         `json:"email_address"`
		Verification map[string]any `json:"verification"`
	}
	require.NoError(t, json.Unmarshal([]byte(made.field(t, "email_addresses")), &emails))
	require.Len(t, emails, 2)
	require.Equal(t, "Eve@example.com", emails[0].EmailAddress)
	require.Equal(t, `"`+emails[0].ID+`"`, made.field(t, "primary_email_address_id"))
	require.NotEqual(t, emails[0].ID, emails[1].ID)
	require.Equal(t, "verified", emails[0].Verification["status"])
	require.Equal(t, string(made.body), string(backend(t, c, "GET", "/users/"+id, "").body))
	require.Equal(t, "3", backend(t, c, "GET", "/users/count", "").field(t, "total_count"))

	changed := backend(t, c, "PATCH", "/users/"+id, `{"first_name":null,"last_name":"Adams","locale":"","notify_primary_email_address_changed":true}`)
	require.Equal(t, "null", changed.field(t, "first_name"))
	require.Equal(t, `"Adams"`, changed.field(t, "last_name"))
	require.Equal(t, "null", changed.field(t, "locale"))
	require.Equal(t, `"eve"`, changed.field(t, "username"))

	gone := backend(t, c, "DELETE", "/users/"+id, "")
	require.JSONEq(t, `{"id":"`+id+`","object":"user","deleted":true}`, string(gone.body))
	requireFailed(t, backend(t, c, "GET", "/users/"+id, ""), 404, "resource_not_found", "")
	requireFailed(t, backend(t, c, "DELETE", "/users/"+id, ""), 404, "resource_not_found", "")

	plain := backend(t, c, "POST", "/users", `{}`)
	require.NotEqual(t, id, plain.id(t))
	require.Equal(t, "[]", plain.field(t, "email_addresses"))
	require.Equal(t, "null", plain.field(t, "primary_email_address_id"))
	require.Equal(t, "{}", plain.field(t, "private_metadata"))
}

// A user's memberships and sessions end with the user.
func TestDeletedUserLeavesNothing(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	backend(t, c, "DELETE", "/users/user_1", "").field(t)
	require.Equal(t, "0", backend(t, c, "GET", "/organizations/org_1/memberships", "").field(t, "total_count"))
	require.Equal(t, `"user_2"`, native(t, c, "GET", "/me", "").field(t, "response", "id"), "the client's other session")
	state := c.State()
	require.Empty(t, state.Memberships)
	require.Len(t, state.Sessions, 1)
	require.Len(t, state.Users, 1)
	backend(t, c, "DELETE", "/users/user_2", "").field(t)
	require.Equal(t, http.StatusUnauthorized, native(t, c, "GET", "/me", "").status)
}

func TestOrganizationLifecycle(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	made := backend(t, c, "POST", "/organizations", `{
		"name":"Ünder & Söns 2","created_by":"user_2","max_allowed_memberships":2,"created_at":"2020-02-03T04:05:06Z",
		"public_metadata":{"a":1},"private_metadata":{"b":null}
	}`)
	id := made.id(t)
	require.Regexp(t, `^org_\w{20,}$`, id)
	for field, want := range map[string]string{
		"object": `"organization"`, "name": `"Ünder & Söns 2"`, "slug": `"nder-s-ns-2"`, "created_by": `"user_2"`, "max_allowed_memberships": "2",
		"created_at": "1580702706000", "public_metadata": `{"a":1}`, "private_metadata": `{"b":null}`,
	} {
		require.Equal(t, want, made.field(t, field), field)
	}
	m, ok := c.Membership(id, "user_2")
	require.True(t, ok)
	require.Equal(t, "org:admin", m.Role)
	require.Equal(t, "1", backend(t, c, "GET", "/organizations/nder-s-ns-2?include_members_count=true", "").field(t, "members_count"))
	require.Equal(t, `"nder-s-ns-2-2"`, backend(t, c, "POST", "/organizations", `{"name":"Nder s ns 2"}`).field(t, "slug"))
	require.Equal(t, `"organization"`, backend(t, c, "POST", "/organizations", `{"name":"株式会社"}`).field(t, "slug"))
	require.Equal(t, `"own"`, backend(t, c, "POST", "/organizations", `{"name":"Own","slug":"own"}`).field(t, "slug"))

	changed := backend(t, c, "PATCH", "/organizations/"+id, `{"name":"New","slug":"new","max_allowed_memberships":null}`)
	require.Equal(t, `"new"`, changed.field(t, "slug"))
	require.Equal(t, "0", changed.field(t, "max_allowed_memberships"))
	require.Equal(t, `"New"`, backend(t, c, "GET", "/organizations/new", "").field(t, "name"))

	gone := backend(t, c, "DELETE", "/organizations/"+id, "")
	require.JSONEq(t, `{"id":"`+id+`","object":"organization","deleted":true}`, string(gone.body))
	requireFailed(t, backend(t, c, "GET", "/organizations/"+id, ""), 404, "resource_not_found", "")
	_, ok = c.Membership(id, "user_2")
	require.False(t, ok)
}

func TestMembershipLifecycle(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	made := backend(t, c, "POST", "/organizations/org_1/memberships", `{"user_id":"user_2","role":"org:member","public_metadata":{"a":1},"private_metadata":{"b":2}}`)
	for path, want := range map[string]string{
		"object": `"organization_membership"`, "role": `"org:member"`, "public_metadata": `{"a":1}`, "private_metadata": `{"b":2}`,
		"organization id": `"org_1"`, "public_user_data user_id": `"user_2"`,
	} {
		require.Equal(t, want, made.field(t, strings.Fields(path)...), path)
	}
	changed := backend(t, c, "PATCH", "/organizations/org_1/memberships/user_2", `{"role":"org:admin"}`)
	require.Equal(t, `"org:admin"`, changed.field(t, "role"))
	require.Equal(t, made.field(t, "id"), changed.field(t, "id"))

	gone := backend(t, c, "DELETE", "/organizations/org_1/memberships/user_2", "")
	require.Equal(t, string(changed.body), string(gone.body), "it answers with what it was")
	requireFailed(t, backend(t, c, "DELETE", "/organizations/org_1/memberships/user_2", ""), 404, "resource_not_found", "")
	backend(t, c, "GET", "/users/user_2", "").field(t)
}

// Sessions do not act in an organization that the user has left.
func TestActiveOrganizationEnds(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/organizations/org_a/memberships/user_b", "/organizations/org_a"} {
		seed := full()
		seed.Users[0].Banned = false
		seed.Sessions[1].UserID = "user_b"
		c := clerktest.Start(t, seed)
		backend(t, c, "DELETE", path, "").field(t)
		require.Empty(t, c.State().Sessions[1].ActiveOrganizationID, path)
	}
	seed := full() // user_a acts in an organization of which they are no member
	c := clerktest.Start(t, seed)
	backend(t, c, "DELETE", "/organizations/org_a", "").field(t)
	require.Empty(t, c.State().Sessions[1].ActiveOrganizationID)
}

// Metadata in the general update: refused since 2026-05-12, a replacement before.
func TestMetadataInTheGeneralUpdate(t *testing.T) {
	t.Parallel()
	const body = `{"public_metadata":{"a":{"b":null}},"private_metadata":{}}`
	for path, rest := range map[string]string{"/users/user_1": "unsafe_metadata", "/organizations/org_1": "slug"} {
		for _, version := range []string{"2021-02-05", "2024-10-01", "2025-04-10", "2025-11-10"} {
			t.Run(path+" "+version, func(t *testing.T) {
				t.Parallel()
				for _, inQuery := range []bool{false, true} {
					c := seeded(t)
					before := backend(t, c, "GET", path, "").field(t, rest)
					where, header := path, []string{"Clerk-API-Version", version}
					if inQuery {
						where, header = path+"?__clerk_api_version="+version, nil
					}
					r := backend(t, c, "PATCH", where, body, header...)
					require.Equal(t, `{"a":{"b":null}}`, r.field(t, "public_metadata"))
					require.Equal(t, `{}`, r.field(t, "private_metadata"))
					require.Equal(t, before, r.field(t, rest))
				}
			})
		}
		t.Run("no version", func(t *testing.T) {
			t.Parallel()
			require.Equal(t, `{"a":{"b":null}}`, backend(t, seeded(t), "PATCH", path, body).field(t, "public_metadata"))
			merged := backend(t, configured(t, guessing(clerktest.OlderUpdate, "merged")), "PATCH", path, body)
			require.Contains(t, merged.field(t, "public_metadata"), `"a":{}`)
			require.Contains(t, merged.field(t, "public_metadata"), map[string]string{"/users/user_1": "shopper", "/organizations/org_1": "free"}[path])
		})
		for name, setup := range map[string]struct {
			config clerktest.Config
			header []string
		}{
			"2026-05-12":            {clerktest.Config{}, []string{"Clerk-API-Version", "2026-05-12"}},
			"no version, as newest": {guessing(clerktest.MissingVersion, "newest"), nil},
		} {
			t.Run(path+" "+name, func(t *testing.T) {
				t.Parallel()
				c, header := configured(t, setup.config), setup.header
				before := backend(t, c, "GET", path, "").field(t)
				requireFailed(t, backend(t, c, "PATCH", path, body, header...), 422, "form_param_deprecated", "public_metadata")
				require.Equal(t, before, backend(t, c, "GET", path, "").field(t))
			})
		}
	}
}

func TestEntityErrors(t *testing.T) {
	t.Parallel()
	const users, orgs, members = "/users", "/organizations", "/organizations/org_1/memberships"
	const value, missing, format, exists, unknown = "form_param_value_invalid", "form_param_missing", "form_param_format_invalid", "form_identifier_exists", "form_param_unknown"
	long := `{"public_metadata":{"a":"` + strings.Repeat("x", 9000) + `"},`
	for _, tc := range []struct {
		method, path, body string
		status             int
		code, param        string
	}{
		{"POST", users, `{"nickname":"x"}`, 422, unknown, "nickname"},
		{"POST", users, `{"phone_number":["+1"],"nickname":"x"}`, 422, unknown, "nickname"},
		{"POST", users, `{"phone_number":["1"]}`, 422, format, "phone_number"},
		{"POST", users, `{"phone_number":["+1","+1"]}`, 422, "form_param_duplicate", "phone_number"},
		{"POST", users, `{"backup_codes":["1"]}`, 400, "clerktest_unsupported", "backup_codes"},
		{"POST", users, `{"first_name":1}`, 422, value, "first_name"},
		{"POST", users, `{"banned":"yes"}`, 422, value, "banned"},
		{"POST", users, `{"created_at":"yesterday"}`, 422, format, "created_at"},
		{"POST", users, `{"email_address":"ada@example.com"}`, 422, value, "email_address"},
		{"POST", users, `{"email_address":["ada"]}`, 422, format, "email_address"},
		{"POST", users, `{"email_address":["a@b.test","A@b.test"]}`, 422, "form_param_duplicate", "email_address"},
		{"POST", users, `{"email_address":["TAKEN@example.com"]}`, 422, exists, "email_address"},
		{"POST", users, `{"username":"Taken"}`, 422, exists, "username"},
		{"POST", users, `{"external_id":"taken"}`, 422, exists, "external_id"},
		{"POST", users, `{"password":"short"}`, 422, "form_password_length_too_short", "password"},
		{"POST", users, `{"public_metadata":[]}`, 422, value, "public_metadata"},
		{"POST", users, long + `"first_name":"x"}`, 422, "form_param_exceeds_allowed_size", "public_metadata"},
		{"POST", users, `[]`, 400, "request_body_invalid", ""},
		{"PATCH", "/users/user_1", `{"username":"taken"}`, 422, exists, "username"},
		{"PATCH", "/users/user_1", `{"email_address":["a@b.test"]}`, 422, unknown, "email_address"},
		{"PATCH", "/users/user_1", `{"primary_email_address_id":"idn_1"}`, 400, "clerktest_unsupported", "primary_email_address_id"},
		{"DELETE", "/users/user_9", ``, 404, "resource_not_found", ""},
		{"POST", orgs, ``, 422, missing, "name"},
		{"POST", orgs, `{"name":""}`, 422, missing, "name"},
		{"POST", orgs, `{"name":"` + strings.Repeat("x", 257) + `"}`, 422, "form_param_max_length_exceeded", "name"},
		{"POST", orgs, `{"name":"x","slug":"No Slug"}`, 422, format, "slug"},
		{"POST", orgs, `{"name":"x","slug":"acme"}`, 422, exists, "slug"},
		{"POST", orgs, `{"name":"x","max_allowed_memberships":-1}`, 422, value, "max_allowed_memberships"},
		{"POST", orgs, `{"name":"x","created_by":"user_9"}`, 400, "organization_creator_not_found", ""},
		{"POST", orgs, `{"name":"x","role_set_key":"r"}`, 400, "clerktest_unsupported", "role_set_key"},
		{"POST", orgs, long + `"name":"x"}`, 422, "form_param_exceeds_allowed_size", "public_metadata"},
		{"PATCH", "/organizations/org_1", `{"name":null}`, 422, missing, "name"},
		{"PATCH", "/organizations/org_1", `{"slug":null}`, 422, missing, "slug"},
		{"PATCH", "/organizations/org_1", `{"slug":"org_2"}`, 422, format, "slug"},
		{"PATCH", "/organizations/org_2", `{"slug":"acme"}`, 422, exists, "slug"},
		{"PATCH", "/organizations/org_2", `{"created_by":"user_1"}`, 422, unknown, "created_by"},
		{"GET", "/organizations/org_1?include_members_count=1", ``, 422, value, ""},
		{"GET", "/organizations?include_members_count=1", ``, 422, value, ""},
		{"DELETE", "/organizations/org_9", ``, 404, "resource_not_found", ""},
		{"POST", members, `{"role":"org:member"}`, 422, missing, "user_id"},
		{"POST", members, `{"user_id":"user_2"}`, 422, missing, "role"},
		{"POST", members, `{"user_id":"user_9","role":"org:member"}`, 404, "resource_not_found", ""},
		{"POST", members, `{"user_id":"user_1","role":"org:member"}`, 400, "already_a_member_in_organization", ""},
		{"POST", members, `{"user_id":"user_2","role":"org:member","unsafe_metadata":{}}`, 422, unknown, "unsafe_metadata"},
		{"POST", members, long + `"user_id":"user_2","role":"org:member"}`, 422, "form_param_exceeds_allowed_size", "public_metadata"},
		{"POST", "/organizations/org_9/memberships", `{}`, 404, "resource_not_found", ""},
		{"POST", "/organizations/org_full/memberships", `{"user_id":"user_2","role":"org:member"}`, 403, "organization_membership_quota_exceeded", ""},
		{"PATCH", members + "/user_1", `{}`, 422, missing, "role"},
		{"PATCH", members + "/user_1", `{"public_metadata":{},"role":"org:admin"}`, 422, unknown, "public_metadata"},
		{"PATCH", members + "/user_2", `{"role":"org:admin"}`, 404, "resource_not_found", ""},
		{"DELETE", "/organizations/org_9/memberships/user_1", ``, 404, "resource_not_found", ""},
	} {
		name := fmt.Sprintf("%s %s %.60s", tc.method, tc.path, tc.body)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := content()
			seed.Users = append(seed.Users, clerktest.User{ID: "user_3", Username: "taken", ExternalID: "taken", EmailAddresses: []string{"taken@example.com"}})
			seed.Organizations = append(seed.Organizations, clerktest.Organization{ID: "org_full", MaxAllowedMemberships: 1})
			seed.Memberships = append(seed.Memberships, clerktest.Membership{OrganizationID: "org_full", UserID: "user_1"})
			c := clerktest.Start(t, seed)
			before := c.State()
			requireFailed(t, backend(t, c, tc.method, tc.path, tc.body), tc.status, tc.code, tc.param)
			require.Equal(t, before, c.State(), "a refused write does nothing")
		})
	}
	for _, tc := range [][2]string{
		{"POST", orgs}, {"DELETE", "/organizations/org_1"}, {"POST", members}, {"PATCH", members + "/user_1"}, {"DELETE", members + "/user_1"},
	} {
		c := configured(t, clerktest.Config{OrganizationsDisabled: true})
		requireFailed(t, backend(t, c, tc[0], tc[1], `{}`), 403, "organization_not_enabled_in_instance", "")
	}
}

func TestOrganizationInsideAMembership(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	const member = "/organizations/org_1/memberships/user_1"
	backend(t, c, "PUT", "/organizations/org_1/metadata", `{"private_metadata":{"k":"never-shown"}}`).field(t)
	for name, r := range map[string]reply{
		"write": backend(t, c, "PATCH", member+"/metadata", `{}`),
		"role":  backend(t, c, "PATCH", member, `{"role":"org:member"}`),
	} {
		require.Equal(t, `{"k":"never-shown"}`, r.field(t, "organization", "private_metadata"), name)
	}
	for _, list := range []string{"/organizations/org_1/memberships", "/users/user_1/organization_memberships"} {
		require.Contains(t, backend(t, c, "GET", list, "").field(t, "data"), `"private_metadata":{"k":"never-shown"}`, list)
	}
	require.NotContains(t, string(native(t, c, "GET", "/me", "").body), "never-shown")
}
