// Package modify is what the typed views have in common: decoding and encoding
// the fields of an entity, and the read, change and write of a Modify.
package modify

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Field is one metadata field of a typed view.
type Field interface {
	name() string
	// check reports a type that cannot hold metadata.
	check() error
	// used is false for metadata.None.
	used() bool
	// load decodes what was read.
	load(metadata.Object) error
	// patch is what changed since load; empty where nothing did.
	patch() (metadata.Patch, error)
}

// Bind ties a field to where its typed value is.
func Bind[T any](name string, value *T) Field { return &field[T]{param: name, value: value} }

type field[T any] struct {
	param string
	value *T
	draft metadata.Draft[T]
}

func (f *field[T]) name() string { return f.param }

func (f *field[T]) check() error {
	if !f.used() {
		return nil
	}
	return f.draft.Check()
}

func (f *field[T]) used() bool { return isUsed[T]() }

func (f *field[T]) load(o metadata.Object) error {
	if !f.used() {
		return nil
	}
	if err := f.draft.Reset(o); err != nil {
		return err
	}
	*f.value = f.draft.Value
	return nil
}

func (f *field[T]) patch() (metadata.Patch, error) {
	if !f.used() {
		return nil, nil //nolint:nilnil // a field that is not used is left alone
	}
	f.draft.Value = *f.value
	return f.draft.Patch()
}

func isUsed[T any]() bool { return reflect.TypeFor[T]() != reflect.TypeFor[metadata.None]() }

// Value is what a typed Replace sends for a field: nothing where v is nil or the
// field is not used.
func Value[T any](v *T) metadata.Value {
	if v == nil || !isUsed[T]() {
		return metadata.Value{}
	}
	return metadata.Of(v) // the pointer, for MarshalJSON methods on pointers
}

// Check refuses fields whose types cannot hold metadata, before any I/O.
func Check(operation string, fields []Field) error {
	for _, f := range fields {
		if err := f.check(); err != nil {
			return clerkerr.Invalid(operation, f.name(), err)
		}
	}
	return nil
}

// policy adds the options up and refuses those that make no sense.
func policy(operation string, opts []metadata.ModifyOption) (metadata.ModifyPolicy, error) {
	const maxRounds = 10
	var p metadata.ModifyPolicy
	for _, o := range opts {
		if o == nil {
			return p, clerkerr.Invalid(operation, "option", errors.New("is nil"))
		}
		o(&p)
	}
	if p.Rounds < 0 || p.Rounds > maxRounds {
		return p, clerkerr.Invalid(operation, "Rounds", fmt.Errorf("is %d, allowed is 0 to %d", p.Rounds, maxRounds))
	}
	return p, nil
}

// Load decodes an entity's fields. Metadata that does not fit its type is an
// error with the given outcome of the write before it.
func Load(operation string, outcome clerkerr.Outcome, fields []Field, objects []metadata.Object) error {
	for i, f := range fields {
		if err := f.load(objects[i]); err != nil {
			return &clerkerr.Error{
				Operation: operation, Outcome: outcome,
				Details: []clerkerr.Detail{{Param: f.name()}},
				Err:     fmt.Errorf("%w: %w", clerkerr.ErrDecode, err),
			}
		}
	}
	return nil
}
