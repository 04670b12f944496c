package organizations_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
)

// An organization and a membership are created with metadata, which the views change.
func TestCreate(t *testing.T) {
	t.Parallel()
	c := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}, {ID: "user_2"}}}).Client()
	organization, err := c.Organizations.CreateOrganization(t.Context(), organizations.CreateOrganizationParams{
		Name: "Acme", Slug: "acme", CreatedBy: "user_1", MaxAllowedMemberships: 2,
		PublicMetadata: metadata.Of(public{Tier: "gold"}), PrivateMetadata: metadata.Of(private{Billing: &plan{"pro"}}),
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"tier":"gold"}`, organization.PublicMetadata.String())
	require.JSONEq(t, `{"billing":{"plan":"pro"}}`, organization.PrivateMetadata.String())
	membership, err := c.Organizations.CreateOrganizationMembership(t.Context(), organization.ID, "user_2",
		organizations.CreateOrganizationMembershipParams{Role: "org:member", PublicMetadata: metadata.Of(title{Title: "cook"})})
	require.NoError(t, err)
	require.JSONEq(t, `{"title":"cook"}`, membership.PublicMetadata.String())

	_, err = c.Organizations.CreateOrganization(t.Context(), organizations.CreateOrganizationParams{Name: "Other", Slug: "acme"})
	require.ErrorIs(t, err, clerkerr.ErrInvalid)
	_, err = c.Organizations.CreateOrganization(t.Context(), organizations.CreateOrganizationParams{})
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)

	patches, err := organizations.As[tenant](c.Organizations).Patches(organization, func(t *tenant) error {
		t.Public.Tier = ""
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []metadata.Patch{{"tier": metadata.Delete}, nil}, patches)
	patches, err = organizations.AsMemberships[member](c.Organizations).Patches(membership, func(m *member) error {
		m.Public.Title = "chef"
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, metadata.Patch{"title": "chef"}, patches[0])
}

// Invitations are created, listed by page, found and revoked.
func TestInvitations(t *testing.T) {
	t.Parallel()
	c := clerktest.Start(t, clerktest.Seed{Organizations: []clerktest.Organization{{ID: "org_1"}}}).Client().Organizations
	type invitation = organizations.CreateOrganizationInvitationParams
	first, err := c.CreateOrganizationInvitation(t.Context(), "org_1", invitation{
		EmailAddress: "ada@example.com", Role: "org:member", RedirectURL: "https://example.com/join", ExpiresInDays: 7, WithoutEmail: true,
		PublicMetadata: metadata.Of(map[string]any{"team": "a"}), PrivateMetadata: metadata.Of(map[string]any{"crm": 7}),
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"team":"a"}`, first.PublicMetadata.String())
	require.JSONEq(t, `{"crm":7}`, first.PrivateMetadata.String())
	many, err := c.CreateOrganizationInvitations(t.Context(), "org_1", []invitation{
		{EmailAddress: "bob@example.com", Role: "org:member"}, {EmailAddress: "eve@example.com", Role: "org:admin"},
	})
	require.NoError(t, err)
	require.Len(t, many, 2)

	var addresses []string
	for i, err := range c.AllInvitations(t.Context(), "org_1", organizations.AllInvitationsParams{Status: "pending", PageSize: 1}) {
		require.NoError(t, err)
		addresses = append(addresses, i.EmailAddress)
	}
	require.Equal(t, "[ada@example.com bob@example.com eve@example.com]", fmt.Sprint(addresses))
	revoked, err := c.RevokeOrganizationInvitation(t.Context(), "org_1", first.ID)
	require.NoError(t, err)
	require.Equal(t, "revoked", revoked.Status)
	_, err = c.FindInvitation(t.Context(), "org_1", "ada@example.com")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
	found, err := c.FindInvitation(t.Context(), "org_1", "BOB@example.com")
	require.NoError(t, err)
	require.Equal(t, many[0].ID, found.ID)

	_, err = c.FindInvitation(t.Context(), "org_1", "bob")
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	for _, err := range c.AllInvitations(t.Context(), "org_2", organizations.AllInvitationsParams{EmailAddress: "bob@example.com"}) {
		require.ErrorIs(t, err, clerkerr.ErrNotFound)
	}
	_, err = c.FindInvitation(t.Context(), "org_2", "bob@example.com")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
	_, err = c.CreateOrganizationInvitations(t.Context(), "org_1", nil)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	_, err = c.CreateOrganizationInvitation(t.Context(), "org_1", invitation{EmailAddress: "x@example.com", Role: "org:member", InviterUserID: "a/b"})
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
}
