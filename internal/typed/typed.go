// Package typed reads and changes an entity through a struct of the caller's own,
// which names as much of Clerk's JSON of the entity as the caller wants. The typed
// views of users, organizations, memberships and me are thin layers over it.
package typed

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/answer"
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

// New returns the view of T. A type that is no view of the entity is reported by
// Check.
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

// Check reports why v, or T, is no view of the entity, for an operation that has made
// no request.
func (v *View[T, E]) Check(operation string) error {
	switch {
	case v == nil:
		return clerkerr.Invalid(operation, "view", errors.New("is nil or zero: make it with As or AsMemberships"))
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
				id, raw := v.entity.Text(entity)
				value, err = v.decode(operation, id, raw)
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
	var value *T
	o, err := v.shape.cut(raw)
	if err == nil {
		value, err = decode[T](o)
	}
	if err != nil {
		e := mismatch(operation, clerkerr.OutcomeNotApplied, err)
		e.Entity = id
		return nil, e
	}
	return value, nil
}

func decode[T any](o metadata.Object) (*T, error) {
	value := new(T)
	if err := o.Decode(value); err != nil {
		return nil, err
	}
	return value, nil
}

// onlyFields reports whether T has nothing but metadata that a call can write.
func (v *View[T, E]) onlyFields() bool {
	for name := range v.shape.members {
		if !slices.Contains(v.entity.Fields, name) {
			return false
		}
	}
	return true
}

// patches are the changes of a draft, one for each of the entity's fields and nil
// where nothing changed.
func (v *View[T, E]) patches(operation string, draft *metadata.Draft[T]) ([]metadata.Patch, error) {
	whole, err := draft.Patch()
	if err != nil {
		return nil, clerkerr.Invalid(operation, member(err), err)
	}
	patches := make([]metadata.Patch, len(v.entity.Fields))
	for i, name := range v.entity.Fields {
		change, changed := whole[name]
		if !changed {
			continue
		}
		patch, isObject := change.(metadata.Patch)
		if !isObject {
			return nil, clerkerr.Invalid(operation, name, &metadata.PathError{
				Reason: metadata.ErrNotObject, Hint: "set the field to nil to clear it",
			})
		}
		patches[i] = patch
		delete(whole, name)
	}
	if len(whole) > 0 {
		first := slices.Min(slices.Collect(maps.Keys(whole)))
		return nil, clerkerr.Invalid(operation, first, v.unwritable(first))
	}
	return patches, nil
}

func (v *View[T, E]) unwritable(name string) error {
	for _, readOnly := range v.entity.ReadOnly {
		if name == readOnly {
			return fmt.Errorf("is read-only for %s: change it through the Backend API", v.entity.Name)
		}
	}
	return fmt.Errorf("was changed and is no metadata: Modify writes %s only", strings.Join(v.entity.Fields, ", "))
}

// mismatch is the error of an entity whose JSON does not fit T.
func mismatch(operation string, outcome clerkerr.Outcome, cause error) *clerkerr.Error {
	e := &clerkerr.Error{Operation: operation, Outcome: outcome, Err: fmt.Errorf("%w: %w", clerkerr.ErrDecode, cause)}
	if param := member(cause); param != "" {
		e.Details = []clerkerr.Detail{{Param: param}}
	}
	return e
}

// member is the member of the entity that an error is about, "" for the whole.
func member(err error) string {
	var (
		path  string
		at    *metadata.PathError
		nulls *metadata.NullsError
	)
	switch {
	case errors.As(err, &nulls) && len(nulls.Paths) > 0:
		path = nulls.Paths[0]
	case errors.As(err, &at):
		path = at.Path
	}
	steps, err := pointer.Parse(path)
	if err != nil || len(steps) == 0 {
		return ""
	}
	return steps[0]
}

// cut is the object of the members of raw that the shape has, so that the rest of
// a large entity is scanned once and never parsed.
func (s *shape) cut(raw []byte) (metadata.Object, error) {
	var text members
	err := answer.Read(raw, func(m answer.Member) error {
		if key, wanted := s.keys[string(m.Name)]; wanted {
			text.add(key, m.Raw())
		}
		return nil
	})
	if err != nil {
		return metadata.Object{}, err
	}
	return text.object()
}

// join is the same of fields that were read.
func (s *shape) join(fields []string, objects []metadata.Object) (metadata.Object, error) {
	var text members
	for i, name := range fields {
		if key, wanted := s.keys[name]; wanted && !objects[i].IsZero() {
			text.add(key, objects[i].Raw())
		}
	}
	return text.object()
}

// members is the text of an object under construction.
type members []byte

func (m *members) add(key string, value []byte) {
	separator := byte(',')
	if *m == nil {
		const room = 512 // is enough for most
		*m = make([]byte, 0, room)
		separator = '{'
	}
	*m = append(append(append(*m, separator), key...), value...)
}

func (m members) object() (metadata.Object, error) {
	if m == nil {
		m = members("{")
	}
	return metadata.ParseObject(append(m, '}'))
}
