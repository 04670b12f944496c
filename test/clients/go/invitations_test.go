package goclient_test

import (
	"net/http"
	"testing"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/invitation"
	"github.com/clerk/clerk-sdk-go/v2/organizationinvitation"
	"github.com/stretchr/testify/require"
)

func TestInvitations(t *testing.T) {
	t.Parallel()
	c := start(t)
	invitations := invitation.NewClient(c.config)
	made, err := invitations.Create(t.Context(), &invitation.CreateParams{
		EmailAddress: "new@example.com", PublicMetadata: raw(`{"plan":"pro"}`), Notify: clerk.Bool(false), ExpiresInDays: clerk.Int64(7),
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"plan":"pro"}`, string(made.PublicMetadata))
	require.Equal(t, "pending", made.Status)

	_, err = invitations.Create(t.Context(), &invitation.CreateParams{EmailAddress: "new@example.com"})
	require.Equal(t, http.StatusBadRequest, refusal(t, err).HTTPStatusCode)
	require.Equal(t, "duplicate_record", refusal(t, err).Errors[0].Code)

	bulk, err := invitations.BulkCreate(t.Context(), &invitation.BulkCreateParams{Invitations: []*invitation.CreateParams{
		{EmailAddress: "one@example.com", PublicMetadata: raw(`{"n":1}`)}, {EmailAddress: "two@example.com"},
	}})
	require.NoError(t, err)
	require.Len(t, bulk.Invitations, 2)

	list, err := invitations.List(t.Context(), &invitation.ListParams{Statuses: []string{"pending"}})
	require.NoError(t, err)
	require.EqualValues(t, 3, list.TotalCount)
	require.Len(t, list.Invitations, 3)

	revoked, err := invitations.Revoke(t.Context(), made.ID)
	require.NoError(t, err)
	require.Equal(t, "revoked", revoked.Status)

	id, err := c.emulator.AcceptInvitation(bulk.Invitations[0].ID)
	require.NoError(t, err)
	u, err := c.users.Get(t.Context(), id)
	require.NoError(t, err)
	require.JSONEq(t, `{"n":1}`, string(u.PublicMetadata), "the invitation's metadata lands on the user")
}

func TestOrganizationInvitations(t *testing.T) {
	t.Parallel()
	c := start(t)
	invitations := organizationinvitation.NewClient(c.config)
	made, err := invitations.Create(t.Context(), &organizationinvitation.CreateParams{
		OrganizationID: "org_1", EmailAddress: clerk.String("new@example.com"), Role: clerk.String("org:member"), InviterUserID: clerk.String("user_1"),
		PublicMetadata: raw(`{"team":"a"}`), PrivateMetadata: raw(`{"crm":7}`),
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"crm":7}`, string(made.PrivateMetadata))

	list, err := invitations.List(t.Context(), &organizationinvitation.ListParams{OrganizationID: "org_1", Statuses: &[]string{"pending"}})
	require.NoError(t, err)
	require.EqualValues(t, 1, list.TotalCount)

	got, err := invitations.Get(t.Context(), &organizationinvitation.GetParams{OrganizationID: "org_1", ID: made.ID})
	require.NoError(t, err)
	require.Equal(t, made.ID, got.ID)

	id, err := c.emulator.AcceptInvitation(made.ID)
	require.NoError(t, err)
	m, ok := c.emulator.Membership("org_1", id)
	require.True(t, ok)
	require.JSONEq(t, `{"team":"a"}`, m.PublicMetadata.String())
	require.JSONEq(t, `{"crm":7}`, m.PrivateMetadata.String())

	_, err = invitations.Revoke(t.Context(), &organizationinvitation.RevokeParams{OrganizationID: "org_1", ID: made.ID, RequestingUserID: clerk.String("user_1")})
	require.Equal(t, http.StatusNotFound, refusal(t, err).HTTPStatusCode)
}
