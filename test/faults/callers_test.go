package faults

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Each caller has a user, an organization and a membership of its own; all of
// them share one more user and one more organization.
const shared = "shared"

func newRound(t *testing.T, seed uint64) *round {
	t.Helper()
	content := clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_" + shared}},
		Organizations: []clerktest.Organization{{ID: "org_" + shared}},
	}
	for i := range callers {
		user, org := fmt.Sprintf("user_%d", i), fmt.Sprintf("org_%d", i)
		content.Users = append(content.Users, clerktest.User{ID: user})
		content.Organizations = append(content.Organizations, clerktest.Organization{ID: org})
		content.Memberships = append(content.Memberships, clerktest.Membership{OrganizationID: "org_" + shared, UserID: user})
		content.Sessions = append(content.Sessions, clerktest.Session{UserID: user, ClientToken: "client_" + user})
	}
	clerk, err := clerktest.Config{RequestLog: 1}.New(content)
	require.NoError(t, err)
	return &round{seed: seed, clerk: clerk, faults: quickFaults()}
}

// quickFaults take no time, where the client waits for none.
func quickFaults() []clerktest.Fault {
	applied := clerktest.Applied()
	return []clerktest.Fault{
		clerktest.Answer(429, "too_many_requests"), clerktest.Answer(409, "resource_locked"), clerktest.Answer(409, "attribute_managed_by_scim"),
		clerktest.Answer(403, "x"), clerktest.Answer(422, "x"), clerktest.AnswerBody(302, "text/html", page),
		clerktest.Answer(500, "x"), clerktest.Answer(500, "x").And(applied), clerktest.Answer(501, "x"), clerktest.Answer(501, "x").And(applied),
		clerktest.AnswerBody(502, "text/html", page), clerktest.Answer(504, "x").And(applied),
		clerktest.AnswerBody(200, "text/html", page), clerktest.AnswerBody(200, "text/html", page).And(applied),
		clerktest.AnswerBody(200, "application/json", "{").And(applied),
		clerktest.Drop(), clerktest.Drop().And(applied), clerktest.Truncate(),
	}
}

// slowFaults take longer than an attempt may, or as long as Retry-After says.
func slowFaults() []clerktest.Fault {
	return []clerktest.Fault{
		clerktest.SlowHeaders(15 * time.Second), clerktest.SlowBody(15 * time.Second), clerktest.SlowHeaders(5 * time.Second),
		clerktest.Answer(503, "x").And(clerktest.SlowHeaders(15 * time.Second)),
		clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(3*time.Second)),
		clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(time.Minute)),
	}
}

// placesOf are where a caller writes.
func placesOf(s calls.SDK, caller int) []*place {
	own := fmt.Sprint(caller)
	in := calls.Input{User: "user_" + own, Organization: "org_" + own, Credential: me.Cookie("client_user_" + own)}
	others := calls.Input{User: "user_" + shared, Organization: "org_" + shared}
	member := calls.Input{User: in.User, Organization: others.Organization}
	all := []*place{
		at(s, in, calls.User, calls.Public, "users.GetMany", "users.UpdateUserMetadata", "users.ReplaceUserMetadata"),
		at(s, in, calls.User, calls.Private, "users.GetUser", "users.View.Modify", ""),
		at(s, in, calls.User, calls.Unsafe, "me.GetMe", "me.UpdateMetadata", "me.ReplaceMetadata"),
		at(s, in, calls.Organization, calls.Public, "organizations.GetOrganization", "organizations.UpdateOrganizationMetadata", "organizations.ReplaceOrganizationMetadata"),
		at(s, member, calls.Membership, calls.Public, "organizations.GetOrganizationMembership", "organizations.UpdateOrganizationMembershipMetadata", ""),
		// Others write to these as well, which a replacement would undo.
		at(s, others, calls.User, calls.Public, "users.GetMany", "users.UpdateUserMetadata", ""),
		at(s, others, calls.Organization, calls.Public, "organizations.GetOrganization", "organizations.UpdateOrganizationMetadata", ""),
	}
	for _, p := range all {
		p.prefix, p.possible = own+"_", []state{{}}
	}
	return all
}

// at is a place in a field of one entity, with the names of the calls that read it,
// merge into it and replace it, "" for none.
func at(s calls.SDK, in calls.Input, kind calls.Kind, field, read, update, replace string) *place {
	do := func(ctx context.Context, call string, in calls.Input) (metadata.Object, error) {
		r := calls.Named(call).Do(ctx, s, in)
		if r.Err != nil {
			return metadata.Object{}, r.Err
		}
		return calls.Metadata(r.Found[0], field), nil
	}
	p := &place{
		name:   fmt.Sprintf("%s %s/%s %s", kind, in.Organization, in.User, field),
		stored: func(clerk *clerktest.Clerk) metadata.Object { return calls.Metadata(entityOf(clerk, kind, in), field) },
		read:   func(ctx context.Context) (metadata.Object, error) { return do(ctx, read, in) },
		update: func(ctx context.Context, c change) (metadata.Object, error) {
			in := in
			in.Patch = calls.Only(field, c.patch())
			return do(ctx, update, in)
		},
	}
	if replace != "" {
		p.replace = func(ctx context.Context, v metadata.Value) (metadata.Object, error) {
			in := in
			in.Value = calls.Only(field, v)
			return do(ctx, replace, in)
		}
	}
	return p
}

// entityOf is what clerk holds; it is there.
func entityOf(clerk *clerktest.Clerk, kind calls.Kind, in calls.Input) (entity any) {
	switch kind {
	case calls.Organization:
		entity, _ = clerk.Organization(in.Organization)
	case calls.Membership:
		entity, _ = clerk.Membership(in.Organization, in.User)
	default:
		entity, _ = clerk.User(in.User)
	}
	return entity
}
