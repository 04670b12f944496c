package entity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
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

func TestGoodIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"user_1", "user_2abcDEF", "a", "...", "my-slug", "a.b", "é", "user_1;x,y:z@+&$", "+user_1", strings.Repeat("x", 255),
	} {
		require.NoError(t, entity.CheckID(operation, entity.UserID, id), id)
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
		requireInvalid(t, entity.CheckID(operation, entity.UserID, id), entity.UserID, says)
		requireInvalid(t, entity.CheckFilterID(operation, entity.UserID, id), entity.UserID, says)
		requireInvalid(t, entity.CheckMembershipIDs(operation, strings.ReplaceAll(id, "user_", "org_"), "user_1"), entity.OrganizationID, says)
		requireInvalid(t, entity.CheckMembershipIDs(operation, "org_1", id), entity.UserID, says)
	}
}

func TestFilterID(t *testing.T) {
	t.Parallel()
	require.NoError(t, entity.CheckFilterID(operation, entity.UserID, "user_1+-"))
	for _, id := range []string{"+", "-", "+user_1", "-user_1", "-/"} {
		requireInvalid(t, entity.CheckFilterID(operation, entity.UserID, id), entity.UserID, "sign")
	}
}

func TestOrganizationByID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"org_1", "org_2xhFjEI5X2qWRvtV13BzSj8H6Dk", "Acme", "a_b", "é"} {
		require.NoError(t, entity.CheckOrganizationID(operation, id), id)
	}
	for _, slug := range []string{"acme", "my-slug-2", "2", "-", "org-1"} {
		requireInvalid(t, entity.CheckOrganizationID(operation, slug), entity.OrganizationID, "is a slug")
	}
	requireInvalid(t, entity.CheckOrganizationID(operation, ""), entity.OrganizationID, "is empty")
}

func TestMembershipIDs(t *testing.T) {
	t.Parallel()
	require.NoError(t, entity.CheckMembershipIDs(operation, "org_1", "user_1"))
	requireInvalid(t, entity.CheckMembershipIDs(operation, "my-slug", "user_1"), entity.OrganizationID, "is a slug")
	requireInvalid(t, entity.CheckMembershipIDs(operation, "user_1", "org_1"), entity.OrganizationID, "swapped")
	requireInvalid(t, entity.CheckMembershipIDs(operation, "user_1", "user_1"), entity.OrganizationID, "swapped")
	requireInvalid(t, entity.CheckMembershipIDs(operation, "org_1", "org_1"), entity.UserID, "swapped")
}

// Each kind is named by its ids, and an id of another kind is refused.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		id     entity.ID
		kind   entity.Kind
		text   string
		fields int
		wrong  string
	}{
		{entity.ID{UserID: "user_1"}, entity.User, "user user_1", 3, ""},
		{entity.ID{OrganizationID: "org_1"}, entity.Organization, "organization org_1", 2, ""},
		{entity.ID{OrganizationID: "org_1", UserID: "user_1"}, entity.Membership, "membership org_1 user_1", 2, ""},
		{entity.ID{}, entity.User, "no entity", 3, "neither user nor organization"},
		{entity.ID{UserID: "org_1"}, entity.User, "user org_1", 3, "user holds the id of an organization"},
		{entity.ID{UserID: "-user_1"}, entity.User, "user -user_1", 3, "sign"},
		{entity.ID{OrganizationID: "user_1"}, entity.Organization, "organization user_1", 2, "organization holds the id of a user"},
		{entity.ID{OrganizationID: "acme"}, entity.Organization, "organization acme", 2, "is a slug"},
		{entity.ID{OrganizationID: "user_1", UserID: "org_1"}, entity.Membership, "membership user_1 org_1", 2, "swapped"},
		{entity.ID{OrganizationID: "org_1", UserID: "+user_1"}, entity.Membership, "membership org_1 +user_1", 2, "sign"},
	} {
		require.Equal(t, tc.kind, tc.id.Kind())
		require.Equal(t, tc.text, tc.id.String())
		require.Len(t, tc.kind.Fields(), tc.fields)
		if tc.wrong == "" {
			require.NoError(t, tc.id.Check(operation))
		} else {
			require.ErrorContains(t, tc.id.Check(operation), tc.wrong, tc.text)
		}
	}
	for i, name := range entity.User.Fields() {
		require.Equal(t, i, entity.FieldIndex(name))
	}
	require.Equal(t, -1, entity.FieldIndex("Public_metadata"))
}
