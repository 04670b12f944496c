package users_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// The Kelvin sign folds to k, and an address with it is another one.
func TestFindInvitationOfSimilarAddress(t *testing.T) {
	t.Parallel()
	c := clerktest.Start(t, clerktest.Seed{Organizations: []clerktest.Organization{{ID: "org_1"}}}).Client()
	const address = "ada@\u212Aelvin.example"
	_, err := c.Users.CreateInvitation(t.Context(), users.CreateInvitationParams{EmailAddress: address})
	require.NoError(t, err)
	_, err = c.Organizations.CreateOrganizationInvitation(t.Context(), "org_1", organizations.CreateOrganizationInvitationParams{EmailAddress: address, Role: "org:member"})
	require.NoError(t, err)

	_, err = c.Users.FindInvitation(t.Context(), "ADA@\u212Aelvin.Example")
	require.NoError(t, err)
	_, err = c.Users.FindInvitation(t.Context(), "ada@kelvin.example")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
	_, err = c.Organizations.FindInvitation(t.Context(), "org_1", "ada@kelvin.example")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
}
