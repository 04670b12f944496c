package organizations_test

import (
	"errors"
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

type (
	public struct {
		Tier string `json:"tier,omitempty"`
	}
	private struct {
		Billing *plan `json:"billing,omitempty"`
	}
	plan struct {
		Plan string `json:"plan"`
	}
	tenant = organizations.Values[public, private]
	member = organizations.Values[title, metadata.None]
	title  struct {
		Title string   `json:"title,omitempty"`
		Tags  []string `json:"tags,omitempty"`
	}
	rivals struct{ F func() }
)

func TestTypedOrganization(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded()...)
	view := organizations.For[public, private](clerk.Client().Organizations)
	got, err := view.Get(t.Context(), "org_1")
	require.NoError(t, err)
	require.Equal(t, tenant{public{"free"}, private{&plan{"pro"}}}, got.Values)
	require.Equal(t, "org_1", got.ID)

	replaced, err := view.Replace(t.Context(), "org_1", organizations.Replacement[public, private]{Private: &private{&plan{"<a>"}}})
	require.NoError(t, err)
	require.Equal(t, tenant{public{"free"}, private{&plan{"<a>"}}}, replaced.Values)
	requests := clerk.Requests(clerktest.ReplaceOrganizationMetadata)
	require.Len(t, requests, 1)
	require.Equal(t, `{"private_metadata":{"billing":{"plan":"<a>"}}}`, string(requests[0].Body), "public metadata is left alone")

	none, err := view.Replace(t.Context(), "org_1", organizations.Replacement[public, private]{})
	require.Nil(t, none)
	require.ErrorIs(t, err, clerkerr.ErrNothingToWrite)
	_, err = view.Get(t.Context(), "org_unknown")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
}

func TestModifyOrganization(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded()...)
	view := organizations.For[public, private](clerk.Client().Organizations)
	got, err := view.Modify(t.Context(), "org_1", func(v *tenant) error {
		_, err := clerk.Client().Organizations.UpdateOrganizationMetadata(t.Context(), "org_1",
			organizations.UpdateOrganizationMetadataParams{PublicMetadata: metadata.Patch{"region": "us"}})
		v.Public.Tier = ""
		v.Private.Billing = nil
		return err
	})
	require.NoError(t, err)
	require.Equal(t, `{"region":"us"}`, got.PublicMetadata.String())
	require.Equal(t, `{"billing":{"trial":true}}`, got.PrivateMetadata.String(), "what the type does not know stays")
	require.Equal(t, []string{"public_metadata/region"}, got.Foreign)
	require.Equal(t, 1, got.Writes)
	requests := clerk.Requests(clerktest.MergeOrganizationMetadata)
	require.Len(t, requests, 2)
	require.Equal(t, `{"private_metadata":{"billing":{"plan":null}},"public_metadata":{"tier":null}}`, string(requests[1].Body))

	clerk.ResetRequests()
	same, err := view.Modify(t.Context(), "org_1", func(*tenant) error { return nil })
	require.NoError(t, err)
	require.Zero(t, same.Writes)
	require.Zero(t, same.Sent)
	require.Len(t, clerk.Requests(), 1, "the read alone")

	own := errors.New("the caller's own")
	failed, err := view.Modify(t.Context(), "org_1", func(*tenant) error { return own })
	require.Nil(t, failed)
	require.Same(t, own, err)
	large, err := view.Modify(t.Context(), "org_1", func(v *tenant) error { v.Public.Tier = strings.Repeat("x", 8192); return nil })
	require.Nil(t, large)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge)
	require.ErrorContains(t, err, "ModifyOrganizationMetadata: public_metadata: ")
}

func TestTypedMembership(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded()...)
	view := organizations.ForMemberships[title, metadata.None](clerk.Client().Organizations)
	got, err := view.Get(t.Context(), "org_1", "user_1")
	require.NoError(t, err)
	require.Equal(t, title{Title: "CEO"}, got.Values.Public)
	require.Equal(t, "org:admin", got.Role)

	modified, err := view.Modify(t.Context(), "org_1", "user_1", func(v *member) error {
		_, err := clerk.Client().Organizations.UpdateOrganizationMembershipMetadata(t.Context(), "org_1", "user_1",
			organizations.UpdateOrganizationMembershipMetadataParams{
				PublicMetadata: metadata.Patch{"tags": []string{"theirs"}}, PrivateMetadata: metadata.Patch{"unused": 1},
			})
		v.Public.Title = "CTO"
		return err
	}, metadata.FailOnForeignChange())
	require.ErrorIs(t, err, clerkerr.ErrForeignChange)
	require.Equal(t, []string{"public_metadata/tags"}, modified.Foreign, "a field that is not used is not looked at")
	require.Equal(t, title{"CTO", []string{"theirs"}}, modified.Values.Public)
	requests := clerk.Requests(clerktest.UpdateOrganizationMembershipMetadata)
	require.Len(t, requests, 2)
	require.Equal(t, `{"public_metadata":{"title":"CTO"}}`, string(requests[1].Body))
	require.Equal(t, organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: metadata.Patch{"title": "CTO"}}, modified.Sent)

	large, err := view.Modify(t.Context(), "org_1", "user_1", func(v *member) error { v.Public.Title = strings.Repeat("x", 8192); return nil })
	require.Nil(t, large)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, "before the write")
	same, err := view.Modify(t.Context(), "org_1", "user_1", func(*member) error { return nil })
	require.NoError(t, err)
	require.Zero(t, same.Sent)
	for name, ids := range map[string][2]string{"no such member": {"org_1", "user_3"}, "no such organization": {"org_2", "user_1"}} {
		_, err = view.Get(t.Context(), ids[0], ids[1])
		require.ErrorIs(t, err, clerkerr.ErrNotFound, name)
		failed, err := view.Modify(t.Context(), ids[0], ids[1], func(*member) error { return nil })
		require.Nil(t, failed, name)
		require.ErrorIs(t, err, clerkerr.ErrNotFound, name)
	}
}

func TestTypedRefusesTypes(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded()...)
	svc := clerk.Client().Organizations
	_, get := organizations.For[rivals, metadata.None](svc).Get(t.Context(), "org_1")
	_, replace := organizations.For[metadata.None, rivals](svc).Replace(t.Context(), "org_1", organizations.Replacement[metadata.None, rivals]{})
	_, modify := organizations.For[rivals, rivals](svc).Modify(t.Context(), "org_1", func(*organizations.Values[rivals, rivals]) error { return nil })
	_, getMember := organizations.ForMemberships[rivals, metadata.None](svc).Get(t.Context(), "org_1", "user_1")
	_, modifyMember := organizations.ForMemberships[rivals, rivals](svc).Modify(t.Context(), "org_1", "user_1", func(*organizations.Values[rivals, rivals]) error { return nil })
	_, noCallback := organizations.ForMemberships[title, title](svc).Modify(t.Context(), "org_1", "user_1", nil)
	for says, err := range map[string]error{
		"GetOrganization: public_metadata: ":                      get,
		"ReplaceOrganizationMetadata: private_metadata: ":         replace,
		"ModifyOrganizationMetadata: public_metadata: ":           modify,
		"GetOrganizationMembership: public_metadata: ":            getMember,
		"ModifyOrganizationMembershipMetadata: public_metadata: ": modifyMember,
		"ModifyOrganizationMembershipMetadata: change: is nil":    noCallback,
	} {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, says)
		require.Equal(t, err != noCallback, errors.Is(err, metadata.ErrType), says) //nolint:errorlint // this very error
	}
	require.Empty(t, clerk.Requests())
}

// What is stored and does not fit is an error, beside the entity where the write
// was applied.
func TestTypedMismatch(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded()...)
	svc := clerk.Client(client.WithMaxRetries(0)).Organizations
	odd := organizations.For[public, map[string]int](svc)
	got, err := odd.Get(t.Context(), "org_1")
	require.Nil(t, got)
	require.ErrorIs(t, err, metadata.ErrMismatch)
	replaced, err := odd.Replace(t.Context(), "org_1", organizations.Replacement[public, map[string]int]{Public: &public{"new"}})
	require.ErrorIs(t, err, metadata.ErrMismatch)
	require.Equal(t, `{"tier":"new"}`, replaced.PublicMetadata.String())
	oddMember := organizations.ForMemberships[map[string]int, metadata.None](svc)
	membership, err := oddMember.Get(t.Context(), "org_1", "user_1")
	require.Nil(t, membership)
	require.ErrorIs(t, err, metadata.ErrMismatch)

	clerk.Script(clerktest.MergeOrganizationMetadata, clerktest.Answer(http.StatusForbidden, "forbidden"))
	failed, err := organizations.For[public, private](svc).Modify(t.Context(), "org_1", func(v *tenant) error { v.Public.Tier = "x"; return nil })
	require.Nil(t, failed)
	require.ErrorIs(t, err, clerkerr.ErrForbidden)
}
