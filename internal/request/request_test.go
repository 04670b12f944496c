package request_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

const operation = "UpdateUserMetadata"

// requireInvalid checks that err was refused before any request and names param.
func requireInvalid(t *testing.T, err error, param, says string) {
	t.Helper()
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, operation, e.Operation)
	require.Equal(t, param, e.Param())
	require.ErrorContains(t, err, says)
	require.NotContains(t, err.Error(), "\n")
}

func TestContext(t *testing.T) {
	t.Parallel()
	require.NoError(t, request.Context(operation, t.Context()))
	var none context.Context
	requireInvalid(t, request.Context(operation, none), "ctx", "is nil")
}

func TestGoodIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"user_1", "user_2abcDEF", "a", "...", "my-slug", "a.b", "é", "user_1;x,y:z@+&$", "+user_1", strings.Repeat("x", 255),
	} {
		require.NoError(t, request.ID(operation, request.UserID, id), id)
	}
}

func TestBadIDs(t *testing.T) {
	t.Parallel()
	for id, says := range map[string]string{
		"":                        "is empty",
		".":                       "path segment",
		"..":                      "path segment",
		"a/b":                     "'/'",
		"/":                       "'/'",
		"a/../../organizations/o": "'/'",
		`a\b`:                     `'\\'`,
		"a%2fb":                   "'%'",
		"user_1?x=1":              "'?'",
		"user_1#f":                "'#'",
		" ":                       "white space",
		"user_1 ":                 "white space",
		"\tuser_1":                "white space",
		"user_1\n":                "white space",
		"user_1\r\nX: y":          "white space",
		"user\u00a01":             "white space",
		"user\u20281":             "white space",
		"user\u30001":             "white space",
		"user\x001":               "control",
		"user\x7f":                "control",
		"user\u0080":              "control",
		"user\x1b[2J":             "control",
		strings.Repeat("x", 256):  "256 bytes long, at most 255",
		strings.Repeat("é", 128):  "256 bytes long",
		"user_\xff":               "UTF-8",
		"user_\xed\xa0\x80":       "UTF-8",
	} {
		requireInvalid(t, request.ID(operation, request.UserID, id), request.UserID, says)
		requireInvalid(t, request.FilterID(operation, request.UserID, id), request.UserID, says)
		requireInvalid(t, request.MembershipIDs(operation, strings.ReplaceAll(id, "user_", "org_"), "user_1"), request.OrganizationID, says)
		requireInvalid(t, request.MembershipIDs(operation, "org_1", id), request.UserID, says)
	}
}

func TestFilterID(t *testing.T) {
	t.Parallel()
	require.NoError(t, request.FilterID(operation, request.UserID, "user_1+-"))
	for _, id := range []string{"+", "-", "+user_1", "-user_1", "-/"} {
		requireInvalid(t, request.FilterID(operation, request.UserID, id), request.UserID, "sign")
	}
}

func TestOrganizationByID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"org_1", "org_2xhFjEI5X2qWRvtV13BzSj8H6Dk", "Acme", "a_b", "é"} {
		require.NoError(t, request.OrganizationByID(operation, id), id)
	}
	for _, slug := range []string{"acme", "my-slug-2", "2", "-", "org-1"} {
		requireInvalid(t, request.OrganizationByID(operation, slug), request.OrganizationID, "is a slug")
	}
	requireInvalid(t, request.OrganizationByID(operation, ""), request.OrganizationID, "is empty")
}

func TestMembershipIDs(t *testing.T) {
	t.Parallel()
	require.NoError(t, request.MembershipIDs(operation, "org_1", "user_1"))
	requireInvalid(t, request.MembershipIDs(operation, "my-slug", "user_1"), request.OrganizationID, "is a slug")
	requireInvalid(t, request.MembershipIDs(operation, "user_1", "org_1"), request.OrganizationID, "swapped")
	requireInvalid(t, request.MembershipIDs(operation, "user_1", "user_1"), request.OrganizationID, "swapped")
	requireInvalid(t, request.MembershipIDs(operation, "org_1", "org_1"), request.UserID, "swapped")
}

func TestPatchFields(t *testing.T) {
	t.Parallel()
	f := request.Fields{Operation: operation}
	require.Nil(t, f.Patch(request.PublicMetadata, nil))
	require.Equal(t, `{}`, string(f.Patch(request.PublicMetadata, metadata.Patch{})))
	var e *clerkerr.Error
	require.ErrorAs(t, f.Err(), &e, "an empty patch changes nothing")
	require.ErrorIs(t, e, clerkerr.ErrNothingToWrite)
	require.ErrorIs(t, e, clerkerr.ErrInvalidArgument)
	require.Empty(t, e.Param())

	require.Equal(t, `{"a":null,"b":"<"}`, string(f.Patch(request.PrivateMetadata, metadata.Patch{"b": "<", "a": metadata.Delete})))
	require.NoError(t, f.Err())
	require.Nil(t, f.Patch(request.UnsafeMetadata, metadata.Patch{"a": map[string]any{"b": nil}}))
	requireInvalid(t, f.Err(), request.UnsafeMetadata, "unsafe_metadata: /a/b: null is not allowed here")
	require.ErrorIs(t, f.Err(), metadata.ErrNull)

	require.Nil(t, f.Patch(request.PublicMetadata, metadata.Patch{"a": math.NaN()}))
	require.Nil(t, f.Patch(request.PublicMetadata, metadata.Patch{"a": 1}))
	requireInvalid(t, f.Err(), request.UnsafeMetadata, "/a/b") // the first error stays
}

func TestValueFields(t *testing.T) {
	t.Parallel()
	f := request.Fields{Operation: operation, MaxSize: 8}
	require.Nil(t, f.Value(request.PublicMetadata, metadata.Value{}))
	require.ErrorIs(t, f.Err(), clerkerr.ErrNothingToWrite)
	require.Equal(t, `null`, string(f.Value(request.PublicMetadata, metadata.Null())))
	require.NoError(t, f.Err())
	require.Equal(t, `{"a":10}`, string(f.Value(request.PrivateMetadata, metadata.Of(map[string]int{"a": 10}))))
	require.NoError(t, f.Err())
	require.Nil(t, f.Value(request.PrivateMetadata, metadata.Of(map[string]int{"a": 987})))
	requireInvalid(t, f.Err(), request.PrivateMetadata, "too large: 9 bytes, Clerk's documented limit is 8")
	require.ErrorIs(t, f.Err(), clerkerr.ErrTooLarge)
	require.NotContains(t, f.Err().Error(), "987")

	f = request.Fields{Operation: operation}
	require.Equal(t, `{}`, string(f.Value(request.PublicMetadata, metadata.Empty())))
	require.NoError(t, f.Err(), "clearing is a change")
	require.Len(t, f.Value(request.PublicMetadata, metadata.Of(map[string]string{"a": strings.Repeat("x", 10_000)})), 10_008)
	require.NoError(t, f.Err(), "without a limit any size goes")
	require.Nil(t, f.Value(request.PublicMetadata, metadata.Of("text")))
	requireInvalid(t, f.Err(), request.PublicMetadata, "must be a JSON object")
	require.Nil(t, f.Value(request.PublicMetadata, metadata.Empty()))
}
