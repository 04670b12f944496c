package conformance_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/test/conformance"
)

// validators are made from Clerk's own documents.
func validators(t *testing.T) map[string]*conformance.Validator {
	t.Helper()
	vs := map[string]*conformance.Validator{}
	for api, base := range map[string]string{"bapi": "/v1", "fapi": "/"} {
		v, err := conformance.NewValidator(theirs(t, api), base)
		require.NoError(t, err)
		vs[api] = v
	}
	return vs
}

// TestRecordedRequests fails, too, for an operation of which no request was recorded.
func TestRecordedRequests(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("CLERKMETA_RECORD_DIR")
	if dir == "" {
		t.Skip("CLERKMETA_RECORD_DIR is not set: no recorded requests are validated")
	}
	vs := validators(t)
	requests, err := conformance.ReadRequests(dir)
	require.NoError(t, err)
	require.NotEmpty(t, requests, "no request was recorded")

	validated := map[string]int{}
	for at, r := range requests {
		v := vs[r.API]
		if v == nil {
			t.Errorf("%s: unknown api %q", at, r.API)
			continue
		}
		if err := v.Validate(t.Context(), r); err != nil {
			t.Errorf("%s: %s %s (%s): %v", at, r.Method, r.Path, r.Operation, err)
			continue
		}
		validated[r.API+" "+r.Operation]++
	}
	var lines []string
	for _, api := range []string{"bapi", "fapi"} {
		for _, item := range ours(t, api).Paths.Map() {
			for _, op := range item.Operations() {
				name := api + " " + op.OperationID
				if validated[name] == 0 {
					t.Errorf("%s: no valid request was recorded", name)
				}
				lines = append(lines, fmt.Sprintf("%-45s %4d requests validated", name, validated[name]))
			}
		}
	}
	slices.Sort(lines)
	t.Log("\n" + strings.Join(lines, "\n"))
}

func TestValidator(t *testing.T) {
	t.Parallel()
	vs := validators(t)
	jsonBody := http.Header{"Content-Type": {"application/json"}}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	patch := conformance.Request{
		API: "bapi", Operation: "UpdateUserMetadata", Method: "PATCH", Path: "/v1/users/user_1/metadata",
		Header: jsonBody, Body: `{"public_metadata":{"a":null,"b":[1]}}`,
	}
	put := patch
	put.Method, put.Operation = "PUT", "ReplaceUserMetadata"
	org := patch
	org.Operation, org.Path = "MergeOrganizationMetadata", "/v1/organizations/org_1/metadata"
	member := patch
	member.Operation, member.Path = "UpdateOrganizationMembershipMetadata", "/v1/organizations/org_1/memberships/user_1/metadata"
	list := conformance.Request{
		API: "bapi", Operation: "GetUserList", Method: "GET", Path: "/v1/users",
		Query: "user_id=user_1&user_id=user_2&limit=500&offset=0&order_by=-created_at",
	}
	me := conformance.Request{
		API: "fapi", Operation: "patchUserMetadata", Method: "PATCH", Path: "/v1/me/metadata",
		Query: "_is_native=1&_clerk_session_id=sess_1", Header: form, Body: "unsafe_metadata=%7B%7D",
	}
	with := func(r conformance.Request, change func(*conformance.Request)) conformance.Request {
		change(&r)
		return r
	}

	for name, r := range map[string]conformance.Request{
		"patch": patch, "put": put, "organization": org, "membership": member, "list": list, "me": me,
		"field null in a replacement": with(put, func(r *conformance.Request) { r.Body = `{"public_metadata":null,"unsafe_metadata":{}}` }),
		"escaped id":                  with(patch, func(r *conformance.Request) { r.Path = "/v1/users/a%2Fb/metadata" }),
		"charset": with(patch, func(r *conformance.Request) {
			r.Header = http.Header{"Content-Type": {"application/json; charset=utf-8"}}
		}),
		"get me": with(me, func(r *conformance.Request) {
			r.Method, r.Operation, r.Path, r.Header, r.Body = "GET", "getUser", "/v1/me", nil, ""
		}),
	} {
		t.Run("takes "+name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, vs[r.API].Validate(t.Context(), r))
		})
	}

	for name, tt := range map[string]struct {
		request conformance.Request
		want    string
	}{
		"unknown field":               {with(patch, func(r *conformance.Request) { r.Body = `{"metadata":{}}` }), "metadata"},
		"unsafe on an organization":   {with(org, func(r *conformance.Request) { r.Body = `{"unsafe_metadata":{}}` }), "unsafe_metadata"},
		"unsafe on a membership":      {with(member, func(r *conformance.Request) { r.Body = `{"unsafe_metadata":{}}` }), "unsafe_metadata"},
		"field that is no object":     {with(patch, func(r *conformance.Request) { r.Body = `{"public_metadata":"x"}` }), "public_metadata"},
		"field that is an array":      {with(put, func(r *conformance.Request) { r.Body = `{"public_metadata":[]}` }), "public_metadata"},
		"field null in a merge":       {with(patch, func(r *conformance.Request) { r.Body = `{"public_metadata":null}` }), "public_metadata"},
		"body that is null":           {with(put, func(r *conformance.Request) { r.Body = `null` }), "request body"},
		"body that is no JSON":        {with(patch, func(r *conformance.Request) { r.Body = `{` }), "request body"},
		"no body where required":      {with(org, func(r *conformance.Request) { r.Body = "" }), "request body"},
		"body of a GET":               {with(list, func(r *conformance.Request) { r.Body, r.Header = "{}", jsonBody }), "request body"},
		"wrong content type":          {with(patch, func(r *conformance.Request) { r.Header = form }), "Content-Type"},
		"no content type":             {with(patch, func(r *conformance.Request) { r.Header = nil }), "Content-Type"},
		"JSON to the frontend":        {with(me, func(r *conformance.Request) { r.Header, r.Body = jsonBody, `{"unsafe_metadata":"{}"}` }), "Content-Type"},
		"form without the field":      {with(me, func(r *conformance.Request) { r.Body = "" }), "request body"},
		"form with an unknown field":  {with(me, func(r *conformance.Request) { r.Body += "&public_metadata=%7B%7D" }), "public_metadata"},
		"wrong method":                {with(member, func(r *conformance.Request) { r.Method = "PUT" }), "PUT"},
		"path outside of the base":    {with(patch, func(r *conformance.Request) { r.Path = "/users/user_1/metadata" }), "no matching operation"},
		"another operation":           {with(patch, func(r *conformance.Request) { r.Path = "/v1/users/user_1" }), "UpdateUser, not UpdateUserMetadata"},
		"limit out of range":          {with(list, func(r *conformance.Request) { r.Query = "limit=501" }), "limit"},
		"limit that is no number":     {with(list, func(r *conformance.Request) { r.Query = "limit=ten" }), "limit"},
		"undeclared query parameter":  {with(list, func(r *conformance.Request) { r.Query = "page=2" }), "page"},
		"credential of another kind":  {with(list, func(r *conformance.Request) { r.Query = "_is_native=1" }), "_is_native"},
		"query that cannot be parsed": {with(list, func(r *conformance.Request) { r.Query = "a=%zz" }), "invalid URL escape"},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, vs[tt.request.API].Validate(t.Context(), tt.request), tt.want)
		})
	}
}

func TestReadRequests(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	write("a.ndjson", `{"api":"bapi","operation":"GetUser","method":"GET","path":"/v1/users/user_1"}`+"\n\n")
	write("b.ndjson", `{"api":"fapi","operation":"getUser","method":"GET","path":"/v1/me"}`)
	write("c.txt", `not read`)
	requests, err := conformance.ReadRequests(dir)
	require.NoError(t, err)
	require.Len(t, requests, 2)
	require.Equal(t, "/v1/users/user_1", requests["a.ndjson:1"].Path)

	for _, line := range []string{`{`, `{"url":"/v1/me"}`} {
		write("b.ndjson", line)
		_, err = conformance.ReadRequests(dir)
		require.ErrorContains(t, err, "b.ndjson:1")
	}
}
