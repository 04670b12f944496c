package client_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Every method reports its calls, and none of them an id.
func TestCallHookIsToldTheRoute(t *testing.T) {
	t.Parallel()
	const user, org = "/v1/users/{user_id}", "/v1/organizations/{organization_id}"
	want := map[string][]string{
		"UpdateUserMetadata":                   {"PATCH " + user + "/metadata"},
		"ReplaceUserMetadata":                  {"PUT " + user + "/metadata"},
		"UpdateOrganizationMetadata":           {"PATCH " + org + "/metadata"},
		"ReplaceOrganizationMetadata":          {"PUT " + org + "/metadata"},
		"UpdateOrganizationMembershipMetadata": {"PATCH " + org + "/memberships/{user_id}/metadata"},
		"me.UpdateMetadata":                    {"PATCH /v1/me/metadata"},
		"me.ReplaceMetadata":                   {"GET /v1/me", "PATCH /v1/me/metadata"},
		"GetUser":                              {"GET " + user},
		"GetOrganization":                      {"GET " + org},
		"GetOrganizationMembership":            {"GET " + org + "/memberships"},
		"me.GetMe":                             {"GET /v1/me"},
		"GetMany":                              {"GET /v1/users"},
		"ListUsers":                            {"GET /v1/users"},
		"ListOrganizations":                    {"GET /v1/organizations"},
		"ListOrganizationMemberships":          {"GET " + org + "/memberships"},
	}
	lists := []call{
		{"GetMany", func(ctx context.Context, s sdk, in input) (bool, error) {
			_, _, err := s.Users.GetMany(ctx, []string{in.user})
			return false, err
		}},
		{"ListUsers", func(ctx context.Context, s sdk, in input) (bool, error) {
			for _, err := range s.Users.All(ctx, users.AllParams{StartingAfter: in.user}) {
				return false, err
			}
			return false, nil
		}},
		{"ListOrganizations", func(ctx context.Context, s sdk, _ input) (bool, error) {
			for _, err := range s.Organizations.All(ctx, organizations.AllParams{}) {
				return false, err
			}
			return false, nil
		}},
		{"ListOrganizationMemberships", func(ctx context.Context, s sdk, in input) (bool, error) {
			for _, err := range s.Organizations.AllMemberships(ctx, in.org, organizations.AllParams{}) {
				return false, err
			}
			return false, nil
		}},
	}
	// Ids that are words of the path, and one that is escaped, stay ids.
	for _, in := range []input{
		{user: "s3cret-user", org: "s3cret_org"}, {user: "users", org: "org_memberships"}, {user: "s3cret^é", org: "organizations_"},
	} {
		in.credential, in.patch, in.value = goodInput().credential, goodInput().patch, goodInput().value
		for _, c := range append(append(lists, writes...), reads...) {
			w := &watch{}
			rt := play(answer(200, `{"response":{"id":"user_1","unsafe_metadata":{}}}`), answer(500, ""))
			_, _ = c.do(t.Context(), newSDK(t, rt, w.option(), client.WithRetry(client.Retry{MaxRetries: client.None})), in)
			require.Contains(t, want, c.name)
			require.Len(t, w.results, len(w.calls), c.name)
			var got []string
			for _, begun := range w.calls {
				got = append(got, begun.Method+" "+begun.Route)
				require.Equal(t, begun.Method != http.MethodGet, begun.Write)
				require.Equal(t, 443, begun.Port)
				require.Contains(t, []string{"api.clerk.com", "clerk.example.com"}, begun.Host)
				require.Contains(t, c.name, begun.Operation)
			}
			require.Equal(t, want[c.name], got, "%s, user %s", c.name, in.user)
		}
	}
}

func TestCallHookIsToldTheAddress(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]observe.Call{
		"https://clerk.example:8443/proxy/v1/": {Host: "clerk.example", Port: 8443, Route: "/proxy/v1/users/{user_id}"},
		"http://127.0.0.1":                     {Host: "127.0.0.1", Port: 80, Route: "/v1/users/{user_id}"},
		"http://[::1]:7654":                    {Host: "::1", Port: 7654, Route: "/v1/users/{user_id}"},
	} {
		w := &watch{}
		_, err := newClient(t, answer(200, userJSON), w.option(), client.WithBaseURL(base)).Users.GetUser(t.Context(), "user_1")
		require.NoError(t, err)
		want.Operation, want.Method = "GetUser", http.MethodGet
		require.Equal(t, []observe.Call{want}, w.calls)
	}
}
