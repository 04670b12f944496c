package clerktest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

type entityPage struct {
	Total int
	Rows  []map[string]any
}

func (p entityPage) ids() string {
	var ids []string
	for _, row := range p.Rows {
		ids = append(ids, row["id"].(string))
	}
	return strings.Join(ids, " ")
}

func TestControlEntities(t *testing.T) {
	t.Parallel()
	seed := content()
	seed.Users[1].EmailAddresses, seed.Users[1].Username = []string{"Ben@Example.com"}, "ben"
	seed.Invitations = []clerktest.Invitation{{EmailAddress: "new@example.com"}, {EmailAddress: "eva@example.com", OrganizationID: "org_1"}}
	c := clerktest.Start(t, seed)
	for _, tc := range []struct {
		query string
		total int
		ids   string
	}{
		{"kind=users", 2, "user_2 user_1"},
		{"kind=users&limit=1", 2, "user_2"},
		{"kind=users&offset=1&limit=1", 2, "user_1"},
		{"kind=users&offset=9", 2, ""},
		{"kind=users&limit=0", 2, ""},
		{"kind=users&query=ADA", 1, "user_1"},
		{"kind=users&query=ben@example", 1, "user_2"},
		{"kind=users&query=shopper", 0, ""},
		{"kind=users&id=user_1", 1, "user_1"},
		{"kind=users&id=user_", 0, ""},
		{"kind=memberships&id=orgmem_1&query=ben", 0, ""},
		{"kind=organizations", 2, "org_2 org_1"},
		{"kind=organizations&query=acme", 1, "org_1"},
		{"kind=memberships", 1, "orgmem_1"},
		{"kind=memberships&query=Ada", 1, "orgmem_1"},
		{"kind=memberships&query=acme", 1, "orgmem_1"},
		{"kind=memberships&query=user_2", 0, ""},
		{"kind=invitations", 2, "orginv_2 inv_1"},
		{"kind=invitations&query=acme", 1, "orginv_2"},
		{"kind=sessions", 2, "sess_2 sess_1"},
		{"kind=sessions&query=ben", 1, "sess_2"},
	} {
		p := controlled[entityPage](t, control(c, "GET", "entities?"+tc.query, ""))
		require.Equal(t, tc.total, p.Total, tc.query)
		require.Equal(t, tc.ids, p.ids(), tc.query)
	}

	p := controlled[entityPage](t, control(c, "GET", "entities?kind=users&query=user_1", ""))
	require.Equal(t, object{"stripeId": "cus_example"}, p.Rows[0]["private_metadata"])
	require.NotContains(t, control(c, "GET", "entities?kind=sessions", "").Body.String(), "client_token")

	for query, reason := range map[string]string{
		"":                      "kind is none of users, organizations",
		"kind=user":             "kind is none of users, organizations",
		"kind=users&limit=-1":   `limit "-1" is not a whole number`,
		"kind=users&offset=1.5": `offset "1.5" is not a whole number`,
		"kind=users&q=ada":      `parameter "q" is unknown`,
	} {
		requireRefused(t, control(c, "GET", "entities?"+query, ""), http.StatusBadRequest, reason)
	}
}

// A page is small, whatever the state holds.
func TestControlEntitiesAreBounded(t *testing.T) {
	t.Parallel()
	c := clerktest.Start(t, clerktest.Seed{Users: make([]clerktest.User, 600)})
	p := controlled[entityPage](t, control(c, "GET", "entities?kind=users&limit=100000", ""))
	require.Equal(t, 600, p.Total)
	require.Len(t, p.Rows, 500)
	require.Len(t, controlled[entityPage](t, control(c, "GET", "entities?kind=users", "")).Rows, 50)
}
