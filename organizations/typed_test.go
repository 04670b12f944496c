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
	tenant struct {
		ID      string  `json:"id"`
		Slug    string  `json:"slug,omitempty"`
		Public  public  `json:"public_metadata"`
		Private private `json:"private_metadata"`
	}
	member struct {
		Role   string `json:"role"`
		Public title  `json:"public_metadata"`
	}
	title struct {
		Title string   `json:"title,omitempty"`
		Tags  []string `json:"tags,omitempty"`
	}
	rivals struct {
		Public struct{ F func() } `json:"public_metadata"`
	}
	misfit struct {
		ID     string         `json:"id"`
		Public map[string]int `json:"public_metadata"`
	}
)

func TestTypedOrganization(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	view := organizations.As[tenant](clerk.Client().Organizations)
	got, err := view.Get(t.Context(), "org_1")
	require.NoError(t, err)
	require.Equal(t, &tenant{ID: "org_1", Slug: got.Slug, Public: public{"free"}, Private: private{&plan{"pro"}}}, got)
	_, err = view.Get(t.Context(), "org_unknown")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
}

// A view reads an organization by its slug too, and writes to the id that it read.
func TestModifyBySlug(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, clerktest.Seed{Organizations: []clerktest.Organization{{ID: "org_named", Slug: "acme"}}})
	svc := clerk.Client().Organizations
	view := organizations.As[tenant](svc)
	for _, name := range []string{"acme", "org_named"} {
		got, err := view.Modify(t.Context(), name, func(v *tenant) error { v.Public.Tier += "x"; return nil })
		require.NoError(t, err)
		require.Equal(t, 1, got.Writes)
		require.Equal(t, "org_named", got.Value.ID)
	}
	for _, r := range clerk.Requests(clerktest.MergeOrganizationMetadata) {
		require.Equal(t, "/v1/organizations/org_named/metadata", r.Path)
	}
	clerk.ResetRequests()
	members := organizations.AsMemberships[member](svc)
	patch := metadata.Patch{"a": 1}
	for name, call := range map[string]func() error{
		"update": func() error {
			_, err := svc.UpdateOrganizationMetadata(t.Context(), "acme", organizations.UpdateOrganizationMetadataParams{PublicMetadata: patch})
			return err
		},
		"replace": func() error {
			_, err := svc.ReplaceOrganizationMetadata(t.Context(), "acme", organizations.ReplaceOrganizationMetadataParams{PublicMetadata: metadata.Empty()})
			return err
		},
		"update membership": func() error {
			_, err := svc.UpdateOrganizationMembershipMetadata(t.Context(), "acme", "user_1", organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: patch})
			return err
		},
		"get membership": func() error { _, err := svc.GetOrganizationMembership(t.Context(), "acme", "user_1"); return err },
		"all memberships": func() error {
			for _, err := range svc.AllMemberships(t.Context(), "acme", organizations.AllParams{}) {
				return err
			}
			return nil
		},
		"modify membership": func() error {
			_, err := members.Modify(t.Context(), "acme", "user_1", func(*member) error { return nil })
			return err
		},
	} {
		err := call()
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, name)
		require.ErrorContains(t, err, "organization_id: is a slug, by which Clerk only reads an organization: give its id (org_…)", name)
	}
	require.Empty(t, clerk.Requests())
}

func TestModifyOrganization(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	view := organizations.As[tenant](clerk.Client().Organizations)
	got, err := view.Modify(t.Context(), "org_1", func(v *tenant) error {
		_, err := clerk.Client().Organizations.UpdateOrganizationMetadata(t.Context(), "org_1",
			organizations.UpdateOrganizationMetadataParams{PublicMetadata: metadata.Patch{"region": "us"}})
		v.Public.Tier = ""
		v.Private.Billing = nil
		return err
	})
	require.NoError(t, err)
	require.Equal(t, `{"region":"us"}`, got.Organization.PublicMetadata.String())
	require.Equal(t, `{"billing":{"trial":true}}`, got.Organization.PrivateMetadata.String(), "what the type does not know stays")
	require.Equal(t, []string{"public_metadata/region"}, got.ConcurrentChanges)
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
	clerk := testkit.Start(t, seeded())
	view := organizations.AsMemberships[member](clerk.Client().Organizations)
	got, err := view.Get(t.Context(), "org_1", "user_1")
	require.NoError(t, err)
	require.Equal(t, &member{Role: "org:admin", Public: title{Title: "CEO"}}, got)

	strict := view.With(metadata.ModifyConfig{FailOnConcurrentChange: true})
	modified, err := strict.Modify(t.Context(), "org_1", "user_1", func(v *member) error {
		_, err := clerk.Client().Organizations.UpdateOrganizationMembershipMetadata(t.Context(), "org_1", "user_1",
			organizations.UpdateOrganizationMembershipMetadataParams{
				PublicMetadata: metadata.Patch{"tags": []string{"theirs"}}, PrivateMetadata: metadata.Patch{"unused": 1},
			})
		v.Public.Title = "CTO"
		return err
	})
	require.ErrorIs(t, err, clerkerr.ErrConcurrentChange)
	require.Equal(t, []string{"public_metadata/tags"}, modified.ConcurrentChanges, "a field that the type lacks is not compared")
	require.Equal(t, title{"CTO", []string{"theirs"}}, modified.Value.Public)
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
	clerk := testkit.Start(t, seeded())
	svc := clerk.Client().Organizations
	type unsafe struct {
		Unsafe map[string]any `json:"unsafe_metadata"`
	}
	_, get := organizations.As[rivals](svc).Get(t.Context(), "org_1")
	_, modify := organizations.As[rivals](svc).Modify(t.Context(), "org_1", func(*rivals) error { return nil })
	_, decode := organizations.As[rivals](svc).Decode(&organizations.Organization{})
	_, getMember := organizations.AsMemberships[rivals](svc).Get(t.Context(), "org_1", "user_1")
	_, modifyMember := organizations.AsMemberships[rivals](svc).Modify(t.Context(), "org_1", "user_1", func(*rivals) error { return nil })
	_, decodeMember := organizations.AsMemberships[rivals](svc).Decode(&organizations.Membership{})
	_, noCallback := organizations.AsMemberships[member](svc).Modify(t.Context(), "org_1", "user_1", nil)
	_, noUnsafe := organizations.As[unsafe](svc).Get(t.Context(), "org_1")
	_, noUnsafeMember := organizations.AsMemberships[unsafe](svc).Get(t.Context(), "org_1", "user_1")
	const fault = "type cannot hold metadata: organizations_test.rivals.public_metadata.F: "
	for says, err := range map[string]error{
		"GetOrganization: " + fault:                                                           get,
		"ModifyOrganizationMetadata: " + fault:                                                modify,
		"organizations.Decode: " + fault:                                                      decode,
		"GetOrganizationMembership: " + fault:                                                 getMember,
		"ModifyOrganizationMembershipMetadata: " + fault:                                      modifyMember,
		"organizations.DecodeMembership: " + fault:                                            decodeMember,
		"ModifyOrganizationMembershipMetadata: change: is nil":                                noCallback,
		"an organization has no unsafe_metadata, it has public_metadata and private_metadata": noUnsafe,
		"a membership has no unsafe_metadata, it has public_metadata and private_metadata":    noUnsafeMember,
	} {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, says)
		require.Equal(t, err != noCallback, errors.Is(err, metadata.ErrType), says) //nolint:errorlint // this very error
	}
	require.Empty(t, clerk.Requests())
}

// What is stored and does not fit is an error; a walk continues after it.
func TestTypedMismatch(t *testing.T) {
	t.Parallel()
	seed := seeded()
	seed.Organizations = append(seed.Organizations, clerktest.Organization{ID: "org_9"})
	clerk := testkit.Start(t, seed)
	svc := clerk.Client(client.WithRetry(client.Retry{MaxRetries: client.None})).Organizations
	odd := organizations.As[misfit](svc)
	got, err := odd.Get(t.Context(), "org_1")
	require.Nil(t, got)
	require.ErrorIs(t, err, metadata.ErrMismatch)
	oddMember := organizations.AsMemberships[misfit](svc)
	membership, err := oddMember.Get(t.Context(), "org_1", "user_1")
	require.Nil(t, membership)
	require.ErrorIs(t, err, metadata.ErrMismatch)

	var fit, misfits []string
	for o, err := range odd.All(t.Context(), organizations.AllParams{}) {
		var e *clerkerr.Error
		if errors.As(err, &e) {
			require.ErrorIs(t, err, metadata.ErrMismatch)
			require.Equal(t, "ListOrganizations", e.Operation)
			misfits = append(misfits, e.Entity)
			continue
		}
		fit = append(fit, o.ID)
	}
	require.Contains(t, misfits, "org_1")
	require.Contains(t, fit, "org_9")
	members := 0
	for m, err := range oddMember.All(t.Context(), "org_1", organizations.AllParams{}) {
		members++
		require.True(t, (m == nil) == errors.Is(err, metadata.ErrMismatch), "%v", err)
	}
	require.NotZero(t, members)

	clerk.Script(clerktest.MergeOrganizationMetadata, clerktest.Answer(http.StatusForbidden, "forbidden"))
	failed, err := organizations.As[tenant](svc).Modify(t.Context(), "org_1", func(v *tenant) error { v.Public.Tier = "x"; return nil })
	require.Nil(t, failed)
	require.ErrorIs(t, err, clerkerr.ErrForbidden)
}

func TestTypedDecodes(t *testing.T) {
	t.Parallel()
	svc := testkit.Start(t, seeded()).Client().Organizations
	organization, err := organizations.ParseOrganization([]byte(`{"id":"org_1","public_metadata":{"tier":"pro"}}`))
	require.NoError(t, err)
	_, err = organizations.As[tenant](svc).Decode(nil)
	require.ErrorContains(t, err, "organizations.Decode: organization: is nil")
	_, err = organizations.AsMemberships[member](svc).Decode(nil)
	require.ErrorContains(t, err, "organizations.DecodeMembership: membership: is nil")
	got, err := organizations.As[tenant](svc).Decode(organization)
	require.NoError(t, err)
	require.Equal(t, &tenant{ID: "org_1", Public: public{"pro"}}, got)
	membership, err := organizations.ParseMembership([]byte(`{"id":"orgmem_1","role":"org:member","public_metadata":{"title":"CTO"}}`))
	require.NoError(t, err)
	m, err := organizations.AsMemberships[member](svc).Decode(membership)
	require.NoError(t, err)
	require.Equal(t, &member{Role: "org:member", Public: title{Title: "CTO"}}, m)
}
