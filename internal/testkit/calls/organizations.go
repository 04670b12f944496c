package calls

import (
	"context"
	"errors"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/organizations"
)

// organization is one, or a membership, as a typed view reads it.
type organization struct {
	Public  content `json:"public_metadata"`
	Private content `json:"private_metadata"`
}

func (o *organization) merge(in Input) error {
	return errors.Join(o.Public.merge(in.Patch.Public), o.Private.merge(in.Patch.Private))
}

const organizationRoute = "/v1/organizations/{organization_id}"

func ofOrganizations() []Call {
	get := Request{"GetOrganization", http.MethodGet, organizationRoute, false}
	list := Request{"ListOrganizations", http.MethodGet, "/v1/organizations", false}
	update := Request{"UpdateOrganizationMetadata", http.MethodPatch, organizationRoute + "/metadata", true}
	replace := Request{"ReplaceOrganizationMetadata", http.MethodPut, organizationRoute + "/metadata", true}
	create := Request{"CreateOrganization", http.MethodPost, "/v1/organizations", true}
	id := []string{"organization_id"}
	return []Call{
		writes(Organization, "organizations.UpdateOrganizationMetadata", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Organizations.UpdateOrganizationMetadata(ctx, in.Organization,
				organizations.UpdateOrganizationMetadataParams{PublicMetadata: in.Patch.Public, PrivateMetadata: in.Patch.Private}))
		}, update),
		replaces(Organization, "organizations.ReplaceOrganizationMetadata", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Organizations.ReplaceOrganizationMetadata(ctx, in.Organization,
				organizations.ReplaceOrganizationMetadataParams{PublicMetadata: in.Value.Public, PrivateMetadata: in.Value.Private}))
		}, replace),
		creates(Organization, "organizations.CreateOrganization", nil, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Organizations.CreateOrganization(ctx, organizations.CreateOrganizationParams{
				PublicMetadata: in.Value.Public, PrivateMetadata: in.Value.Private,
				Name: "Acme, Inc.", Slug: "acme", MaxAllowedMemberships: 5,
			}))
		}, create),
		reads("organizations.GetOrganization", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Organizations.GetOrganization(ctx, in.Organization))
		}, partly(get)),
		lists("organizations.All", nil, func(ctx context.Context, s SDK, in Input) Result {
			return walked(s.Organizations.All(ctx, organizations.AllParams{PageSize: in.PageSize}), in.Limit)
		}, list),
		reads("organizations.View.Get", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(organizations.As[organization](s.Organizations).Get(ctx, in.Organization))
		}, get),
		lists("organizations.View.All", nil, func(ctx context.Context, s SDK, in Input) Result {
			return walked(organizations.As[organization](s.Organizations).All(ctx, organizations.AllParams{PageSize: in.PageSize}), in.Limit)
		}, list),
		writes(Organization, "organizations.View.Modify", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(organizations.As[organization](s.Organizations).Modify(ctx, in.Organization,
				func(o *organization) error { return o.merge(in) }))
		}, get, update),
	}
}

func ofMemberships() []Call {
	const route = organizationRoute + "/memberships"
	// One is read by a filter of the list, of which nothing is half read.
	get := Request{"GetOrganizationMembership", http.MethodGet, route, false}
	list := Request{"ListOrganizationMemberships", http.MethodGet, route, false}
	update := Request{"UpdateOrganizationMembershipMetadata", http.MethodPatch, route + "/{user_id}/metadata", true}
	create := Request{"CreateOrganizationMembership", http.MethodPost, route, true}
	ids := []string{"organization_id", "user_id"}
	return []Call{
		writes(Membership, "organizations.UpdateOrganizationMembershipMetadata", ids, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Organizations.UpdateOrganizationMembershipMetadata(ctx, in.Organization, in.User,
				organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: in.Patch.Public, PrivateMetadata: in.Patch.Private}))
		}, update),
		creates(Membership, "organizations.CreateOrganizationMembership", ids, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Organizations.CreateOrganizationMembership(ctx, in.Organization, in.Newcomer,
				organizations.CreateOrganizationMembershipParams{PublicMetadata: in.Value.Public, PrivateMetadata: in.Value.Private, Role: "org:member"}))
		}, create),
		reads("organizations.GetOrganizationMembership", ids, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Organizations.GetOrganizationMembership(ctx, in.Organization, in.User))
		}, get),
		lists("organizations.AllMemberships", ids[:1], func(ctx context.Context, s SDK, in Input) Result {
			return walked(s.Organizations.AllMemberships(ctx, in.Organization, organizations.AllParams{PageSize: in.PageSize}), in.Limit)
		}, list),
		reads("organizations.MembershipView.Get", ids, func(ctx context.Context, s SDK, in Input) Result {
			return one(organizations.AsMemberships[organization](s.Organizations).Get(ctx, in.Organization, in.User))
		}, get),
		lists("organizations.MembershipView.All", ids[:1], func(ctx context.Context, s SDK, in Input) Result {
			return walked(organizations.AsMemberships[organization](s.Organizations).All(ctx, in.Organization,
				organizations.AllParams{PageSize: in.PageSize}), in.Limit)
		}, list),
		writes(Membership, "organizations.MembershipView.Modify", ids, func(ctx context.Context, s SDK, in Input) Result {
			return one(organizations.AsMemberships[organization](s.Organizations).Modify(ctx, in.Organization, in.User,
				func(o *organization) error { return o.merge(in) }))
		}, get, update),
	}
}
