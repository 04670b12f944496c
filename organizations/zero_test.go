package organizations_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
)

func TestNilAndZeroService(t *testing.T) {
	t.Parallel()
	type entity struct {
		ID string `json:"id"`
	}
	ctx := t.Context()
	patch := metadata.Patch{"a": 1}
	for name, s := range map[string]*organizations.Service{"nil": nil, "zero": new(organizations.Service)} {
		view, members := organizations.As[entity](s), organizations.AsMemberships[entity](s)
		unchanged := func(*entity) error { return nil }
		_, update := s.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: patch})
		_, replace := s.ReplaceOrganizationMetadata(ctx, "org_1", organizations.ReplaceOrganizationMetadataParams{PublicMetadata: metadata.Empty()})
		_, get := s.GetOrganization(ctx, "org_1")
		_, updateMember := s.UpdateOrganizationMembershipMetadata(ctx, "org_1", "user_1", organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: patch})
		_, getMember := s.GetOrganizationMembership(ctx, "org_1", "user_1")
		_, typed := view.Get(ctx, "org_1")
		_, modify := view.Modify(ctx, "org_1", unchanged)
		_, typedMember := members.Get(ctx, "org_1", "user_1")
		_, modifyMember := members.Modify(ctx, "org_1", "user_1", unchanged)
		faults := map[string]error{
			"UpdateOrganizationMetadata": update, "ReplaceOrganizationMetadata": replace, "GetOrganization": get,
			"UpdateOrganizationMembershipMetadata": updateMember, "GetOrganizationMembership": getMember,
			"View.Get": typed, "View.Modify": modify, "MembershipView.Get": typedMember, "MembershipView.Modify": modifyMember,
		}
		for _, err := range s.All(ctx, organizations.AllParams{}) {
			faults["All"] = err
		}
		for _, err := range s.AllMemberships(ctx, "org_1", organizations.AllParams{}) {
			faults["AllMemberships"] = err
		}
		for _, err := range view.All(ctx, organizations.AllParams{}) {
			faults["View.All"] = err
		}
		for _, err := range members.All(ctx, "org_1", organizations.AllParams{}) {
			faults["MembershipView.All"] = err
		}
		require.Len(t, faults, 13)
		for call, err := range faults {
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, "%s %s", name, call)
			require.ErrorContains(t, err, "service: is nil or zero: make it with client.New", "%s %s", name, call)
		}
	}
}

func TestZeroView(t *testing.T) {
	t.Parallel()
	type entity struct {
		ID string `json:"id"`
	}
	ctx := t.Context()
	unchanged := func(*entity) error { return nil }
	var view organizations.View[entity]
	_, get := view.Get(ctx, "org_1")
	_, decode := view.Decode(new(organizations.Organization))
	_, modify := view.With(metadata.ModifyConfig{}).Modify(ctx, "org_1", unchanged)
	faults := []error{get, decode, modify}
	for _, err := range view.All(ctx, organizations.AllParams{}) {
		faults = append(faults, err)
	}
	var members organizations.MembershipView[entity]
	_, get = members.Get(ctx, "org_1", "user_1")
	_, decode = members.Decode(new(organizations.Membership))
	_, modify = members.With(metadata.ModifyConfig{}).Modify(ctx, "org_1", "user_1", unchanged)
	faults = append(faults, get, decode, modify)
	for _, err := range members.All(ctx, "org_1", organizations.AllParams{}) {
		faults = append(faults, err)
	}
	require.Len(t, faults, 8)
	for _, err := range faults {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, "view: is zero: make it with As or AsMemberships")
	}
}
