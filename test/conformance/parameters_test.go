package conformance_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// TestNoParameterIsIgnored sends every parameter of Clerk's documents to every operation that clerktest does:
// a query parameter changes the answer or is refused, and no field of a body is called unknown.
func TestNoParameterIsIgnored(t *testing.T) {
	t.Parallel()
	for api, base := range map[string]string{"bapi": "/v1", "fapi": ""} {
		for path, item := range theirs(t, api).Paths.Map() {
			for method, op := range item.Operations() {
				a := asked{t: t, api: api, method: method, path: base + seededIDs.Replace(path), op: op}
				if strings.Contains(a.send("", "", "").body, "clerktest_unsupported") {
					continue
				}
				for _, p := range slices.Concat(item.Parameters, op.Parameters) {
					if p.Value.In == openapi3.ParameterInQuery && !credentials[p.Value.Name] {
						assert.NotEqual(t, a.send("", "", "").body, a.send(url.Values{p.Value.Name: {"no such value"}}.Encode(), "", "").body,
							"%s %s: %s is ignored", api, op.OperationID, p.Value.Name)
					}
				}
				a.fields()
			}
		}
	}
}

// credentials are no parameters of an operation.
var credentials = map[string]bool{"_is_native": true, "__dev_session": true, "__clerk_api_version": true}

var seededIDs = strings.NewReplacer("{user_id}", "user_1", "{organization_id}", "org_1", "{session_id}", "sess_1", "{", "", "}", "")

type asked struct {
	t                 *testing.T
	api, method, path string
	op                *openapi3.Operation
}

type got struct {
	status int
	body   string // without what is new in every answer
}

// send asks a separate instance, so that no earlier request counts.
func (a asked) send(query, contentType, body string) got {
	a.t.Helper()
	c, err := clerktest.New(clerktest.Seed{
		Users:         []clerktest.User{{EmailAddresses: []string{"a@example.com"}, CreatedAt: 1}},
		Organizations: []clerktest.Organization{{CreatedAt: 1}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1", CreatedAt: 1}},
		Invitations: []clerktest.Invitation{
			{EmailAddress: "b@example.com", CreatedAt: 1, ExpiresAt: 1}, {OrganizationID: "org_1", EmailAddress: "a@example.com", CreatedAt: 1, ExpiresAt: 1},
		},
		Sessions: []clerktest.Session{{UserID: "user_1", ClientToken: "token", CreatedAt: 1}},
	})
	require.NoError(a.t, err)
	r := httptest.NewRequestWithContext(a.t.Context(), a.method, "https://clerk.test"+a.path+"?"+query, strings.NewReader(body))
	r.Header.Set("Clerk-API-Version", "2026-05-12")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if a.api == "bapi" {
		r.Header.Set("Authorization", "Bearer "+clerktest.DefaultSecretKey)
	} else {
		r.Header.Set("Cookie", "__client=token")
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return got{w.Code, w.Body.String()}
}

// fields sends every field of the body.
func (a asked) fields() {
	if a.op.RequestBody == nil {
		return
	}
	for contentType, media := range a.op.RequestBody.Value.Content {
		if contentType == "multipart/form-data" {
			continue
		}
		for name := range flatten(media.Schema) {
			body, err := json.Marshal(map[string]any{name: []string{}})
			require.NoError(a.t, err)
			if contentType != "application/json" {
				body = []byte(url.Values{name: {"no such value"}}.Encode())
			}
			answer := a.send("", contentType, string(body))
			require.Less(a.t, answer.status, http.StatusInternalServerError, "%s: %s", a.op.OperationID, name)
			assert.NotContains(a.t, answer.body, "form_param_unknown", "%s: Clerk knows %s", a.op.OperationID, name)
		}
	}
}

// flatten are the fields of a schema, with those that it takes in.
func flatten(schema *openapi3.SchemaRef) map[string]bool {
	all := map[string]bool{}
	if schema == nil {
		return all
	}
	for name := range schema.Value.Properties {
		all[name] = true
	}
	for _, part := range slices.Concat(schema.Value.AllOf, schema.Value.AnyOf, schema.Value.OneOf) {
		for name := range flatten(part) {
			all[name] = true
		}
	}
	return all
}
