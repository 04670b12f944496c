// Package calls is the list of every call of this module's services, for the tests
// that check a promise for all of them.
//
// A new method of a service is one entry here, and a test fails without it.
package calls

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Call is one method of a service or of a typed view.
type Call struct {
	// Name is the package and the method: "users.GetUser", "users.View.Modify".
	Name string
	// Requests are those that the call makes for Valid on a Clerk with Seed, in
	// order.
	Requests []Request
	// IDs are the parameters that are ids, as errors name them, in order.
	IDs []string
	// Target is the kind of entity that a write changes, "" for a read.
	Target Kind
	// Replaces is true for a write that makes each field exactly a Value.
	Replaces bool
	// Creates is how many entities of the kind of Target a call creates; 0 for another
	// call.
	Creates int
	// Revokes is true for a write that takes no metadata.
	Revokes bool
	// Element is the name of the element of a list that the metadata is in, "" if the
	// call takes no list of them.
	Element string
	// List is true for a call that returns any number of entities.
	List bool
	// Do makes the call with the parts of in that it takes.
	Do do
}

type do = func(ctx context.Context, s SDK, in Input) Result

func reads(name string, ids []string, do do, requests ...Request) Call {
	return Call{Name: name, IDs: ids, Do: do, Requests: requests}
}

func lists(name string, ids []string, do do, requests ...Request) Call {
	return Call{Name: name, IDs: ids, Do: do, Requests: requests, List: true}
}

func writes(target Kind, name string, ids []string, do do, requests ...Request) Call {
	return Call{Name: name, IDs: ids, Do: do, Requests: requests, Target: target}
}

func replaces(target Kind, name string, ids []string, do do, requests ...Request) Call {
	return Call{Name: name, IDs: ids, Do: do, Requests: requests, Target: target, Replaces: true}
}

func revokes(target Kind, name string, ids []string, do do, request Request) Call {
	return Call{Name: name, IDs: ids, Do: do, Requests: []Request{request}, Target: target, Revokes: true}
}

func creates(target Kind, name string, ids []string, do do, request Request) Call {
	return Call{Name: name, IDs: ids, Do: do, Requests: []Request{request}, Target: target, Creates: 1}
}

// Request is one request of a call.
type Request struct {
	// Operation is its name in errors and hooks.
	Operation string
	// Method and Route are the HTTP method and the path without its ids.
	Method, Route string
	// Partial is true where what can be read of a broken answer comes with the
	// error.
	Partial bool
}

// partly returns r as one with Partial.
func partly(r Request) Request {
	r.Partial = true
	return r
}

// IsWrite reports whether the request changes something.
func (r Request) IsWrite() bool { return r.Method != http.MethodGet }

// Kind is a kind of entity.
type Kind string

// The kinds of entities. The signed-in user is a separate kind, since the Frontend
// API writes fewer fields.
const (
	User         Kind = "user"
	Organization Kind = "organization"
	Membership   Kind = "membership"
	SignedIn     Kind = "me"
	// Invited are invitations to the application, InvitedMember those to an organization.
	Invited       Kind = "invitation"
	InvitedMember Kind = "organization invitation"
)

// The metadata fields, by the names that Clerk gives them.
const (
	Public  = "public_metadata"
	Private = "private_metadata"
	Unsafe  = "unsafe_metadata"
)

// Fields are the metadata fields that a write can change.
func (k Kind) Fields() []string {
	switch k {
	case User:
		return []string{Public, Private, Unsafe}
	case Invited:
		return []string{Public}
	case Organization, Membership, InvitedMember:
		return []string{Public, Private}
	case SignedIn:
		return []string{Unsafe}
	default:
		return nil
	}
}

// IsWrite reports whether the call changes something.
func (c Call) IsWrite() bool { return c.Target != "" }

// Param is the name of a field of metadata in errors.
func (c Call) Param(field string) string {
	if c.Element != "" {
		return c.Element + "." + field
	}
	return field
}

// IsPost reports whether the call creates or revokes something, and is so not repeated where
// it may have done it.
func (c Call) IsPost() bool { return c.Creates > 0 || c.Revokes }

// TakesValue reports whether the call takes metadata as Input.Value has it, not as a Patch.
func (c Call) TakesValue() bool { return c.Replaces || c.Creates > 0 }

// IsFrontend reports whether the call is one of the Frontend API.
func (c Call) IsFrontend() bool { return strings.HasPrefix(c.Name, "me.") }

// IsView reports whether the call is one of a typed view, which makes those of its
// service.
func (c Call) IsView() bool { return strings.Contains(c.Name, "View.") }

// Operation is the name of the call in the error of a refused argument.
func (c Call) Operation() string { return c.Requests[0].Operation }

// Result is the result of a call.
type Result struct {
	// Found are the entities and lists that the call returned, none of them nil,
	// beside Err if that is not nil.
	Found []any
	// Before are the entities that a walk yielded before Err.
	Before []any
	// Rotation is what Clerk renewed of the credential.
	Rotation me.Rotation
	Err      error
}

// All is every call.
func All() []Call {
	return slices.Concat(ofUsers(), ofOrganizations(), ofMemberships(), ofInvitations(), ofMe())
}

// Select returns the calls for which keep is true.
func Select(keep func(Call) bool) []Call {
	return slices.DeleteFunc(All(), func(c Call) bool { return !keep(c) })
}

// Named returns the call of that name, which is one of All.
func Named(name string) Call {
	all := All()
	return all[slices.IndexFunc(all, func(c Call) bool { return c.Name == name })]
}

// Metadata returns a field of an entity, of the result of Modify, or of a list of one
// entity. It is zero if the entity has no such field.
func Metadata(entity any, field string) metadata.Object {
	switch e := entity.(type) {
	case *users.User:
		return Fields[metadata.Object]{e.PublicMetadata, e.PrivateMetadata, e.UnsafeMetadata}.Get(field)
	case *organizations.Organization:
		return Fields[metadata.Object]{Public: e.PublicMetadata, Private: e.PrivateMetadata}.Get(field)
	case *organizations.Membership:
		return Fields[metadata.Object]{Public: e.PublicMetadata, Private: e.PrivateMetadata}.Get(field)
	case *users.Invitation:
		return Fields[metadata.Object]{Public: e.PublicMetadata}.Get(field)
	case *organizations.Invitation:
		return Fields[metadata.Object]{Public: e.PublicMetadata, Private: e.PrivateMetadata}.Get(field)
	case *me.User:
		return Fields[metadata.Object]{Public: e.PublicMetadata, Unsafe: e.UnsafeMetadata}.Get(field)
	case *users.Modified[user]:
		return Metadata(e.User, field)
	case *organizations.Modified[organization]:
		return Metadata(e.Organization, field)
	case *organizations.ModifiedMembership[organization]:
		return Metadata(e.Membership, field)
	case *me.Modified[myself]:
		return Metadata(e.User, field)
	case []*users.User:
		if len(e) == 1 {
			return Metadata(e[0], field)
		}
	}
	return metadata.Object{}
}

// one is the result of a call that returns one entity.
func one[T any](entity *T, err error) Result {
	r := Result{Err: err}
	if entity != nil {
		r.Found = []any{entity}
	}
	return r
}

// renewed is one of the Frontend API.
func renewed[T any](entity *T, rotation me.Rotation, err error) Result {
	r := one(entity, err)
	r.Rotation = rotation
	return r
}

// walked is the result of a walk, of which at most limit steps are made; 0 is no
// limit.
func walked[T any](all iter.Seq2[*T, error], limit int) Result {
	var r Result
	steps := 0
	for entity, err := range all {
		if err != nil {
			r.Before, r.Err = r.Found, err
			r.Found = nil
		}
		if entity != nil {
			r.Found = append(r.Found, entity)
		}
		if steps++; steps == limit {
			break
		}
	}
	return r
}

// content is metadata as typed views decode it.
type content map[string]any

// merge applies patch as a PATCH does.
func (c *content) merge(patch metadata.Patch) error {
	if patch == nil {
		return nil
	}
	now, err := metadata.Of(*c).Object()
	if err != nil {
		return err
	}
	merged, err := metadata.Merge(now, patch)
	if err != nil {
		return err
	}
	*c = nil
	return merged.Decode(c)
}
