package bapi_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/fapi"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestServerPathIsKept(t *testing.T) {
	t.Parallel()
	for server, want := range map[string]string{
		"https://api.clerk.com/v1":         "https://api.clerk.com/v1/users/user_1",
		"https://api.clerk.com/v1/":        "https://api.clerk.com/v1/users/user_1",
		"http://127.0.0.1:8080/deep/er/v1": "http://127.0.0.1:8080/deep/er/v1/users/user_1",
		"http://127.0.0.1:8080":            "http://127.0.0.1:8080/users/user_1",
	} {
		req, err := bapi.NewGetUserRequest(server, "user_1")
		require.NoError(t, err)
		require.Equal(t, want, req.URL.String())
	}
}

func TestIDsAreEscaped(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"user_1#f":         "/v1/users/user_1%23f/metadata",
		"user_1?a=b":       "/v1/users/user_1%3Fa=b/metadata",
		"a/../../b":        "/v1/users/a%2F..%2F..%2Fb/metadata",
		"user_1%2e":        "/v1/users/user_1%252e/metadata",
		"us er":            "/v1/users/us%20er/metadata",
		"user_1;x,y:z@+&$": "/v1/users/user_1%3Bx%2Cy:z@+&$/metadata",
	} {
		req, err := bapi.NewUpdateUserMetadataRequestWithBody("https://api.clerk.com/v1", id, "application/json", strings.NewReader("{}"))
		require.NoError(t, err)
		require.Equal(t, want, req.URL.EscapedPath())
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	limit, offset, order := 500, 0, "+created_at"
	req, err := bapi.NewListOrganizationMembershipsRequest("https://api.clerk.com/v1", "org_1", &bapi.ListOrganizationMembershipsParams{
		UserID: []string{"user_1", "user_2", "a&b=c"}, Limit: &limit, Offset: &offset, OrderBy: &order,
	})
	require.NoError(t, err)
	require.Equal(t, "user_id=user_1&user_id=user_2&user_id=a%26b%3Dc&limit=500&offset=0&order_by=%2Bcreated_at", req.URL.RawQuery)

	req, err = bapi.NewGetUserListRequest("https://api.clerk.com/v1", nil)
	require.NoError(t, err)
	require.Equal(t, "https://api.clerk.com/v1/users", req.URL.String())
}

// Absent, an empty object and null must stay three different things.
func TestRequestStates(t *testing.T) {
	t.Parallel()
	req, err := bapi.NewReplaceUserMetadataRequest("https://api.clerk.com/v1", "user_1", bapi.ReplaceUserMetadataJSONRequestBody{
		PublicMetadata: json.RawMessage(`{}`), UnsafeMetadata: json.RawMessage(`null`),
	})
	require.NoError(t, err)
	body, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	require.Equal(t, `{"public_metadata":{},"unsafe_metadata":null}`, string(body))
	require.Equal(t, "application/json", req.Header.Get("Content-Type"))
	require.NotNil(t, req.GetBody, "a retry has to be able to send the body again")
}

// The body holds each member to the byte, whatever encoding/json would make of it, and
// nothing of one that is nil.
func TestBodyIsWhatItHolds(t *testing.T) {
	t.Parallel()
	require.Equal(t, `{}`, string(bapi.UpdateUserMetadataJSONRequestBody{}.JSON()))
	var every strings.Builder
	for r := rune(0); r < 0x3000; r++ {
		every.WriteRune(r)
	}
	for _, text := range []string{every.String(), "<&>\u2028", "\u2029\u2028", `\u2028`, "\ufffd\U0001f642", `\\`} {
		field, err := metadata.Patch{"k": text, "n": json.Number("9007199254740993"), "z": metadata.Delete}.MarshalJSON()
		require.NoError(t, err)
		body := bapi.UpdateUserMetadataJSONRequestBody{PrivateMetadata: field, UnsafeMetadata: json.RawMessage(`{}`)}
		require.Equal(t, `{"private_metadata":`+string(field)+`,"unsafe_metadata":{}}`, string(body.JSON()))
		require.True(t, json.Valid(body.JSON()))
	}
}

func TestResponseStates(t *testing.T) {
	t.Parallel()
	var m bapi.OrganizationMembership
	require.NoError(t, json.Unmarshal([]byte(`{"id":"orgmem_1","public_metadata":{"n":9007199254740993}}`), &m))
	require.Equal(t, `{"n":9007199254740993}`, string(m.PublicMetadata))
	require.Nil(t, m.PrivateMetadata)
	require.Empty(t, m.PublicUserData.UserID)

	var u bapi.User
	require.NoError(t, json.Unmarshal([]byte(`{"private_metadata":null}`), &u))
	require.Equal(t, `null`, string(u.PrivateMetadata))
}

func TestForm(t *testing.T) {
	t.Parallel()
	req, err := fapi.NewPatchUserMetadataRequestWithFormdataBody("https://clerk.example.com", fapi.PatchUserMetadataFormdataRequestBody{
		UnsafeMetadata: `{"a":"b&c"}`,
	})
	require.NoError(t, err)
	require.Equal(t, "https://clerk.example.com/v1/me/metadata", req.URL.String())
	body, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	require.Equal(t, "unsafe_metadata=%7B%22a%22%3A%22b%26c%22%7D", string(body))
	require.Equal(t, "application/x-www-form-urlencoded", req.Header.Get("Content-Type"))
}
