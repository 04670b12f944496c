package cli

import (
	"context"
	"iter"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/kinds"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// field is one of the metadata fields, by its index.
type field int

const (
	public field = iota
	private
	unsafe
)

// json is the field's name in Clerk's API.
func (f field) json() string { return entity.Field(int(f)) }

// String is the word that the field's flag has.
func (f field) String() string { return strings.TrimSuffix(f.json(), "_metadata") }

func (f field) patch(p metadata.Patch) bulk.Fields {
	var patches entity.Patches
	patches[f] = p
	return fieldsOf(patches)
}

func fieldsOf(p entity.Patches) bulk.Fields {
	return bulk.Fields{Public: p[public], Private: p[private], Unsafe: p[unsafe]}
}

func (f field) value(v metadata.Value) bulk.Values {
	var values entity.Values
	values[f] = v
	return bulk.Values{Public: values[public], Private: values[private], Unsafe: values[unsafe]}
}

// stateOf returns a record as a state of package bulk.
func stateOf(r *entity.Record) *bulk.State {
	return &bulk.State{ID: r.Name, Public: r.Objects[public], Private: r.Objects[private], Unsafe: r.Objects[unsafe]}
}

// recordOf is the inverse of stateOf.
func recordOf(id entity.ID, s *bulk.State) *entity.Record {
	return &entity.Record{ID: id, Name: s.ID, Objects: entity.Objects{s.Public, s.Private, s.Unsafe}}
}

// called returns the name of an entity for users: a membership by its two ids.
func called(r *entity.Record) string {
	if r.Kind() == entity.Membership {
		return r.OrganizationID + " " + r.UserID
	}
	return r.Name
}

// from is where a walk over all entities begins.
type from struct {
	after    string
	offset   int
	pageSize int
}

// kind is one of the three kinds of entities, as the commands name it.
type kind struct {
	entity.Kind

	plural string
	// ids are the arguments that name one, and sample stands for them in examples.
	ids, sample string
	// replaces says that Clerk has a PUT.
	replaces bool
	// cursor says that a walk continues after an id, and not at an offset.
	cursor bool
	// within is the argument of an export, "" for none.
	within string
}

func allKinds() []*kind {
	return []*kind{
		{Kind: entity.User, plural: "users", ids: "ID", sample: "user_1", replaces: true, cursor: true},
		{Kind: entity.Organization, plural: "orgs", ids: "ID", sample: "org_1", replaces: true},
		{Kind: entity.Membership, plural: "members", ids: "ORG USER", sample: "org_1 user_1", within: "ORG"},
	}
}

// all walks over the entities of the kind, those within an organization for memberships.
func (k *kind) all(ctx context.Context, c *client.Client, within string, from from) iter.Seq2[*entity.Record, error] {
	params := organizations.AllParams{Offset: from.offset, PageSize: from.pageSize}
	switch k.Kind {
	case entity.User:
		return records(c.Users.All(ctx, users.AllParams{StartingAfter: from.after, PageSize: from.pageSize}), kinds.OfUser)
	case entity.Organization:
		return records(c.Organizations.All(ctx, params), kinds.OfOrganization)
	default:
		return records(c.Organizations.AllMemberships(ctx, within, params), kinds.OfMembership)
	}
}

func (k *kind) one() string {
	if k.Kind == entity.Organization {
		return "an organization"
	}
	return "a " + k.String()
}

// count returns the number of arguments that name one.
func (k *kind) count() int { return len(strings.Fields(k.ids)) }

func (k *kind) id(args []string) entity.ID {
	switch k.Kind {
	case entity.User:
		return entity.ID{UserID: args[0]}
	case entity.Organization:
		return entity.ID{OrganizationID: args[0]}
	default:
		return entity.ID{OrganizationID: args[0], UserID: args[1]}
	}
}

// find returns the id that the arguments name. It asks Clerk for a user who is named
// otherwise than by id.
func (k *kind) find(ctx context.Context, c *client.Client, args []string) (entity.ID, error) {
	id := k.id(args)
	if k.Kind == entity.Organization {
		return id, nil
	}
	identifier, err := users.ParseIdentifier(id.UserID)
	if identifier == users.ByID(id.UserID) {
		return id, nil
	}
	if err != nil {
		return id, err
	}
	found, err := c.Users.Find(ctx, identifier)
	if err != nil {
		return id, &about{entity.ID{UserID: id.UserID}, err}
	}
	id.UserID = found.ID
	return id, nil
}

// read reads the entity that the arguments name.
func (k *kind) read(ctx context.Context, c *client.Client, args []string) (*entity.Record, error) {
	id, err := k.find(ctx, c, args)
	if err != nil {
		return nil, err
	}
	return get(ctx, c, id)
}

func get(ctx context.Context, c *client.Client, id entity.ID) (*entity.Record, error) {
	r, err := kinds.Store{Users: c.Users, Organizations: c.Organizations}.Get(ctx, id)
	if err != nil {
		return nil, &about{id, err} // also where a part of the answer could be read
	}
	return r, nil
}

// records yields the entities of a walk as records. An error comes without one.
func records[E any](all iter.Seq2[*E, error], of func(*E) *entity.Record) iter.Seq2[*entity.Record, error] {
	return func(yield func(*entity.Record, error) bool) {
		for one, err := range all {
			var r *entity.Record
			if err == nil {
				r = of(one)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}
