package clerktest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// Every operation, in its plainest form.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	const patch = `{"public_metadata":{"x":1},"private_metadata":{"y":2}}`
	unsafe := url.Values{"unsafe_metadata": {`{"x":1}`}}.Encode()
	for _, tc := range []struct {
		operation    clerktest.Operation
		method, path string
		body         string
		frontend     bool
		want         []string // member path, and its JSON
	}{
		{operation: clerktest.UpdateUserMetadata, method: "PATCH", path: "/users/user_1/metadata", body: patch,
			want: []string{"public_metadata", `{"nested":{"a":1,"b":2},"role":"shopper","x":1}`}},
		{operation: clerktest.ReplaceUserMetadata, method: "PUT", path: "/users/user_1/metadata", body: patch,
			want: []string{"private_metadata", `{"y":2}`}},
		{operation: clerktest.MergeOrganizationMetadata, method: "PATCH", path: "/organizations/org_1/metadata", body: patch,
			want: []string{"public_metadata", `{"tier":"free","x":1}`}},
		{operation: clerktest.ReplaceOrganizationMetadata, method: "PUT", path: "/organizations/org_1/metadata", body: patch,
			want: []string{"public_metadata", `{"x":1}`}},
		{operation: clerktest.UpdateOrganizationMembershipMetadata, method: "PATCH", path: "/organizations/org_1/memberships/user_1/metadata", body: patch,
			want: []string{"public_metadata", `{"desk":1,"x":1}`}},
		{operation: clerktest.GetUser, method: "GET", path: "/users/user_1", want: []string{"private_metadata", `{"stripeId":"cus_example"}`}},
		{operation: clerktest.GetOrganization, method: "GET", path: "/organizations/org_1", want: []string{"name", `"Acme"`}},
		{operation: clerktest.GetOrganization, method: "GET", path: "/organizations/acme", want: []string{"id", `"org_1"`}},
		{operation: clerktest.GetUserList, method: "GET", path: "/users?user_id=user_none"},
		{operation: clerktest.GetUsersCount, method: "GET", path: "/users/count?user_id=user_1", want: []string{"total_count", "1"}},
		{operation: clerktest.ListOrganizations, method: "GET", path: "/organizations", want: []string{"total_count", "2"}},
		{operation: clerktest.ListOrganizationMemberships, method: "GET", path: "/organizations/org_1/memberships", want: []string{"total_count", "1"}},
		{operation: clerktest.UpdateUser, method: "PATCH", path: "/users/user_1", body: `{"first_name":null,"username":"ada"}`, want: []string{"username", `"ada"`}},
		{operation: clerktest.UpdateOrganization, method: "PATCH", path: "/organizations/org_1", body: `{"name":"New"}`, want: []string{"name", `"New"`}},
		{operation: clerktest.UpdateMeMetadata, method: "PATCH", path: "/me/metadata", body: unsafe, frontend: true,
			want: []string{"response", "unsafe_metadata", `{"theme":"dark","x":1}`}},
		{operation: clerktest.UpdateMeMetadata, method: "POST", path: "/me/metadata?_method=PATCH", body: unsafe, frontend: true,
			want: []string{"response", "unsafe_metadata", `{"theme":"dark","x":1}`}},
		{operation: clerktest.GetMe, method: "GET", path: "/me", frontend: true, want: []string{"client", "object", `"client"`}},
		{operation: clerktest.UpdateMe, method: "POST", path: "/me?_method=PATCH", body: "first_name=Eve", frontend: true,
			want: []string{"response", "first_name", `"Eve"`}},
	} {
		t.Run(string(tc.operation)+" "+tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			call, api := backend, clerktest.BackendAPI
			if tc.frontend {
				call, api = native, clerktest.FrontendAPI
			}
			r := call(t, c, tc.method, tc.path, tc.body)
			require.Equal(t, []string{"application/json"}, r.header["Content-Type"])
			if tc.want != nil {
				last := len(tc.want) - 1
				require.JSONEq(t, tc.want[last], r.field(t, tc.want[:last]...))
			} else {
				require.Equal(t, "[]", string(r.body))
			}
			seen := c.Requests(tc.operation)
			require.Len(t, seen, 1)
			require.Equal(t, api, seen[0].API)
			require.Equal(t, http.StatusOK, seen[0].Status)
		})
	}
}

// Memberships and /v1/me have no PUT, and no path is bent to another one.
func TestNoSuchEndpoint(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ method, path string }{
		{"PUT", "/v1/organizations/org_1/memberships/user_1/metadata"},
		{"PUT", "/v1/me/metadata"},
		{"POST", "/v1/me/metadata"},
		{"POST", "/v1/users/user_1/nickname"},
		{"GET", "/users"},
		{"POST", "/v1/invitations/bulk/bulk"},
		{"POST", "/v1/users/user_1/metadata?_method=PATCH"},
		{"DELETE", "/v1/users/user_1/metadata"},
		{"GET", "/v1/users/"},
		{"GET", "/v1/users//metadata"},
		{"GET", "/v1/users/../organizations/org_1"},
		{"GET", "/v2/users"},
		{"GET", "/"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			requireFailed(t, send(t, c.Transport(), tc.method, tc.path, "", "Authorization", "Bearer "+c.SecretKey()), http.StatusNotFound, "resource_not_found", "")
			require.Empty(t, c.Requests()[0].Operation)
		})
	}
}

// Operations that Clerk's documents have and the fake lacks are refused as such.
// test/conformance asks for every operation of the documents.
func TestUnmodelledOperations(t *testing.T) {
	t.Parallel()
	key := []string{"Authorization", "Bearer " + clerktest.DefaultSecretKey}
	for _, tc := range []struct {
		method, path string
		headers      []string
		api          clerktest.API
		operation    clerktest.Operation
	}{
		{"POST", "/v1/domains", key, clerktest.BackendAPI, "AddDomain"},
		{"POST", "/v1/domains", nil, clerktest.BackendAPI, "AddDomain"}, // who may ask is not known either
		{"POST", "/v1/users/user_1/ban", key, clerktest.BackendAPI, "BanUser"},
		{"GET", "/v1/organizations/org_1/invitations/pending", key, clerktest.BackendAPI, "ListPendingOrganizationInvitations"},
		{"POST", "/v1/client/sign_ins", nil, clerktest.FrontendAPI, "createSignIn"},
		{"POST", "/v1/me/passkeys/x?_method=DELETE", nil, clerktest.FrontendAPI, "deletePasskey"},
		{"GET", "/v1/saml/metadata/x.xml", nil, clerktest.FrontendAPI, "samlMetadata"},
		{"GET", "/oauth/userinfo", nil, clerktest.FrontendAPI, "getOAuthUserInfo"},
		// Both APIs have these addresses.
		{"GET", "/v1/organizations/org_1?__clerk_db_jwt=dvb_1", nil, clerktest.FrontendAPI, "getOrganization"},
		{"POST", "/v1/organizations/org_1?_method=PATCH", []string{"Cookie", "__client=x"}, clerktest.FrontendAPI, "updateOrganization"},
		{"POST", "/v1/organizations", []string{"Origin", "https://example.com"}, clerktest.FrontendAPI, "createOrganization"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			e := requireFailed(t, send(t, c.Transport(), tc.method, tc.path, "", tc.headers...), http.StatusBadRequest, "clerktest_unsupported", "")
			require.Equal(t, string(tc.operation), e.Errors[0].Meta.OperationID)
			require.Contains(t, e.Errors[0].LongMessage, string(tc.operation))
			require.Equal(t, tc.operation, c.Requests()[0].Operation)
			require.Equal(t, tc.api, c.Requests()[0].API)

			c.Script(tc.operation, clerktest.AnswerBody(http.StatusCreated, "application/json", `{"id":"made_up"}`))
			r := send(t, c.Transport(), tc.method, tc.path, "", tc.headers...)
			require.Equal(t, http.StatusCreated, r.status)
			require.JSONEq(t, `{"id":"made_up"}`, string(r.body))
		})
	}
}

func TestSemantics(t *testing.T) {
	t.Parallel()
	const refused = "form_param_value_invalid"
	for _, tc := range []struct {
		row          string
		before, sent string // of the field; "" sends another field only
		patch, put   string // what the field holds then, or an error code
	}{
		{"field omitted", `{"a":1}`, ``, `{"a":1}`, `{"a":1}`},
		{"object", `{"a":{"b":1,"c":2},"d":3}`, `{"a":{"b":9}}`, `{"a":{"b":9,"c":2},"d":3}`, `{"a":{"b":9}}`},
		{"key set to null, at the top", `{"a":1,"b":2}`, `{"a":null}`, `{"b":2}`, `{"a":null}`},
		{"key set to null, deeper", `{"a":{"b":1,"c":2}}`, `{"a":{"b":null}}`, `{"a":{"c":2}}`, `{"a":{"b":null}}`},
		{"{}", `{"a":1}`, `{}`, `{"a":1}`, `{}`},
		{"field itself null", `{"a":1}`, `null`, refused, `null`},
		{"array", `{"a":[1,2,3]}`, `{"a":[4,null]}`, `{"a":[4,null]}`, `{"a":[4,null]}`},
		{"nulls inside a newly added object", `{}`, `{"a":{"b":null,"c":1}}`, `{"a":{"c":1}}`, `{"a":{"b":null,"c":1}}`},
		{"array, with nulls in its objects", `{"a":1}`, `{"a":[{"b":null}]}`, `{"a":[{"b":null}]}`, `{"a":[{"b":null}]}`},
		{"digits are kept", `{}`, `{"n":9007199254740993,"f":1.10}`, `{"f":1.10,"n":9007199254740993}`, `{"f":1.10,"n":9007199254740993}`},
		{"nothing is escaped", `{}`, `{"a":"<&>"}`, `{"a":"<&>"}`, `{"a":"<&>"}`},
	} {
		for method, want := range map[string]string{"PATCH": tc.patch, "PUT": tc.put} {
			t.Run(tc.row+" "+method, func(t *testing.T) {
				t.Parallel()
				c := seeded(t)
				backend(t, c, "PUT", "/users/user_2/metadata", `{"public_metadata":`+tc.before+`}`).field(t)
				body := `{"private_metadata":{}}`
				if tc.sent != "" {
					body = `{"public_metadata":` + tc.sent + `}`
				}
				r := backend(t, c, method, "/users/user_2/metadata", body)
				if want == refused {
					requireFailed(t, r, http.StatusUnprocessableEntity, refused, "public_metadata")
					want = tc.before
				} else {
					require.Equal(t, want, r.field(t, "public_metadata"))
				}
				u, ok := c.User("user_2")
				require.True(t, ok)
				require.Equal(t, want, u.PublicMetadata.String())
			})
		}
	}
}

func TestWritesAreAllOrNothing(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	before, _ := c.User("user_1")
	r := backend(t, c, "PATCH", "/users/user_1/metadata", `{"private_metadata":{"new":1},"public_metadata":"no object"}`)
	requireFailed(t, r, http.StatusUnprocessableEntity, "form_param_value_invalid", "public_metadata")
	after, _ := c.User("user_1")
	require.Equal(t, string(before.Raw), string(after.Raw))

	backend(t, c, "PATCH", "/users/user_1/metadata", `{"private_metadata":{"new":1}}`).field(t)
	after, _ = c.User("user_1")
	require.True(t, after.UpdatedAt.After(before.UpdatedAt))
	require.Equal(t, before.CreatedAt, after.CreatedAt)
}

// The size counts what is stored: 8192 bytes are in, one more is out.
func TestSizeBoundary(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		size   int
		status int
	}{
		{"8192 bytes", 8192, http.StatusOK},
		{"8193 bytes", 8193, http.StatusUnprocessableEntity},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			body := `{"private_metadata": {"a": "` + strings.Repeat("x", tc.size-len(`{"a":""}`)) + `"}}`
			require.Equal(t, tc.status, backend(t, c, "PUT", "/users/user_1/metadata", body).status)
		})
	}
}

// Private metadata never reaches the Frontend API, the client's sessions
// included; public is there.
func TestFrontendNeverShowsPrivateMetadata(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	for _, r := range []reply{
		native(t, c, "GET", "/me", ""),
		native(t, c, "PATCH", "/me/metadata", "unsafe_metadata=%7B%7D"),
	} {
		require.NotContains(t, string(r.body), "private_metadata")
		require.NotContains(t, string(r.body), "cus_example")
		require.JSONEq(t, `{"role":"shopper","nested":{"a":1,"b":2}}`, r.field(t, "response", "public_metadata"))
	}
}
