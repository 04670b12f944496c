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

// manyUsers seeds user_01 … user_n; their names sort the other way round.
func manyUsers(n int) []clerktest.User {
	users := make([]clerktest.User, n)
	for i := range users {
		users[i] = clerktest.User{
			ID:        fmt.Sprintf("user_%02d", i+1),
			FirstName: fmt.Sprintf("F%02d", n-i), LastName: fmt.Sprintf("L%02d", n-i), Username: fmt.Sprintf("u%02d", n-i),
		}
	}
	return users
}

func TestUserList(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, query string
		want        string // the numbers of the users, in order
	}{
		{"default: newest first, ten", "", "12 11 10 09 08 07 06 05 04 03"},
		{"limit and offset", "limit=2&offset=3", "09 08"},
		{"offset beyond the end", "offset=99", ""},
		{"oldest first", "order_by=created_at&limit=2", "01 02"},
		{"plus, escaped", "order_by=%2Bcreated_at&limit=2", "01 02"},
		{"plus, as a blank", "order_by=+created_at&limit=2", "01 02"},
		{"by first_name", "order_by=first_name&limit=2", "12 11"},
		{"by last_name, descending", "order_by=-last_name&limit=2", "01 02"},
		{"by username", "order_by=username&limit=1", "12"},
		{"by what the fake has no data for", "order_by=email_address&limit=2", "01 02"},
		{"cursor", "starting_after=user_03", "02 01"},
		{"cursor, oldest first", "order_by=created_at&starting_after=user_10&offset=0", "11 12"},
		{"cursor at the end", "starting_after=user_01", ""},
		{"ids, unknown ones skipped", "user_id=user_02&user_id=user_99&user_id=user_01", "02 01"},
		{"ids included", "user_id=%2Buser_02&user_id=+user_01", "02 01"},
		{"ids excluded", "user_id=-user_12&user_id=-user_11&limit=1", "10"},
		{"ids included and excluded", "user_id=user_02&user_id=user_01&user_id=-user_02", "01"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := clerktest.Start(t, clerktest.Seed{Users: manyUsers(12)})
			ids := backend(t, c, "GET", "/users?"+tc.query, "").isList(t)
			require.Equal(t, tc.want, strings.ReplaceAll(strings.Join(ids, " "), "user_", ""))
		})
	}
	t.Run("by updated_at", func(t *testing.T) {
		t.Parallel()
		c := clerktest.Start(t, clerktest.Seed{Users: manyUsers(3)})
		backend(t, c, "PATCH", "/users/user_02/metadata", `{}`).field(t)
		backend(t, c, "PATCH", "/users/user_02/metadata", `{}`).field(t)
		require.Equal(t, "user_02", backend(t, c, "GET", "/users?order_by=-updated_at", "").isList(t)[0])
	})
}

func TestOrganizationAndMembershipLists(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ path, want string }{
		{"/organizations", "org_3 org_2 org_1"},
		{"/organizations?limit=1&offset=1", "org_2"},
		{"/organizations?order_by=name", "org_3 org_2 org_1"},
		{"/organizations?order_by=-members_count&limit=1", "org_2"},
		{"/organizations?organization_id=org_1&organization_id=org_9", "org_1"},
		{"/organizations/org_2/memberships", "user_03 user_02 user_01"},
		{"/organizations/org_2/memberships?order_by=created_at&limit=1", "user_01"},
		{"/organizations/org_2/memberships?order_by=first_name&limit=1", "user_03"},
		{"/organizations/org_2/memberships?order_by=last_name&limit=1", "user_03"},
		{"/organizations/org_2/memberships?order_by=-username&limit=1", "user_01"},
		{"/organizations/org_2/memberships?user_id=user_02", "user_02"},
		{"/organizations/org_1/memberships", ""},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			c := clerktest.Start(t, clerktest.Seed{
				Users: manyUsers(3),
				Organizations: []clerktest.Organization{
					{ID: "org_1", Name: "C"}, {ID: "org_2", Name: "B"}, {ID: "org_3", Name: "A"},
				},
				Memberships: []clerktest.Membership{
					{OrganizationID: "org_2", UserID: "user_01"},
					{OrganizationID: "org_2", UserID: "user_02"},
					{OrganizationID: "org_2", UserID: "user_03"},
				},
			})
			r := backend(t, c, "GET", tc.path, "")
			require.Equal(t, http.StatusOK, r.status, "%s", r.body)
			var list struct {
				Data []struct {
					ID             string `json:"id"`
					PublicUserData struct {
						UserID string `json:"user_id"`
					} `json:"public_user_data"`
				} `json:"data"`
				TotalCount *int `json:"total_count"`
			}
			require.NoError(t, json.Unmarshal(r.body, &list))
			require.NotNil(t, list.Data)
			require.GreaterOrEqual(t, *list.TotalCount, len(list.Data))
			var ids []string
			for _, row := range list.Data {
				if row.PublicUserData.UserID != "" {
					row.ID = row.PublicUserData.UserID
				}
				ids = append(ids, row.ID)
			}
			require.Equal(t, tc.want, strings.Join(ids, " "))
		})
	}
}

func TestListErrors(t *testing.T) {
	t.Parallel()
	tooMany := strings.Repeat("&user_id=user_1", 101)
	const value, size = "form_param_value_invalid", "form_param_array_size_exceeded"
	for _, tc := range []struct {
		path, code, param string
		status            int
	}{
		{"/users?limit=0", value, "", 422},
		{"/users?limit=ten", value, "", 422},
		{"/users?limit=10.0", value, "", 422},
		{"/users?offset=-1", value, "", 422},
		{"/users?order_by=shoe_size", value, "", 422},
		{"/users?starting_after=user_1&offset=1", value, "", 422},
		{"/users?starting_after=user_1&order_by=username", value, "", 422},
		{"/users?starting_after=user_9", value, "", 422},
		{"/users?limit=500" + tooMany, size, "user_id", 422},
		{"/users/count?limit=500" + tooMany, size, "user_id", 422},
		{"/organizations?limit=0", value, "", 422},
		{"/organizations?limit=1" + strings.ReplaceAll(tooMany, "user_id", "organization_id"), size, "organization_id", 422},
		{"/organizations/org_1/memberships?offset=x", value, "", 422},
		{"/organizations/org_1/memberships?limit=1" + tooMany, size, "user_id", 422},
		{"/users?web3_wallet=1", "clerktest_unsupported", "web3_wallet", 400},
		{"/users/count?web3_wallet=1", "clerktest_unsupported", "web3_wallet", 400},
		{"/organizations?include_missing_member_with_elevated_permissions=true", "clerktest_unsupported", "include_missing_member_with_elevated_permissions", 400},
		{"/organizations/org_1?include_missing_member_with_elevated_permissions=true", "clerktest_unsupported", "include_missing_member_with_elevated_permissions", 400},
		{"/organizations/org_1/memberships?web3_wallet=1", "clerktest_unsupported", "web3_wallet", 400},
	} {
		t.Run(tc.path[:min(len(tc.path), 60)], func(t *testing.T) {
			t.Parallel()
			requireFailed(t, backend(t, seeded(t), "GET", tc.path, ""), tc.status, tc.code, tc.param)
		})
	}
}

// Errors about the form of a query have an empty meta, and name what is wrong in the text.
func TestQueryErrorsHaveAnEmptyMeta(t *testing.T) {
	t.Parallel()
	r := backend(t, seeded(t), "GET", "/users?limit=10.0", "")
	require.Contains(t, string(r.body), `"meta":{}`)
	require.Contains(t, requireFailed(t, r, 422, "form_param_value_invalid", "").Errors[0].LongMessage, "limit")
}

func TestLargeLimit(t *testing.T) {
	t.Parallel()
	crowd := clerktest.Seed{Users: manyUsers(501)}
	c := clerktest.Start(t, crowd)
	require.Len(t, backend(t, c, "GET", "/users?limit=500", "").isList(t), 500)
	require.Len(t, backend(t, c, "GET", "/users?limit=501", "").isList(t), 500)
	refusing := guessing(clerktest.LargeLimit, "refused").Start(t, crowd)
	require.Len(t, backend(t, refusing, "GET", "/users?limit=500", "").isList(t), 500)
	requireFailed(t, backend(t, refusing, "GET", "/users?limit=501", ""), 422, "form_param_value_invalid", "")
}

func TestMembershipsOfAUser(t *testing.T) {
	t.Parallel()
	c := clerktest.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_a"}, {ID: "user_b"}},
		Organizations: []clerktest.Organization{{ID: "org_a"}, {ID: "org_b"}},
		Memberships: []clerktest.Membership{
			{OrganizationID: "org_a", UserID: "user_a"},
			{OrganizationID: "org_a", UserID: "user_b"},
			{OrganizationID: "org_b", UserID: "user_a"},
		},
	})
	r := backend(t, c, "GET", "/users/user_a/organization_memberships?limit=1&offset=1", "")
	require.Equal(t, "2", r.field(t, "total_count"))
	require.Contains(t, r.field(t, "data"), `"org_a"`, "the newest comes first")
	require.NotContains(t, string(r.body), `"org_b"`)
	requireFailed(t, backend(t, c, "GET", "/users/user_c/organization_memberships", ""), 404, "resource_not_found", "")
	requireFailed(t, backend(t, c, "GET", "/users/user_a/organization_memberships?limit=0", ""), 422, "form_param_value_invalid", "")
	requireFailed(t, backend(t, c, "GET", "/users/user_a/organization_memberships?role=x", ""), 400, "clerktest_unsupported", "role")
	disabled := clerktest.Config{OrganizationsDisabled: true}.Start(t, clerktest.Seed{})
	requireFailed(t, backend(t, disabled, "GET", "/users/user_a/organization_memberships", ""), 403, "organization_not_enabled_in_instance", "")
}
