package organizations_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
)

func TestWriter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clerk := testkit.Start(t, seeded()...)
		w, err := organizations.NewWriter(clerk.Client().Organizations)
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
		require.ErrorIs(t, err, organizations.ErrWriterClosed)
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

func TestMembershipWriter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clerk := testkit.Start(t, seeded()...)
		w, err := organizations.NewMembershipWriter(clerk.Client().Organizations)
		require.NoError(t, err)
		params := func(i int) organizations.UpdateOrganizationMembershipMetadataParams {
			return organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: metadata.Patch{fmt.Sprint("k", i%3): i}}
		}
		for i := range 20 {
			_, err := w.Submit(t.Context(), "org_1", "user_1", params(i))
			require.NoError(t, err)
		}
		m, err := w.Update(t.Context(), "org_1", "user_1", params(20))
		require.NoError(t, err)
		require.Equal(t, "user_1", m.UserID)
		require.Len(t, clerk.Requests(), 1)
		require.Equal(t, `{"public_metadata":{"k0":18,"k1":19,"k2":20}}`, sorted(t, clerk.Requests()[0].Body))
		require.NoError(t, w.Flush(t.Context()))
		_, err = w.Submit(t.Context(), "org_1", "user_none", params(0))
		require.NoError(t, err)
		require.ErrorContains(t, w.Close(t.Context()), `"org_1/user_none": clerk: UpdateOrganizationMembershipMetadata: status 404`)
	})
}

func TestWritersRefuse(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t)
	svc := clerk.Client().Organizations
	w, err := organizations.NewWriter(svc, organizations.WithInterval(1), organizations.WithWorkers(1))
	require.NoError(t, err)
	mw, err := organizations.NewMembershipWriter(svc, organizations.WithMaxPending(1), organizations.WithMaxBatch(1, 1))
	require.NoError(t, err)
	good := organizations.UpdateOrganizationMetadataParams{PublicMetadata: metadata.Patch{"a": 1}}
	member := organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: metadata.Patch{"a": 1}}
	var none context.Context
	for says, call := range map[string]func() error{
		"organization_id: is empty": func() error { _, err := w.Update(t.Context(), "", good); return err },
		"UpdateOrganizationMetadata: nothing": func() error {
			_, err := w.Submit(t.Context(), "org_1", organizations.UpdateOrganizationMetadataParams{})
			return err
		},
		"UpdateOrganizationMetadata: ctx":           func() error { _, err := w.Submit(none, "org_1", good); return err },
		"the ids are swapped":                       func() error { _, err := mw.Update(t.Context(), "user_1", "org_1", member); return err },
		"UpdateOrganizationMembershipMetadata: ctx": func() error { _, err := mw.Submit(none, "org_1", "user_1", member); return err },
		"NewWriter: svc: is nil":                    func() error { _, err := organizations.NewWriter(nil); return err },
		"NewMembershipWriter: svc: is nil":          func() error { _, err := organizations.NewMembershipWriter(nil); return err },
		"NewWriter: WithWorkers: is 0":              func() error { _, err := organizations.NewWriter(svc, organizations.WithWorkers(0)); return err },
		"NewMembershipWriter: WithMaxPending: is 0": func() error {
			_, err := organizations.NewMembershipWriter(svc, organizations.WithMaxPending(0))
			return err
		},
		"NewMembershipWriter: WithInterval: is -1ns": func() error {
			_, err := organizations.NewMembershipWriter(svc, organizations.WithInterval(-1))
			return err
		},
		"NewMembershipWriter: WithMaxBatch: is 1 upd": func() error {
			_, err := organizations.NewMembershipWriter(svc, organizations.WithMaxBatch(1, 0))
			return err
		},
	} {
		err := call()
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, says)
	}
	require.NoError(t, w.Close(t.Context()))
	require.NoError(t, mw.Close(t.Context()))
	require.Empty(t, clerk.Requests())
}
