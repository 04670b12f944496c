package conformance_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// TestEventsAreClerks validates an event of every type that the fake sends, which are all
// that Clerk's document has for users, organizations, memberships and their invitations.
func TestEventsAreClerks(t *testing.T) {
	t.Parallel()
	doc, documented := webhookDocument(t)
	sent := everyEvent(t)
	kinds := []string{"user", "organization", "organizationMembership", "organizationInvitation"}
	maps.DeleteFunc(documented, func(name string, _ webhookEvent) bool {
		kind, _, _ := strings.Cut(name, ".")
		return !slices.Contains(kinds, kind)
	})
	require.Len(t, documented, 12)
	require.Equal(t, slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(sent)))

	paths := withPaths(t, doc, documented).Paths
	for name, event := range documented {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			example := event.Post.RequestBody.Content["application/json"].Example
			schema := paths.Value("/" + name).Post.RequestBody.Value.Content["application/json"].Schema.Value
			// Two schemas contradict themselves: no value fits them, the document's examples neither.
			allowed := faults(t, schema, example)
			for _, fault := range faults(t, schema, sent[name]) {
				require.Contains(t, allowed, fault)
			}
			want, got := membersOf(t, example), membersOf(t, sent[name])
			require.Empty(t, absent(want, got))
			require.Subset(t, []string{ // that no answer of the fake has, and no schema requires
				"members_count", "pending_invitations_count", "missing_member_with_elevated_permissions", "created_by",
				"profile_image_url", "create_organizations_limit", "external_id",
			}, absent(membersOf(t, want["data"]), membersOf(t, got["data"])))
		})
	}
}

// everyEvent returns an event of each type, by type.
func everyEvent(t *testing.T) map[string][]byte {
	t.Helper()
	events := map[string][]byte{}
	var receive http.HandlerFunc = func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var event struct{ Type string }
		_ = json.Unmarshal(body, &event)
		events[event.Type] = body
	}
	clerk := clerktest.Config{Webhooks: receive}.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1", EmailAddresses: []string{"ada@example.com"}, PhoneNumbers: []string{"+15550100"}}},
		Organizations: []clerktest.Organization{{ID: "org_1", CreatedBy: "user_1"}},
		Invitations: []clerktest.Invitation{
			{ID: "orginv_1", OrganizationID: "org_1", EmailAddress: "ben@example.com"},
			{ID: "orginv_2", OrganizationID: "org_1", EmailAddress: "cleo@example.com"},
		},
	})
	for _, call := range [][3]string{
		{"POST", "/users", `{"username":"dan","private_metadata":{"a":1}}`},
		{"PATCH", "/users/user_1/metadata", `{"public_metadata":{"a":1}}`},
		{"POST", "/organizations", `{"name":"Acme"}`},
		{"PATCH", "/organizations/org_1/metadata", `{"private_metadata":{"a":1}}`},
		{"POST", "/organizations/org_1/memberships", `{"user_id":"user_1","role":"org:admin"}`},
		{"PATCH", "/organizations/org_1/memberships/user_1/metadata", `{"private_metadata":{"a":1}}`},
		{"POST", "/organizations/org_1/invitations", `{"email_address":"eve@example.com","role":"org:member"}`},
		{"POST", "/organizations/org_1/invitations/orginv_2/revoke", ""},
		{"DELETE", "/organizations/org_1/memberships/user_1", ""},
	} {
		request(t, clerk, call)
	}
	_, err := clerk.AcceptInvitation("orginv_1")
	require.NoError(t, err)
	request(t, clerk, [3]string{"DELETE", "/users/user_1", ""})
	request(t, clerk, [3]string{"DELETE", "/organizations/org_1", ""})
	require.NoError(t, clerk.Deliver(t.Context()))
	return events
}

// request sends a method, a path and a body to the Backend API.
func request(t *testing.T, clerk *clerktest.Test, call [3]string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), call[0], "https://clerk.test/v1"+call[1], strings.NewReader(call[2]))
	require.NoError(t, err)
	req.Header = http.Header{"Authorization": {"Bearer " + clerk.SecretKey()}, "Content-Type": {"application/json"}}
	resp, err := clerk.Transport().RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode, call)
}

// withPaths returns the document with its events as paths, so that their references resolve.
func withPaths(t *testing.T, doc *openapi3.T, events map[string]webhookEvent) *openapi3.T {
	t.Helper()
	all, ok := doc.Extensions["x-webhooks"].(map[string]any)
	require.True(t, ok)
	paths := map[string]any{}
	for name := range events {
		paths["/"+name] = all[name]
	}
	raw, err := doc.MarshalJSON()
	require.NoError(t, err)
	var members map[string]any
	require.NoError(t, json.Unmarshal(raw, &members))
	members["paths"] = paths
	raw, err = json.Marshal(members)
	require.NoError(t, err)
	with, err := openapi3.NewLoader().LoadFromData(raw)
	require.NoError(t, err)
	return with
}

// faults are what is wrong with a value.
func faults(t *testing.T, schema *openapi3.Schema, text []byte) []string {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	err := schema.VisitJSON(value, openapi3.MultiErrors())
	if err == nil {
		return nil
	}
	return flat(err)
}

func flat(err error) (all []string) {
	if many, ok := err.(openapi3.MultiError); ok { //nolint:errorlint // it is not wrapped
		for _, one := range many {
			all = append(all, flat(one)...)
		}
		return all
	}
	if one, ok := err.(*openapi3.SchemaError); ok && one.Origin != nil { //nolint:errorlint // it is not wrapped
		return flat(one.Origin)
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return []string{first}
}

func membersOf(t *testing.T, text []byte) (members map[string]json.RawMessage) {
	t.Helper()
	require.NoError(t, json.Unmarshal(text, &members))
	return members
}

// absent are the names in want that got lacks.
func absent(want, got map[string]json.RawMessage) []string {
	lacks := []string{}
	for name := range want {
		if _, has := got[name]; !has {
			lacks = append(lacks, name)
		}
	}
	return lacks
}
