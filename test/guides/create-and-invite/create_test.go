package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/organizations"
)

var acme = Customer{
	ID: "4711", Company: "Acme, Inc.", Slug: "acme", Owner: "ada@example.com",
	Colleagues: []string{"bob@example.com", "eve@example.com"},
}

// What lands where, also when the run is interrupted and starts again, or an answer is lost.
func TestMove(t *testing.T) {
	t.Parallel()
	lost := clerktest.Drop().And(clerktest.Applied())
	for name, script := range map[string]map[clerktest.Operation]clerktest.Fault{
		"nothing fails":         nil,
		"the user's is lost":    {clerktest.CreateUser: lost},
		"the company's is lost": {clerktest.CreateOrganization: lost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := clerktest.Start(t, clerktest.Seed{})
			for operation, fault := range script {
				clerk.Script(operation, fault)
			}
			c := clerk.Client()
			for range 2 { // the second run finds everything
				require.NoError(t, move(t.Context(), c, acme, "cus_123"))
			}
			state := clerk.State()
			require.Len(t, state.Users, 1)
			require.Len(t, state.Organizations, 1)
			require.Len(t, state.Invitations, 2)

			owner, _ := clerk.User(state.Users[0].ID)
			require.JSONEq(t, `{"role":"owner"}`, owner.PublicMetadata.String())
			require.JSONEq(t, `{"stripeId":"cus_123"}`, owner.PrivateMetadata.String())
			organization, _ := clerk.Organization(state.Organizations[0].ID)
			require.JSONEq(t, `{"plan":"pro"}`, organization.PublicMetadata.String())

			for invitation, err := range c.Organizations.AllInvitations(t.Context(), organization.ID, organizations.AllInvitationsParams{}) {
				require.NoError(t, err)
				colleague, err := clerk.AcceptInvitation(invitation.ID)
				require.NoError(t, err)
				m, _ := clerk.Membership(organization.ID, colleague)
				require.Equal(t, "org:member", m.Role)
				require.JSONEq(t, `{"team":"sales"}`, m.PublicMetadata.String())
				require.JSONEq(t, `{"costCenter":7}`, m.PrivateMetadata.String())
			}
			require.NoError(t, move(t.Context(), c, acme, "cus_123"), "members are not invited again")
			require.Len(t, clerk.State().Invitations, 2)
		})
	}
}

// A key that is refused ends the move before anything is made.
func TestRefused(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{})
	clerk.Script(clerktest.CreateUser, clerktest.Answer(401, "clerk_key_invalid"))
	require.Error(t, move(t.Context(), clerk.Client(), acme, "cus_123"))
	require.Empty(t, clerk.State().Users)
}
