package faults

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
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

// fieldOf is a field of an answer, or the error that came instead.
func fieldOf[T any](entity *T, err error, field func(*T) metadata.Object) (metadata.Object, error) {
	if err != nil {
		return metadata.Object{}, err
	}
	return field(entity), nil
}

// places are where a caller writes.
func (s sdk) places(caller int) []*place {
	own := fmt.Sprint(caller)
	all := []*place{
		s.userPlace("user_" + own), s.typedPlace("user_" + own), s.mePlace("user_" + own), s.orgPlace("org_" + own),
		s.membershipPlace("user_" + own), onlyMerging(s.userPlace("user_" + shared)), onlyMerging(s.orgPlace("org_" + shared)),
	}
	for _, p := range all {
		p.prefix, p.possible = own+"_", []state{{}}
	}
	return all
}

// onlyMerging is a place that others write to as well.
func onlyMerging(p *place) *place {
	p.replace = nil
	return p
}

func (s sdk) userPlace(id string) *place {
	public := func(u *users.User) metadata.Object { return u.PublicMetadata }
	return &place{
		name: id + " public",
		read: func(ctx context.Context) (metadata.Object, error) {
			found, missing, err := s.Users.GetMany(ctx, []string{id})
			if err == nil && len(found) != 1 {
				err = fmt.Errorf("found %d users, missing %q", len(found), missing)
			}
			if err != nil {
				return metadata.Object{}, err
			}
			return public(found[0]), nil
		},
		update: func(ctx context.Context, c change) (metadata.Object, error) {
			u, err := s.Users.UpdateUserMetadata(ctx, id, users.UpdateUserMetadataParams{PublicMetadata: c.patch()})
			return fieldOf(u, err, public)
		},
		replace: func(ctx context.Context, v metadata.Value) (metadata.Object, error) {
			u, err := s.Users.ReplaceUserMetadata(ctx, id, users.ReplaceUserMetadataParams{PublicMetadata: v})
			return fieldOf(u, err, public)
		},
		stored: func(clerk *clerktest.Clerk) metadata.Object {
			u, _ := clerk.User(id)
			return public(u)
		},
	}
}

// typedPlace is written by read, change and write.
func (s sdk) typedPlace(id string) *place {
	type values struct {
		Private map[string]int `json:"private_metadata"`
	}
	view := users.As[values](s.Users)
	return &place{
		name: id + " private",
		read: func(ctx context.Context) (metadata.Object, error) {
			u, err := s.Users.GetUser(ctx, id)
			return fieldOf(u, err, func(u *users.User) metadata.Object { return u.PrivateMetadata })
		},
		update: func(ctx context.Context, c change) (metadata.Object, error) {
			u, err := view.Modify(ctx, id, func(v *values) error {
				v.Private = merging(v.Private, c)
				return nil
			})
			if err != nil {
				return metadata.Object{}, err
			}
			return u.User.PrivateMetadata, nil
		},
		stored: func(clerk *clerktest.Clerk) metadata.Object {
			u, _ := clerk.User(id)
			return u.PrivateMetadata
		},
	}
}

func (s sdk) mePlace(id string) *place {
	unsafe := func(u *me.User) metadata.Object { return u.UnsafeMetadata }
	credential := me.Cookie("client_" + id)
	return &place{
		name: id + " unsafe",
		read: func(ctx context.Context) (metadata.Object, error) {
			u, _, err := s.me.GetMe(ctx, credential)
			return fieldOf(u, err, unsafe)
		},
		update: func(ctx context.Context, c change) (metadata.Object, error) {
			u, _, err := s.me.UpdateMetadata(ctx, credential, c.patch())
			return fieldOf(u, err, unsafe)
		},
		replace: func(ctx context.Context, v metadata.Value) (metadata.Object, error) {
			u, _, err := s.me.ReplaceMetadata(ctx, credential, v)
			return fieldOf(u, err, unsafe)
		},
		stored: func(clerk *clerktest.Clerk) metadata.Object {
			u, _ := clerk.User(id)
			return u.UnsafeMetadata
		},
	}
}

func (s sdk) orgPlace(id string) *place {
	public := func(o *organizations.Organization) metadata.Object { return o.PublicMetadata }
	return &place{
		name: id + " public",
		read: func(ctx context.Context) (metadata.Object, error) {
			o, err := s.Organizations.GetOrganization(ctx, id)
			return fieldOf(o, err, public)
		},
		update: func(ctx context.Context, c change) (metadata.Object, error) {
			o, err := s.Organizations.UpdateOrganizationMetadata(ctx, id, organizations.UpdateOrganizationMetadataParams{PublicMetadata: c.patch()})
			return fieldOf(o, err, public)
		},
		replace: func(ctx context.Context, v metadata.Value) (metadata.Object, error) {
			o, err := s.Organizations.ReplaceOrganizationMetadata(ctx, id, organizations.ReplaceOrganizationMetadataParams{PublicMetadata: v})
			return fieldOf(o, err, public)
		},
		stored: func(clerk *clerktest.Clerk) metadata.Object {
			o, _ := clerk.Organization(id)
			return public(o)
		},
	}
}

func (s sdk) membershipPlace(user string) *place {
	const org = "org_" + shared
	public := func(m *organizations.Membership) metadata.Object { return m.PublicMetadata }
	return &place{
		name: org + "/" + user + " public",
		read: func(ctx context.Context) (metadata.Object, error) {
			m, err := s.Organizations.GetOrganizationMembership(ctx, org, user)
			return fieldOf(m, err, public)
		},
		update: func(ctx context.Context, c change) (metadata.Object, error) {
			m, err := s.Organizations.UpdateOrganizationMembershipMetadata(ctx, org, user, organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: c.patch()})
			return fieldOf(m, err, public)
		},
		stored: func(clerk *clerktest.Clerk) metadata.Object {
			m, _ := clerk.Membership(org, user)
			return public(m)
		},
	}
}
