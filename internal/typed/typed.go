// Package typed reads and changes an entity through the caller's struct, which names what
// the caller needs of Clerk's JSON of the entity. The typed views of users, organizations,
// memberships and me are thin layers over it.
package typed

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Entity describes a kind of entity, of which calls return an E.
type Entity[E any] struct {
	// Name is what errors call one: "a user".
	Name string
	// Fields are the metadata fields that a call can write, in the order in which
	// they are reported.
	Fields []string
	// ReadOnly are the metadata fields that can only be read.
	ReadOnly []string
	// Text returns the id and the JSON of one.
	Text func(*E) (id string, raw []byte)
	// Objects returns the metadata of one, an object for each of Fields.
	Objects func(*E) []metadata.Object
}

// View is what the type T takes of an entity E. It is immutable and safe for
// concurrent use. Every call of a nil View is clerkerr.ErrInvalidArgument.
type View[T, E any] struct {
	entity Entity[E]
	shape  shape
	config metadata.ModifyConfig
}

// New returns the view of T. Its calls refuse a type that is no view of the entity.
func New[T, E any](e Entity[E]) *View[T, E] {
	has := slices.Concat(e.Fields, e.ReadOnly)
	v := &View[T, E]{entity: e, shape: shapeOf(e.Name, has, reflect.TypeFor[T]())}
	if v.shape.fault == nil {
		v.shape.fault = metadata.CheckType[T]()
	}
	return v
}

// With returns a copy of v with another configuration of Modify.
func (v *View[T, E]) With(config metadata.ModifyConfig) *View[T, E] {
	if v == nil {
		return nil
	}
	other := *v
	other.config = config
	return &other
}

// Check returns why v, or T, is no view of the entity, for an operation that has made
// no request.
func (v *View[T, E]) Check(operation string) error {
	switch {
	case v == nil:
		return clerkerr.Invalid(operation, "view", errors.New("is zero: make it with As or AsMemberships"))
	case v.shape.fault != nil:
		return clerkerr.Invalid(operation, v.shape.param, v.shape.fault)
	default:
		return nil
	}
}

// Get reads one entity into a new T.
func (v *View[T, E]) Get(operation string, read func() (*E, error)) (*T, error) {
	if err := v.Check(operation); err != nil {
		return nil, err
	}
	entity, err := read()
	if err != nil {
		return nil, err
	}
	_, raw := v.entity.Text(entity)
	return v.decode(operation, "", raw)
}

// Decode reads an entity that the caller has into a new T.
func (v *View[T, E]) Decode(operation string, entity *E) (*T, error) {
	if err := v.Check(operation); err != nil {
		return nil, err
	}
	if entity == nil {
		_, param, _ := strings.Cut(v.entity.Name, " ")
		return nil, clerkerr.Invalid(operation, param, errors.New("is nil"))
	}
	id, raw := v.entity.Text(entity)
	return v.decode(operation, id, raw)
}

// All reads each entity of a walk into a new T. One that does not fit T is an error
// that names it, and the walk continues.
func (v *View[T, E]) All(operation string, walk iter.Seq2[*E, error]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if err := v.Check(operation); err != nil {
			yield(nil, err)
			return
		}
		for entity, err := range walk {
			var value *T
			if err == nil {
				value, err = v.Decode(operation, entity)
			}
			if !yield(value, err) {
				return
			}
		}
	}
}

// decode reads JSON into a new T. The error satisfies clerkerr.ErrDecode and names
// the entity if id is given.
func (v *View[T, E]) decode(operation, id string, raw []byte) (*T, error) {
	o, err := v.shape.cut(raw)
	value := new(T)
	if err == nil {
		err = o.Decode(value)
	}
	if err != nil {
		e := mismatch(operation, clerkerr.OutcomeNotApplied, err)
		e.Entity = id
		return nil, e
	}
	return value, nil
}

// mismatch is the error of an entity whose JSON does not fit T.
func mismatch(operation string, outcome clerkerr.Outcome, cause error) *clerkerr.Error {
	e := &clerkerr.Error{Operation: operation, Outcome: outcome, Err: fmt.Errorf("%w: %w", clerkerr.ErrDecode, cause)}
	if param := member(cause); param != "" {
		e.Details = []clerkerr.Detail{{Param: param}}
	}
	return e
}

// member returns the member of the entity that an error is about, "" for the whole.
func member(err error) string {
	var path string
	if nulls, ok := errors.AsType[*metadata.NullsError](err); ok && len(nulls.Paths) > 0 {
		path = nulls.Paths[0]
	} else if at, ok := errors.AsType[*metadata.PathError](err); ok {
		path = at.Path
	}
	steps, err := pointer.Parse(path)
	if err != nil || len(steps) == 0 {
		return ""
	}
	return steps[0]
}
