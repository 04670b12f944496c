package organizations_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
)

// noContext is what a caller has who forgot.
var noContext context.Context

func seeded() clerktest.Seed {
	return clerktest.Seed{
		Users: []clerktest.User{{ID: "user_1"}, {ID: "user_2"}, {ID: "user_3"}},
		Organizations: []clerktest.Organization{{
			ID: "org_1", Slug: "acme", Name: "Acme",
			PublicMetadata:  map[string]any{"tier": "free", "region": "eu"},
			PrivateMetadata: map[string]any{"billing": map[string]any{"plan": "pro", "trial": true}},
		}},
		Memberships: []clerktest.Membership{
			{OrganizationID: "org_1", UserID: "user_1", Role: "org:admin", PublicMetadata: map[string]any{"title": "CEO"}},
			{OrganizationID: "org_1", UserID: "user_2"},
		},
	}
}

func TestUpdateOrganizationMetadata(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	org, err := clerk.Client().Organizations.UpdateOrganizationMetadata(t.Context(), "org_1", organizations.UpdateOrganizationMetadataParams{
		PublicMetadata:  metadata.Patch{"tier": "enterprise", "region": metadata.Delete},
		PrivateMetadata: metadata.Patch{"billing": metadata.Patch{"trial": metadata.Delete}},
	})
	require.NoError(t, err)
	require.Equal(t, "org_1", org.ID)
	require.Equal(t, "acme", org.Slug)
	require.Equal(t, "Acme", org.Name)
	require.Equal(t, `{"tier":"enterprise"}`, org.PublicMetadata.String())
	require.Equal(t, `{"billing":{"plan":"pro"}}`, org.PrivateMetadata.String())
	requireRequest(t, clerk, http.MethodPatch, "/v1/organizations/org_1/metadata",
		`{"private_metadata":{"billing":{"trial":null}},"public_metadata":{"region":null,"tier":"enterprise"}}`)
}

func TestReplaceOrganizationMetadata(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	org, err := clerk.Client().Organizations.ReplaceOrganizationMetadata(t.Context(), "org_1", organizations.ReplaceOrganizationMetadataParams{
		PublicMetadata: metadata.Of(map[string]any{"tier": nil}), PrivateMetadata: metadata.Empty(),
	})
	require.NoError(t, err)
	require.Equal(t, `{"tier":null}`, org.PublicMetadata.String())
	require.Equal(t, `{}`, org.PrivateMetadata.String())
	requireRequest(t, clerk, http.MethodPut, "/v1/organizations/org_1/metadata",
		`{"private_metadata":{},"public_metadata":{"tier":null}}`)
}

func TestUpdateOrganizationMembershipMetadata(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	m, err := clerk.Client().Organizations.UpdateOrganizationMembershipMetadata(t.Context(), "org_1", "user_1",
		organizations.UpdateOrganizationMembershipMetadataParams{
			PublicMetadata: metadata.Patch{"title": metadata.Delete}, PrivateMetadata: metadata.Patch{"note": "founder"},
		})
	require.NoError(t, err)
	require.Equal(t, "org_1", m.OrganizationID)
	require.Equal(t, "user_1", m.UserID)
	require.Equal(t, "org:admin", m.Role)
	require.Equal(t, `{}`, m.PublicMetadata.String())
	require.Equal(t, `{"note":"founder"}`, m.PrivateMetadata.String())
	requireRequest(t, clerk, http.MethodPatch, "/v1/organizations/org_1/memberships/user_1/metadata",
		`{"private_metadata":{"note":"founder"},"public_metadata":{"title":null}}`)
}

func requireRequest(t *testing.T, clerk *clerktest.Test, method, path, body string) {
	t.Helper()
	requests := clerk.Requests()
	require.Len(t, requests, 1)
	require.Equal(t, method, requests[0].Method)
	require.Equal(t, path, requests[0].Path)
	require.Equal(t, body, string(requests[0].Body), "the bytes on the wire")
}

func TestGetOrganization(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc := clerk.Client().Organizations
	for _, id := range []string{"org_1", "acme"} {
		org, err := svc.GetOrganization(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "org_1", org.ID)
		require.Equal(t, `{"region":"eu","tier":"free"}`, org.PublicMetadata.String())
		require.False(t, org.UpdatedAt.IsZero())
	}
	_, err := svc.GetOrganization(t.Context(), "org_unknown")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
}

func TestGetOrganizationMembership(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc := clerk.Client().Organizations
	m, err := svc.GetOrganizationMembership(t.Context(), "org_1", "user_1")
	require.NoError(t, err)
	require.Equal(t, "user_1", m.UserID)
	require.Equal(t, `{"title":"CEO"}`, m.PublicMetadata.String())
	require.Equal(t, "user_1", clerk.Requests()[0].Query.Get("user_id"))

	for name, ids := range map[string][2]string{
		"not a member":         {"org_1", "user_3"},
		"no such user":         {"org_1", "user_unknown"},
		"no such organization": {"org_unknown", "user_1"},
	} {
		m, err := svc.GetOrganizationMembership(t.Context(), ids[0], ids[1])
		require.Nil(t, m, name)
		require.ErrorIs(t, err, clerkerr.ErrNotFound, name)
	}
}

func TestMissingMembershipInventsNoStatus(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	clerk.Script(clerktest.ListOrganizationMemberships, clerktest.Answer(http.StatusServiceUnavailable, "service_unavailable"))
	_, err := clerk.Client(client.WithRetry(client.Retry{BaseDelay: client.None})).Organizations.GetOrganizationMembership(t.Context(), "org_1", "user_3")
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
	require.Equal(t, http.StatusOK, e.Status, "what the list was answered with")
	require.Equal(t, 2, e.Attempts)
	require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
	require.Empty(t, e.Codes())
}

func TestOrganizationsNotEnabled(t *testing.T) {
	t.Parallel()
	clerk := testkit.StartWith(t, clerktest.Config{OrganizationsDisabled: true}, seeded())
	_, err := clerk.Client().Organizations.GetOrganization(t.Context(), "org_1")
	require.ErrorIs(t, err, clerkerr.ErrForbidden)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "organization_not_enabled_in_instance", e.Code())
}

func TestRefusedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc, ctx := clerk.Client().Organizations, t.Context()
	patch := metadata.Patch{"a": 1}
	var (
		update  = organizations.UpdateOrganizationMetadataParams{PublicMetadata: patch}
		replace = organizations.ReplaceOrganizationMetadataParams{PublicMetadata: metadata.Empty()}
		member  = organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: patch}
	)
	calls := map[string]struct {
		call func() error
		says string
	}{
		"update: id": {func() error { _, err := svc.UpdateOrganizationMetadata(ctx, "a/../b", update); return err }, "organization_id: holds '/'"},
		"update: nothing": {func() error {
			_, err := svc.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{})
			return err
		}, "nothing to write"},
		"update: null": {func() error {
			_, err := svc.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{PrivateMetadata: metadata.Patch{"a": nil}})
			return err
		}, "private_metadata: /a: null"},
		"update: context": {func() error { _, err := svc.UpdateOrganizationMetadata(noContext, "org_1", update); return err }, "ctx: is nil"},
		"replace: id":     {func() error { _, err := svc.ReplaceOrganizationMetadata(ctx, "", replace); return err }, "organization_id: is empty"},
		"replace: nothing": {func() error {
			_, err := svc.ReplaceOrganizationMetadata(ctx, "org_1", organizations.ReplaceOrganizationMetadataParams{})
			return err
		}, "nothing to write"},
		"replace: size": {func() error {
			_, err := svc.ReplaceOrganizationMetadata(ctx, "org_1", organizations.ReplaceOrganizationMetadataParams{PrivateMetadata: metadata.Of(map[string]string{"k": strings.Repeat("x", metadata.MaxSize)})})
			return err
		}, "private_metadata: too large"},
		"member: swapped": {func() error {
			_, err := svc.UpdateOrganizationMembershipMetadata(ctx, "user_1", "org_1", member)
			return err
		}, "swapped"},
		"member: user": {func() error {
			_, err := svc.UpdateOrganizationMembershipMetadata(ctx, "org_1", "user#1", member)
			return err
		}, "user_id: holds '#'"},
		"member: nothing": {func() error {
			_, err := svc.UpdateOrganizationMembershipMetadata(ctx, "org_1", "user_1", organizations.UpdateOrganizationMembershipMetadataParams{})
			return err
		}, "nothing to write"},
		"member: context": {func() error {
			_, err := svc.UpdateOrganizationMembershipMetadata(noContext, "org_1", "user_1", member)
			return err
		}, "ctx: is nil"},
		"get: id":             {func() error { _, err := svc.GetOrganization(ctx, ".."); return err }, "organization_id: "},
		"get member: swapped": {func() error { _, err := svc.GetOrganizationMembership(ctx, "user_1", "org_1"); return err }, "swapped"},
		"get member: plus":    {func() error { _, err := svc.GetOrganizationMembership(ctx, "org_1", "+user_1"); return err }, "user_id: begins with a sign"},
		"get member: minus":   {func() error { _, err := svc.GetOrganizationMembership(ctx, "org_1", "-user_1"); return err }, "user_id: begins with a sign"},
	}
	for name, tc := range calls {
		err := tc.call()
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, name)
		require.ErrorContains(t, err, tc.says, name)
	}
	require.Empty(t, clerk.Requests())
}
