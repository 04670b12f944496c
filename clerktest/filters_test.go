package clerktest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// crowd is users and organizations that each filter distinguishes.
func crowd(t *testing.T) *clerktest.Test {
	t.Helper()
	return clerktest.Start(t, clerktest.Seed{
		Users: []clerktest.User{
			{ID: "user_a", FirstName: "Ada", LastName: "Lovelace", Username: "countess", ExternalID: "1", EmailAddresses: []string{"Ada@Example.com", "al@example.org"}, PhoneNumbers: []string{"+15550100"}, LastActiveAt: 5000, CreatedAt: 1000},
			{ID: "user_b", FirstName: "Bob", Username: "bob", ExternalID: "2", EmailAddresses: []string{"bob@example.com"}, UnverifiedPhoneNumbers: []string{"+15550100"}, Banned: true, LastActiveAt: 6000, CreatedAt: 2000},
			{ID: "user_c", LastName: "Adams", UnverifiedEmailAddresses: []string{"bob@example.com"}, CreatedAt: 3000},
		},
		Organizations: []clerktest.Organization{
			{ID: "org_a", Name: "Acme Ltd", Slug: "first", CreatedAt: 1000},
			{ID: "org_b", Name: "Banana", Slug: "second-acme", CreatedAt: 2000},
		},
		Memberships: []clerktest.Membership{
			{OrganizationID: "org_a", UserID: "user_a", Role: "org:admin", CreatedAt: 1000},
			{OrganizationID: "org_a", UserID: "user_b", CreatedAt: 2000},
			{OrganizationID: "org_b", UserID: "user_b", CreatedAt: 1000},
		},
	})
}

func TestUserFilters(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"email_address=ada@example.com":                              "a",
		"email_address=al@example.org":                               "a",
		"email_address=al@example.org&email_address=bob@example.com": "c b a",
		"phone_number=%2B15550100&phone_number=%2B1":                 "b a",
		"phone_number=15550100":                                      "",
		"phone_number_query=5550":                                    "b a",
		"query=5550100":                                              "b a",
		"last_active_at_after=5000":                                  "b",
		"last_active_at_before=6000":                                 "a",
		"last_active_at_since=5000":                                  "b a",
		"order_by=last_active_at":                                    "c a b",
		"order_by=-phone_number":                                     "a c b",
		"email_address=nobody@example.com":                           "",
		"username=Bob&username=nobody":                               "b",
		"external_id=1&external_id=9":                                "a",
		"external_id=-1":                                             "c b",
		"external_id=%2B1&external_id=2":                             "b a",
		"organization_id=org_a":                                      "b a",
		"organization_id=org_a&organization_id=-org_b":               "a",
		"organization_id=-org_a":                                     "c",
		"query=ADA":                                                  "c a",
		"query=ada+love":                                             "a",
		"query=user_c":                                               "c",
		"query=bob@":                                                 "c b",
		"query=count":                                                "a",
		"email_address_query=EXAMPLE.com":                            "c b a",
		"username_query=b":                                           "b",
		"name_query=ada":                                             "c a",
		"banned=true":                                                "b",
		"banned=false":                                               "c a",
		"created_at_before=2000":                                     "a",
		"created_at_after=2000":                                      "c",
		"created_at_after=1000&created_at_before=3000":               "b",
		"query=ada&banned=true":                                      "",
		"order_by=email_address&email_address_query=example&limit=2":  "c a",
		"order_by=-email_address&email_address_query=example&limit=1": "b",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			c := crowd(t)
			ids := backend(t, c, "GET", "/users?"+query, "").isList(t)
			require.Equal(t, want, strings.ReplaceAll(strings.Join(ids, " "), "user_", ""))
			if strings.Contains(query, "order_by") {
				return
			}
			count, err := json.Marshal(len(ids))
			require.NoError(t, err)
			require.Equal(t, string(count), backend(t, c, "GET", "/users/count?"+query, "").field(t, "total_count"))
		})
	}
}

func TestOrganizationFilters(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/organizations?query=ACME":                                      "org_b org_a",
		"/organizations?query=banana":                                    "org_b",
		"/organizations?query=org_a":                                     "org_a",
		"/organizations?query=org_":                                      "",
		"/organizations?user_id=user_b":                                  "org_b org_a",
		"/organizations?user_id=-user_a":                                 "org_b",
		"/organizations?organization_id=-org_b":                          "org_a",
		"/organizations/org_a/memberships?role=org:admin":                "user_a",
		"/organizations/org_a/memberships?role=org:admin&role=none":      "user_a",
		"/organizations/org_a/memberships?email_address=bob@example.com": "user_b",
		"/organizations/org_a/memberships?username_query=count":          "user_a",
		"/organizations/org_b/memberships?phone_number=%2B15550100":      "user_b",
		"/organizations/org_a/memberships?last_active_at_after=5000":     "user_b",
		"/organizations/org_a/memberships?created_at_before=2000":        "user_a",
		"/organizations/org_a/memberships?order_by=phone_number":         "user_b user_a",
		"/organizations/org_a/memberships?query=lovelace":                "user_a",
		"/organizations/org_a/memberships?order_by=email_address":        "user_a user_b",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			r := backend(t, crowd(t), "GET", path, "")
			require.Equal(t, http.StatusOK, r.status, "%s", r.body)
			var list struct {
				Data []struct {
					ID   string `json:"id"`
					User struct {
						ID string `json:"user_id"`
					} `json:"public_user_data"`
				} `json:"data"`
				TotalCount int `json:"total_count"`
			}
			require.NoError(t, json.Unmarshal(r.body, &list))
			require.Len(t, list.Data, list.TotalCount)
			var ids []string
			for _, row := range list.Data {
				if row.User.ID != "" {
					row.ID = row.User.ID
				}
				ids = append(ids, row.ID)
			}
			require.Equal(t, want, strings.Join(ids, " "))
		})
	}
	c := crowd(t)
	require.Contains(t, string(backend(t, c, "GET", "/organizations?include_members_count=true", "").body), `"members_count":2`)
	require.NotContains(t, string(backend(t, c, "GET", "/organizations", "").body), "members_count")
}

func TestFilterErrors(t *testing.T) {
	t.Parallel()
	const value, size = "form_param_value_invalid", "form_param_array_size_exceeded"
	for _, tc := range []struct{ path, code, param string }{
		{"/users?banned=1", value, ""},
		{"/users/count?created_at_before=now", value, ""},
		{"/users?created_at_after=1.5", value, ""},
		{"/users?x" + strings.Repeat("&email_address=a@b.test", 101), "clerktest_unsupported", "x"},
		{"/users?banned=true" + strings.Repeat("&email_address=a@b.test", 101), size, "email_address"},
		{"/users?banned=true" + strings.Repeat("&external_id=1", 101), size, "external_id"},
		{"/users?banned=true" + strings.Repeat("&organization_id=1", 101), size, "organization_id"},
		{"/organizations?limit=1" + strings.Repeat("&user_id=1", 101), size, "user_id"},
		{"/organizations/org_a/memberships?limit=1" + strings.Repeat("&role=1", 101), size, "role"},
	} {
		t.Run(tc.path[:min(len(tc.path), 60)], func(t *testing.T) {
			t.Parallel()
			status := http.StatusUnprocessableEntity
			if tc.code == "clerktest_unsupported" {
				status = http.StatusBadRequest
			}
			requireFailed(t, backend(t, crowd(t), "GET", tc.path, ""), status, tc.code, tc.param)
		})
	}
}

// Several users can claim an address; the answer shows whose it is.
func TestUnverified(t *testing.T) {
	t.Parallel()
	type claim struct {
		Address, Number string
		Status          string
	}
	c := crowd(t)
	var users []struct {
		ID     string `json:"id"`
		Emails []struct {
			ID           string `json:"id"`
			Address      string `json:"email_address"`
			Verification struct {
				Status string `json:"status"`
			} `json:"verification"`
		} `json:"email_addresses"`
		Phones []struct {
			ID           string `json:"id"`
			Number       string `json:"phone_number"`
			Verification struct {
				Status string `json:"status"`
			} `json:"verification"`
		} `json:"phone_numbers"`
		PrimaryPhone *string `json:"primary_phone_number_id"`
	}
	got := map[string][]claim{}
	require.NoError(t, json.Unmarshal(backend(t, c, "GET", "/users?order_by=created_at", "").body, &users))
	ids := map[string]bool{}
	for _, u := range users {
		for _, e := range u.Emails {
			got[u.ID] = append(got[u.ID], claim{Address: e.Address, Status: e.Verification.Status})
			ids[e.ID] = true
		}
		for _, p := range u.Phones {
			got[u.ID] = append(got[u.ID], claim{Number: p.Number, Status: p.Verification.Status})
			ids[p.ID] = true
		}
	}
	require.Equal(t, map[string][]claim{
		"user_a": {{Address: "Ada@Example.com", Status: "verified"}, {Address: "al@example.org", Status: "verified"}, {Number: "+15550100", Status: "verified"}},
		"user_b": {{Address: "bob@example.com", Status: "verified"}, {Number: "+15550100", Status: "unverified"}},
		"user_c": {{Address: "bob@example.com", Status: "unverified"}},
	}, got)
	require.Len(t, ids, 6)
	require.Equal(t, "idn_a_3", *users[0].PrimaryPhone)
	require.Nil(t, users[1].PrimaryPhone)

	backend(t, c, "DELETE", "/users/user_c", "").field(t)
	require.Equal(t, []string{"user_b"}, backend(t, c, "GET", "/users?email_address=bob@example.com", "").isList(t))
}
