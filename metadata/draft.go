package metadata

import (
	"maps"
	"reflect"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// Draft is a metadata field decoded into a T. The caller changes Value; Patch
// returns the smallest merge patch that makes the change. The typed views' Modify
// is built on it. It does no I/O and is not safe for concurrent use.
type Draft[T any] struct {
	// Value is the decoded field, for the caller to change.
	Value T

	// old is what was read, before how T encodes what it decoded of it, and
	// unknown the keys that T does not know.
	old     map[string]any
	before  map[string]any
	unknown *places
}

// NewDraft decodes a field for changing. An absent or null field counts as an empty
// one. Keys match in exact case, numbers in an `any` become json.Number. The error
// satisfies ErrType, as CheckType reports it, or ErrMismatch, or is a *PathError
// about text that cannot be merged (a key that occurs twice).
func NewDraft[T any](o Object) (*Draft[T], error) {
	t := reflect.TypeFor[T]()
	if err := checkType(t); err != nil {
		return nil, err
	}
	tree, err := o.tree()
	if err != nil {
		return nil, err
	}
	d := &Draft[T]{old: asMembers(tree)}
	found := look(tree, t)
	if !o.IsZero() && !o.IsNull() {
		if err := d.decode(o, found.unknown); err != nil {
			return nil, err
		}
	}
	if d.before, err = encoded(&d.Value); err != nil {
		return nil, err
	}
	d.unknown = found.forgotten(tree, d.before, false)
	clearNils(d.old, d.before, t)
	return d, nil
}

// decode sets Value to what T knows of the field.
func (d *Draft[T]) decode(o Object, unknown *places) error {
	if unknown == nil && isPlain[T]() {
		return decodeText(o.raw, &d.Value)
	}
	known := any(d.old)
	if unknown != nil {
		known = clone(d.old, jsonscan.Nulls{})
		without(known, unknown, nil)
	}
	return decodeTree(known, &d.Value)
}

// isPlain reports whether no method decides how a T is read and written, so that T
// decodes from what it encodes to, and white space makes no difference.
func isPlain[T any]() bool { return !structfields.Of(reflect.TypeFor[T]()).Deep().Methods }

// Patch returns the smallest merge patch that leads from what was read to Value; empty,
// not nil, where nothing changed. A field that did not change is not in it, however T
// encodes it.
//
// Nor is a key that T does not know: clearing a nested struct or a map, or removing an
// entry of a map of objects, deletes the keys that were decoded from it, so that an object
// stays, maybe an empty one. Zeroing a field that its tag omits when zero deletes it. A
// struct's field that is nil clears the object that it was decoded from.
//
// Two changes have no merge patch and are errors: a null that was not there (a
// *NullsError; give the field omitempty for a deletion), and a changed array whose
// elements hold keys that T does not know (ErrUnknownKeys). A PUT can do both. A null where
// nothing is stored, from which T decodes the same as from nothing, is left out.
func (d *Draft[T]) Patch() (Patch, error) {
	after, err := encoded(&d.Value)
	if err != nil {
		return nil, err
	}
	clearNils(d.old, after, reflect.TypeFor[T]())
	var w drafter
	patch := w.members(d.unknown, d.old, d.before, after)
	if err := w.nullsError(); err != nil {
		return nil, err
	}
	switch {
	case w.erases != nil:
		return nil, w.erases
	case equal(d.before, after):
		return patch, nil
	}
	if err := d.verify(patch, after); err != nil {
		return nil, err
	}
	return patch, nil
}

// decodeTree decodes a document that has no keys but those that dst knows.
func decodeTree(tree, dst any) error {
	raw, err := encode(tree, inValue)
	if err != nil {
		return err
	}
	return decodeText(raw, dst)
}

// encoded returns the members that v encodes to, none for a nil map or pointer. It takes
// a pointer so that MarshalJSON methods on pointers are called.
func encoded[T any](v *T) (map[string]any, error) {
	text, err := encode(v, inValue)
	if err != nil {
		return nil, err
	}
	tree, err := parse(text, jsonscan.Nulls{})
	if err != nil {
		return nil, err
	}
	if tree == nil {
		return map[string]any{}, nil
	}
	members, ok := tree.(map[string]any)
	if !ok {
		return nil, fault(ErrNotObject, "%s encodes to %s", structfields.TypeName(reflect.TypeFor[T]()), jsonscan.Kind(text))
	}
	return members, nil
}

// drafter computes a patch from three documents: what was read, how the type
// encoded what it decoded, and how it encodes now.
type drafter struct {
	pathList // of the nulls that no patch can set

	// whole removes objects as a whole, and refuses every new null, as Diff does.
	whole  bool
	erases *PathError
}

func (w *drafter) members(unknown *places, old, before, after map[string]any) Patch {
	patch := Patch{}
	w.each(before, unknown, func(key string) {
		stored, present := old[key]
		if _, stays := after[key]; stays || !present {
			return
		}
		if removed := w.remove(unknown.at(key), stored, before[key]); removed != nil {
			patch[key] = removed
		}
	})
	w.each(after, unknown, func(key string) {
		want := after[key]
		was, decoded := before[key]
		stored, present := old[key]
		// Objects are entered: no patch comes of those that did not change.
		if !areObjects(stored, want) && ((decoded && equal(was, want)) || (present && equal(stored, want))) {
			return
		}
		if want == nil {
			if present || w.whole {
				w.add()
			}
			return // verify finds those that a draft misses
		}
		if change := w.change(unknown.at(key), stored, was, want); change != nil {
			patch[key] = change
		}
	})
	return patch
}

// each visits the keys of members, in order if one of several may be named as the one
// that cannot be erased.
func (w *drafter) each(members map[string]any, unknown *places, visit func(key string)) {
	enter := func(key string) {
		w.enter(key)
		visit(key)
		w.leave()
	}
	if unknown == nil {
		for key := range members {
			enter(key)
		}
		return
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		enter(key)
	}
}

// change returns the patch value that makes stored into want; nil for none.
func (w *drafter) change(unknown *places, stored, was, want any) any {
	if members, isObject := want.(map[string]any); isObject {
		if old, wasObject := stored.(map[string]any); wasObject {
			return orNil(w.members(unknown, old, asMembers(was), members))
		}
		w.guard(unknown)
		return w.members(nil, nil, nil, members)
	}
	w.guard(unknown)
	return clone(want, patchNulls())
}

// remove returns the patch value that removes what was decoded of stored; nil for none.
func (w *drafter) remove(unknown *places, stored, was any) any {
	old, isObject := stored.(map[string]any)
	decoded, wasObject := was.(map[string]any)
	if w.whole || !isObject || !wasObject {
		w.guard(unknown)
		return Delete
	}
	return orNil(w.members(unknown, old, decoded, nil))
}

func orNil(patch Patch) any {
	if len(patch) == 0 {
		return nil
	}
	return patch
}

// guard refuses to replace or remove as a whole what holds unknown keys.
func (w *drafter) guard(unknown *places) {
	if w.erases != nil {
		return
	}
	if key := unknown.inside(); key != "" {
		path := w.path()
		w.erases = &PathError{Path: path, Reason: ErrUnknownKeys, Hint: "it holds " + pointer.Printable(path+key) + "; only a PUT could replace it"}
	}
}
