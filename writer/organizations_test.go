package writer_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

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

func TestOrganizations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clerk := testkit.Start(t, seeded())
		w, err := writer.Organizations(clerk.Client().Organizations, writer.Config{})
		require.NoError(t, err)
		for i := range 20 {
			_, err := w.Submit(t.Context(), "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: metadata.Patch{"n": i}})
			require.NoError(t, err)
		}
		o, err := w.Update(t.Context(), "org_1", organizations.UpdateOrganizationMetadataParams{PrivateMetadata: metadata.Patch{"p": true}})
		require.NoError(t, err)
		require.Len(t, clerk.Requests(), 1)
		require.Equal(t, `{"private_metadata":{"p":true},"public_metadata":{"n":19}}`, sorted(t, clerk.Requests()[0].Body))
		require.Equal(t, `{"billing":{"plan":"pro","trial":true},"p":true}`, o.PrivateMetadata.String())
		require.NoError(t, w.Flush(t.Context()))
		_, err = w.Submit(t.Context(), "org_none", organizations.UpdateOrganizationMetadataParams{PublicMetadata: metadata.Patch{"n": 1}})
		require.NoError(t, err)
		err = w.Close(t.Context())
		require.ErrorIs(t, err, clerkerr.ErrNotFound)
		require.ErrorContains(t, err, "updates failed: 1\n\"org_none\": clerk: UpdateOrganizationMetadata: status 404")
		_, err = w.Update(t.Context(), "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: metadata.Patch{"n": 1}})
		require.ErrorIs(t, err, writer.ErrClosed)
	})
}

// sorted is a JSON text in the order of its keys.
func sorted(t *testing.T, text []byte) string {
	t.Helper()
	o, err := metadata.ParseObject(text)
	require.NoError(t, err)
	m, err := o.Map()
	require.NoError(t, err)
	return metadata.Of(m).String()
}

func member(userID string) writer.MembershipID {
	return writer.MembershipID{OrganizationID: "org_1", UserID: userID}
}

func TestMemberships(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clerk := testkit.Start(t, seeded())
		w, err := writer.Memberships(clerk.Client().Organizations, writer.Config{})
		require.NoError(t, err)
		params := func(i int) organizations.UpdateOrganizationMembershipMetadataParams {
			return organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: metadata.Patch{fmt.Sprint("k", i%3): i}}
		}
		for i := range 20 {
			_, err := w.Submit(t.Context(), member("user_1"), params(i))
			require.NoError(t, err)
		}
		m, err := w.Update(t.Context(), member("user_1"), params(20))
		require.NoError(t, err)
		require.Equal(t, "user_1", m.UserID)
		require.Len(t, clerk.Requests(), 1)
		require.Equal(t, `{"public_metadata":{"k0":18,"k1":19,"k2":20}}`, sorted(t, clerk.Requests()[0].Body))
		require.NoError(t, w.Flush(t.Context()))
		_, err = w.Submit(t.Context(), member("user_none"), params(0))
		require.NoError(t, err)
		require.ErrorContains(t, w.Close(t.Context()), `"org_1/user_none": clerk: UpdateOrganizationMembershipMetadata: status 404`)
	})
}

func TestOrganizationsRefuse(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, clerktest.Seed{})
	svc := clerk.Client().Organizations
	w, err := writer.Organizations(svc, writer.Config{Interval: 1, Workers: 1})
	require.NoError(t, err)
	mw, err := writer.Memberships(svc, writer.Config{MaxPending: 1, MaxUpdates: 1, MaxBytes: 1})
	require.NoError(t, err)
	good := organizations.UpdateOrganizationMetadataParams{PublicMetadata: metadata.Patch{"a": 1}}
	title := organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: metadata.Patch{"a": 1}}
	var none context.Context
	for says, call := range map[string]func() error{
		"organization_id: is a slug": func() error { _, err := w.Update(t.Context(), "acme", good); return err },
		"MembershipMetadata: organization_id: is a slug": func() error {
			_, err := mw.Update(t.Context(), writer.MembershipID{OrganizationID: "acme", UserID: "user_1"}, title)
			return err
		},
		"organization_id: is empty": func() error { _, err := w.Update(t.Context(), "", good); return err },
		"UpdateOrganizationMetadata: nothing": func() error {
			_, err := w.Submit(t.Context(), "org_1", organizations.UpdateOrganizationMetadataParams{})
			return err
		},
		"UpdateOrganizationMetadata: ctx": func() error { _, err := w.Submit(none, "org_1", good); return err },
		"the ids are swapped": func() error {
			_, err := mw.Update(t.Context(), writer.MembershipID{OrganizationID: "user_1", UserID: "org_1"}, title)
			return err
		},
		"UpdateOrganizationMembershipMetadata: ctx": func() error { _, err := mw.Submit(none, member("user_1"), title); return err },
		"writer.Organizations: svc: is nil":         func() error { _, err := writer.Organizations(nil, writer.Config{}); return err },
		"writer.Memberships: svc: is nil":           func() error { _, err := writer.Memberships(nil, writer.Config{}); return err },
		"writer.Organizations: Workers: is -1":      func() error { _, err := writer.Organizations(svc, writer.Config{Workers: -1}); return err },
		"writer.Memberships: MaxPending: is -1":     func() error { _, err := writer.Memberships(svc, writer.Config{MaxPending: -1}); return err },
	} {
		err := call()
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, says)
	}
	require.NoError(t, w.Close(t.Context()))
	require.NoError(t, mw.Close(t.Context()))
	require.Empty(t, clerk.Requests())
}
