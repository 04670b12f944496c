package conformance_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/test/conformance"
)

func load(t *testing.T, path string) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	require.NoError(t, err)
	return doc
}

func ours(t *testing.T, api string) *openapi3.T {
	t.Helper()
	return load(t, filepath.Join("..", "..", "testdata", "openapi", api+".yaml"))
}

// theirs loads Clerk's own document or skips the test.
func theirs(t *testing.T, api string) *openapi3.T {
	t.Helper()
	dir := os.Getenv("CLERK_OPENAPI_DIR")
	if dir == "" {
		t.Skip("CLERK_OPENAPI_DIR is not set: Clerk's documents are not compared")
	}
	path := filepath.Join(dir, api+"-"+conformance.Version+".yml")
	if _, err := os.Stat(path); os.IsNotExist(err) {
		t.Skipf("CLERK_OPENAPI_DIR has no %s", filepath.Base(path))
	}
	return load(t, path)
}

func TestOurDocumentsAreValid(t *testing.T) {
	t.Parallel()
	for api, operations := range map[string]int{"bapi": 21, "fapi": 2} {
		doc := ours(t, api)
		require.NoError(t, doc.Validate(t.Context()))
		n := 0
		for _, item := range doc.Paths.Map() {
			n += len(item.Operations())
		}
		require.Equal(t, operations, n, api)
	}
}

func TestDocumentsAgree(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"bapi", "fapi"} {
		t.Run(api, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, conformance.Compare(ours(t, api), theirs(t, api)))
		})
	}
}

// Each mutation of our document is one drift that the comparison has to report, at the right place.
func TestComparisonCanFail(t *testing.T) {
	t.Parallel()
	clerk := map[string]*openapi3.T{"bapi": theirs(t, "bapi"), "fapi": theirs(t, "fapi")}

	op := func(d *openapi3.T, id string) *openapi3.Operation {
		for _, item := range d.Paths.Map() {
			for _, o := range item.Operations() {
				if o.OperationID == id {
					return o
				}
			}
		}
		return nil
	}
	body := func(d *openapi3.T, id string) *openapi3.Schema {
		for _, m := range op(d, id).RequestBody.Value.Content {
			return m.Schema.Value
		}
		return nil
	}
	param := func(d *openapi3.T, id, name string) *openapi3.Parameter {
		for _, p := range op(d, id).Parameters {
			if p.Value.Name == name {
				return p.Value
			}
		}
		return nil
	}
	schema := func(d *openapi3.T, name string) *openapi3.Schema { return d.Components.Schemas[name].Value }
	str := func() *openapi3.SchemaRef { return openapi3.NewSchemaRef("", openapi3.NewStringSchema()) }
	yes, no := true, false

	tests := map[string]struct {
		api    string
		mutate func(d *openapi3.T)
		want   string
	}{
		"version":             {"bapi", func(d *openapi3.T) { d.Info.Version = "2025-11-10" }, "document: info.version"},
		"version without doc": {"fapi", func(d *openapi3.T) { d.Info.Version = "2025-11-10" }, "document: info.version"},
		"server path":         {"bapi", func(d *openapi3.T) { d.Servers[0].URL = "https://api.clerk.com" }, "document: path of the server"},
		"path": {"bapi", func(d *openapi3.T) {
			d.Paths.Set("/users/{user_id}/meta", d.Paths.Value("/users/{user_id}/metadata"))
			d.Paths.Delete("/users/{user_id}/metadata")
		}, "UpdateUserMetadata: PATCH /users/{user_id}/meta is not theirs"},
		"method": {"bapi", func(d *openapi3.T) {
			item := d.Paths.Value("/organizations/{organization_id}/memberships/{user_id}/metadata")
			item.Put, item.Patch = item.Patch, nil
		}, "UpdateOrganizationMembershipMetadata: PUT /organizations/{organization_id}/memberships/{user_id}/metadata is not theirs"},
		"operationId": {"bapi", func(d *openapi3.T) { op(d, "GetUser").OperationID = "ReadUser" }, "ReadUser: operationId"},
		"unknown parameter": {"bapi", func(d *openapi3.T) {
			o := op(d, "GetUserList")
			o.Parameters = append(o.Parameters, &openapi3.ParameterRef{Value: openapi3.NewQueryParameter("page").WithSchema(openapi3.NewStringSchema())})
		}, "GetUserList: query parameter page: is not theirs"},
		"dropped path parameter": {"bapi", func(d *openapi3.T) { op(d, "GetUser").Parameters = nil }, "GetUser: path parameter user_id: is missing here"},
		"renamed path parameter": {"bapi", func(d *openapi3.T) { param(d, "GetUser", "user_id").Name = "id" }, "GetUser: path parameter id: is not theirs"},
		"parameter's place":      {"bapi", func(d *openapi3.T) { param(d, "GetUserList", "limit").In = "header" }, "GetUserList: header parameter limit: is not theirs"},
		"parameter's required":   {"bapi", func(d *openapi3.T) { param(d, "GetUserList", "limit").Required = true }, "GetUserList: query parameter limit: required"},
		"parameter's type":       {"bapi", func(d *openapi3.T) { param(d, "GetUserList", "limit").Schema = str() }, "GetUserList: query parameter limit: type"},
		"parameter's items":      {"bapi", func(d *openapi3.T) { param(d, "GetUserList", "user_id").Schema = str() }, "GetUserList: query parameter user_id: type"},
		"parameter's style":      {"bapi", func(d *openapi3.T) { param(d, "GetUserList", "user_id").Explode = &no }, "GetUserList: query parameter user_id: style"},
		"parameter's items' type": {"bapi", func(d *openapi3.T) {
			*param(d, "GetUserList", "user_id").Schema.Value.Items.Value.Type = openapi3.Types{"integer"}
		}, "query parameter user_id: items: type"},
		"maximum": {"bapi", func(d *openapi3.T) {
			n := 100.0
			param(d, "ListOrganizations", "limit").Schema.Value.Max = &n
		}, "ListOrganizations: query parameter limit: limits"},
		"minimum":         {"bapi", func(d *openapi3.T) { param(d, "ListOrganizations", "limit").Schema.Value.Min = nil }, "ListOrganizations: query parameter limit: limits"},
		"default":         {"bapi", func(d *openapi3.T) { param(d, "ListOrganizations", "order_by").Schema.Value.Default = "name" }, "ListOrganizations: query parameter order_by: limits"},
		"no request body": {"bapi", func(d *openapi3.T) { op(d, "UpdateUserMetadata").RequestBody = nil }, "UpdateUserMetadata: request: existence"},
		"body required":   {"bapi", func(d *openapi3.T) { op(d, "UpdateUserMetadata").RequestBody.Value.Required = true }, "UpdateUserMetadata: request: required"},
		"body optional":   {"bapi", func(d *openapi3.T) { op(d, "MergeOrganizationMetadata").RequestBody.Value.Required = false }, "MergeOrganizationMetadata: request: required"},
		"request's content type": {"fapi", func(d *openapi3.T) {
			op(d, "patchUserMetadata").RequestBody.Value.Content = openapi3.NewContentWithJSONSchema(nil)
		}, "patchUserMetadata: request: content types"},
		"request field dropped":  {"bapi", func(d *openapi3.T) { delete(body(d, "ReplaceUserMetadata").Properties, "unsafe_metadata") }, "ReplaceUserMetadata: request: field unsafe_metadata: is missing here"},
		"request field added":    {"bapi", func(d *openapi3.T) { body(d, "MergeOrganizationMetadata").Properties["unsafe_metadata"] = str() }, "MergeOrganizationMetadata: request: field unsafe_metadata: is not theirs"},
		"request field's type":   {"bapi", func(d *openapi3.T) { body(d, "UpdateUserMetadata").Properties["public_metadata"] = str() }, "UpdateUserMetadata: request: field public_metadata: type"},
		"request field nullable": {"bapi", func(d *openapi3.T) { body(d, "UpdateUserMetadata").Properties["public_metadata"].Value.Nullable = true }, "UpdateUserMetadata: request: field public_metadata: nullable"},
		"request opened":         {"bapi", func(d *openapi3.T) { body(d, "UpdateUserMetadata").AdditionalProperties.Has = &yes }, "UpdateUserMetadata: request: additionalProperties"},
		"request closed":         {"fapi", func(d *openapi3.T) { body(d, "patchUserMetadata").AdditionalProperties.Has = &no }, "patchUserMetadata: request: additionalProperties"},
		"metadata closed": {"bapi", func(d *openapi3.T) {
			body(d, "UpdateUserMetadata").Properties["public_metadata"].Value.AdditionalProperties.Has = &no
		}, "UpdateUserMetadata: request: field public_metadata: additionalProperties"},
		"form field optional": {"fapi", func(d *openapi3.T) { body(d, "patchUserMetadata").Required = nil }, "patchUserMetadata: request: required fields"},
		"form field's type": {"fapi", func(d *openapi3.T) {
			body(d, "patchUserMetadata").Properties["unsafe_metadata"].Value = openapi3.NewObjectSchema()
		}, "patchUserMetadata: request: field unsafe_metadata: type"},
		"success status": {"bapi", func(d *openapi3.T) {
			r := op(d, "GetUser").Responses
			r.Set("201", r.Value("200"))
			r.Delete("200")
		}, "GetUser: response: 201: is not theirs"},
		"response's content type": {"bapi", func(d *openapi3.T) {
			c := d.Components.Responses["User"].Value.Content
			c["text/plain"] = c["application/json"]
		}, "GetUser: response: 200: content type text/plain is not theirs"},
		"response field renamed": {"bapi", func(d *openapi3.T) {
			p := schema(d, "MembershipUser").Properties
			p["id"] = p["user_id"]
		}, "UpdateOrganizationMembershipMetadata: response: 200: field public_user_data: field id: is not theirs"},
		"response field's type":     {"bapi", func(d *openapi3.T) { schema(d, "User").Properties["created_at"] = str() }, "GetUser: response: 200: field created_at: type"},
		"response field's format":   {"bapi", func(d *openapi3.T) { schema(d, "User").Properties["created_at"].Value.Format = "int32" }, "GetUser: response: 200: field created_at: format"},
		"response field's nullable": {"bapi", func(d *openapi3.T) { schema(d, "User").Properties["private_metadata"].Value.Nullable = false }, "GetUser: response: 200: field private_metadata: nullable"},
		"response field required":   {"bapi", func(d *openapi3.T) { schema(d, "User").Required = []string{"unsafe_metadata"} }, "GetUser: response: 200: field unsafe_metadata: is required here and optional there"},
		"list is no array": {"bapi", func(d *openapi3.T) {
			*d.Components.Responses["UserList"].Value.Content["application/json"].Schema.Value.Type = openapi3.Types{"object"}
		}, "GetUserList: response: 200: type"},
		"field in a list":    {"bapi", func(d *openapi3.T) { schema(d, "Organization").Properties["plan"] = str() }, "ListOrganizations: response: 200: field data: items: field plan: is not theirs"},
		"field behind allOf": {"fapi", func(d *openapi3.T) { schema(d, "User").Properties["plan"] = str() }, "getUser: response: 200: field response: field plan: is not theirs"},
		"error's field":      {"bapi", func(d *openapi3.T) { schema(d, "ClerkError").Properties["status"] = str() }, "UpdateUserMetadata: response: 422: field errors: items: field status: is not theirs"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := ours(t, tt.api)
			tt.mutate(doc)
			got := strings.Join(conformance.Compare(doc, clerk[tt.api]), "\n")
			require.Contains(t, got, tt.want)
		})
	}
}
