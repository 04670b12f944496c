package cli

import (
	"context"
	"iter"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// field is one of the metadata fields, by the word that its flag has.
type field string

const (
	public  field = "public"
	private field = "private"
	unsafe  field = "unsafe"
)

// json is the field's name in Clerk's API.
func (f field) json() string { return string(f) + "_metadata" }

// entity is a user, an organization or a membership with its metadata.
type entity struct {
	// ID is what the entity is found by in an export that is to go on.
	ID             string
	OrganizationID string
	UserID         string
	fields         map[field]metadata.Object
}

// called is what the user calls it: a membership by whose and where it is.
func (e entity) called() string {
	if e.OrganizationID != "" {
		return e.OrganizationID + " " + e.UserID
	}
	return e.ID
}

// writeIDs are what the entity is written by that was read by ids. An organization
// can be read by its slug and only written by its id.
func (e entity) writeIDs(ids []string) []string {
	if len(ids) == 1 {
		return []string{e.ID}
	}
	return ids
}

// from says where a walk over all entities begins.
type from struct {
	after    string
	offset   int
	pageSize int
}

// kind is one of the three kinds of entities and how it is read and written. The
// ids are the arguments that the kind's commands take.
type kind struct {
	plural, noun string
	ids          []string
	fields       []field
	get          func(ctx context.Context, c *client.Client, ids []string) (entity, error)
	patch        func(ctx context.Context, c *client.Client, ids []string, f field, p metadata.Patch) (entity, error)
	// replace is nil where Clerk has none.
	replace func(ctx context.Context, c *client.Client, ids []string, f field, v metadata.Value) (entity, error)
	// cursor says that a walk goes on after an id, and not at an offset.
	cursor bool
	// within is the argument of an export, "" where it has none.
	within string
	all    func(ctx context.Context, c *client.Client, within string, from from) iter.Seq2[entity, error]
}

// one is the noun with its article.
func (k *kind) one() string {
	if strings.HasPrefix(k.noun, "o") {
		return "an " + k.noun
	}
	return "a " + k.noun
}

// usage is what follows a command's name in its help.
func (k *kind) usage() string { return strings.Join(k.ids, " ") }

func userKind() *kind {
	return &kind{
		plural: "users", noun: "user", ids: []string{"ID"}, fields: []field{public, private, unsafe},
		get: func(ctx context.Context, c *client.Client, ids []string) (entity, error) {
			return ofUser(c.Users.GetUser(ctx, ids[0]))
		},
		patch: func(ctx context.Context, c *client.Client, ids []string, f field, p metadata.Patch) (entity, error) {
			var params users.UpdateUserMetadataParams
			*map[field]*metadata.Patch{public: &params.PublicMetadata, private: &params.PrivateMetadata, unsafe: &params.UnsafeMetadata}[f] = p
			return ofUser(c.Users.UpdateUserMetadata(ctx, ids[0], params))
		},
		replace: func(ctx context.Context, c *client.Client, ids []string, f field, v metadata.Value) (entity, error) {
			var params users.ReplaceUserMetadataParams
			*map[field]*metadata.Value{public: &params.PublicMetadata, private: &params.PrivateMetadata, unsafe: &params.UnsafeMetadata}[f] = v
			return ofUser(c.Users.ReplaceUserMetadata(ctx, ids[0], params))
		},
		cursor: true,
		all: func(ctx context.Context, c *client.Client, _ string, from from) iter.Seq2[entity, error] {
			return entities(c.Users.All(ctx, users.AllParams{StartingAfter: from.after, PageSize: from.pageSize}), ofUser)
		},
	}
}

func organizationKind() *kind {
	return &kind{
		plural: "orgs", noun: "organization", ids: []string{"ID"}, fields: []field{public, private},
		get: func(ctx context.Context, c *client.Client, ids []string) (entity, error) {
			return ofOrganization(c.Organizations.GetOrganization(ctx, ids[0]))
		},
		patch: func(ctx context.Context, c *client.Client, ids []string, f field, p metadata.Patch) (entity, error) {
			var params organizations.UpdateOrganizationMetadataParams
			*map[field]*metadata.Patch{public: &params.PublicMetadata, private: &params.PrivateMetadata}[f] = p
			return ofOrganization(c.Organizations.UpdateOrganizationMetadata(ctx, ids[0], params))
		},
		replace: func(ctx context.Context, c *client.Client, ids []string, f field, v metadata.Value) (entity, error) {
			var params organizations.ReplaceOrganizationMetadataParams
			*map[field]*metadata.Value{public: &params.PublicMetadata, private: &params.PrivateMetadata}[f] = v
			return ofOrganization(c.Organizations.ReplaceOrganizationMetadata(ctx, ids[0], params))
		},
		all: func(ctx context.Context, c *client.Client, _ string, from from) iter.Seq2[entity, error] {
			return entities(c.Organizations.All(ctx, organizations.AllParams{Offset: from.offset, PageSize: from.pageSize}), ofOrganization)
		},
	}
}

func membershipKind() *kind {
	return &kind{
		plural: "members", noun: "membership", ids: []string{"ORG", "USER"}, fields: []field{public, private},
		get: func(ctx context.Context, c *client.Client, ids []string) (entity, error) {
			return ofMembership(c.Organizations.GetOrganizationMembership(ctx, ids[0], ids[1]))
		},
		patch: func(ctx context.Context, c *client.Client, ids []string, f field, p metadata.Patch) (entity, error) {
			var params organizations.UpdateOrganizationMembershipMetadataParams
			*map[field]*metadata.Patch{public: &params.PublicMetadata, private: &params.PrivateMetadata}[f] = p
			return ofMembership(c.Organizations.UpdateOrganizationMembershipMetadata(ctx, ids[0], ids[1], params))
		},
		within: "ORG",
		all: func(ctx context.Context, c *client.Client, within string, from from) iter.Seq2[entity, error] {
			params := organizations.AllParams{Offset: from.offset, PageSize: from.pageSize}
			return entities(c.Organizations.AllMemberships(ctx, within, params), ofMembership)
		},
	}
}

// The functions of* take what a call returns. An error leaves the entity empty,
// also where a part of the answer could be read.

func ofUser(u *users.User, err error) (entity, error) {
	if err != nil {
		return entity{}, err
	}
	return entity{ID: u.ID, fields: map[field]metadata.Object{
		public: u.PublicMetadata, private: u.PrivateMetadata, unsafe: u.UnsafeMetadata,
	}}, nil
}

func ofOrganization(o *organizations.Organization, err error) (entity, error) {
	if err != nil {
		return entity{}, err
	}
	return entity{ID: o.ID, fields: map[field]metadata.Object{public: o.PublicMetadata, private: o.PrivateMetadata}}, nil
}

func ofMembership(m *organizations.Membership, err error) (entity, error) {
	if err != nil {
		return entity{}, err
	}
	return entity{ID: m.ID, OrganizationID: m.OrganizationID, UserID: m.UserID, fields: map[field]metadata.Object{
		public: m.PublicMetadata, private: m.PrivateMetadata,
	}}, nil
}

// entities is a walk with what it yields made entities.
func entities[T any](all iter.Seq2[T, error], of func(T, error) (entity, error)) iter.Seq2[entity, error] {
	return func(yield func(entity, error) bool) {
		for one, err := range all {
			if !yield(of(one, err)) {
				return
			}
		}
	}
}
