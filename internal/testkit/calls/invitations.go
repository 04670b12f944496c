package calls

import (
	"context"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func ofInvitations() []Call {
	const route, memberRoute = "/v1/invitations", organizationRoute + "/invitations"
	create := Request{"CreateInvitation", http.MethodPost, route, true}
	bulk := Request{"CreateInvitations", http.MethodPost, route + "/bulk", false}
	find := Request{"FindInvitation", http.MethodGet, route, false}
	list := Request{"ListInvitations", http.MethodGet, route, false}
	revoke := Request{"RevokeInvitation", http.MethodPost, route + "/{invitation_id}/revoke", true}
	createMember := Request{"CreateOrganizationInvitation", http.MethodPost, memberRoute, true}
	bulkMember := Request{"CreateOrganizationInvitations", http.MethodPost, memberRoute + "/bulk", false}
	findMember := Request{"FindInvitation", http.MethodGet, memberRoute, false}
	listMember := Request{"ListOrganizationInvitations", http.MethodGet, memberRoute, false}
	revokeMember := Request{"RevokeOrganizationInvitation", http.MethodPost, memberRoute + "/{invitation_id}/revoke", true}
	id, organization := []string{"invitation_id"}, []string{"organization_id"}
	invited := func(in Input, address string) users.CreateInvitationParams {
		return users.CreateInvitationParams{
			EmailAddress: address, PublicMetadata: in.Value.Public,
			RedirectURL: "https://example.com/join", ExpiresInDays: 7, WithoutEmail: true,
		}
	}
	member := func(in Input, address string) organizations.CreateOrganizationInvitationParams {
		return organizations.CreateOrganizationInvitationParams{
			EmailAddress: address, Role: "org:member", PublicMetadata: in.Value.Public, PrivateMetadata: in.Value.Private,
			RedirectURL: "https://example.com/join", ExpiresInDays: 7, WithoutEmail: true,
		}
	}
	return []Call{
		creates(Invited, "users.CreateInvitation", nil, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Users.CreateInvitation(ctx, invited(in, "one@example.com")))
		}, create),
		inBulk(creates(Invited, "users.CreateInvitations", nil, func(ctx context.Context, s SDK, in Input) Result {
			return many(s.Users.CreateInvitations(ctx, []users.CreateInvitationParams{invited(in, "two@example.com"), invited(in, "three@example.com")}))
		}, bulk)),
		reads("users.FindInvitation", nil, func(ctx context.Context, s SDK, _ Input) Result {
			return one(s.Users.FindInvitation(ctx, Guest))
		}, find),
		lists("users.AllInvitations", nil, func(ctx context.Context, s SDK, in Input) Result {
			return walked(s.Users.AllInvitations(ctx, users.AllInvitationsParams{PageSize: in.PageSize}), in.Limit)
		}, list),
		revokes(Invited, "users.RevokeInvitation", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Users.RevokeInvitation(ctx, in.Invitation))
		}, revoke),
		creates(InvitedMember, "organizations.CreateOrganizationInvitation", organization, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Organizations.CreateOrganizationInvitation(ctx, in.Organization, member(in, "one@example.com")))
		}, createMember),
		inBulk(creates(InvitedMember, "organizations.CreateOrganizationInvitations", organization, func(ctx context.Context, s SDK, in Input) Result {
			return many(s.Organizations.CreateOrganizationInvitations(ctx, in.Organization,
				[]organizations.CreateOrganizationInvitationParams{member(in, "two@example.com"), member(in, "three@example.com")}))
		}, bulkMember)),
		reads("organizations.FindInvitation", organization, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Organizations.FindInvitation(ctx, in.Organization, Guest))
		}, findMember),
		lists("organizations.AllInvitations", organization, func(ctx context.Context, s SDK, in Input) Result {
			return walked(s.Organizations.AllInvitations(ctx, in.Organization, organizations.AllInvitationsParams{PageSize: in.PageSize}), in.Limit)
		}, listMember),
		revokes(InvitedMember, "organizations.RevokeOrganizationInvitation", append(organization, id...), func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Organizations.RevokeOrganizationInvitation(ctx, in.Organization, in.MemberInvitation))
		}, revokeMember),
	}
}

// inBulk is a creation of two elements of a list.
func inBulk(c Call) Call {
	c.Creates, c.Element, c.List = 2, "invitations[0]", true
	return c
}

// many is the result of a call that returns several entities.
func many[T any](entities []*T, err error) Result {
	r := Result{Err: err}
	for _, entity := range entities {
		r.Found = append(r.Found, entity)
	}
	return r
}
