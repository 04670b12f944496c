package metadata

import (
	"reflect"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// verify checks that the patch, merged with what was read and decoded again, leads to
// Value. Nulls that were left out and JSON methods can make that impossible.
func (d *Draft[T]) verify(patch Patch, after map[string]any) error {
	change, err := patch.tree()
	if err != nil {
		return err
	}
	tree := merge(clone(d.old, jsonscan.Nulls{}), change)
	without(tree, d.unknown, after)
	dropEmptied(asMembers(tree), after)
	if len(asMembers(tree)) == 0 && len(after) == 0 {
		return nil // what a T that is nil and one that is empty have in common
	}
	if isPlain[T]() && equal(tree, after) {
		return nil // a T decodes from what it encodes to
	}
	var again T
	if err := decodeTree(tree, &again); err != nil {
		return err
	}
	got, err := encoded(&again)
	if err != nil {
		return err
	}
	clearNils(d.old, got, reflect.TypeFor[T]())
	if equal(got, after) {
		return nil
	}
	missing := drafter{whole: true}
	missing.members(nil, got, got, after)
	if err := missing.nullsError(); err != nil {
		return err
	}
	first := changes{most: 1}
	first.members(0, got, after)
	return &PathError{
		Path: first.paths[0], Reason: ErrUnsupported,
		Hint: "no merge patch leads to this change of " + structfields.TypeName(reflect.TypeFor[T]()),
	}
}

// dropEmptied removes the objects that are not wanted and left empty.
func dropEmptied(tree, wanted map[string]any) {
	for key, v := range tree {
		inner, isObject := v.(map[string]any)
		if !isObject {
			continue
		}
		want, stays := wanted[key]
		dropEmptied(inner, asMembers(want))
		if !stays && len(inner) == 0 {
			delete(tree, key)
		}
	}
}

// clearNils removes the nulls of struct fields from doc where an object is stored. A merge
// patch cannot set a null, and a struct has no other way to clear the object. Nulls in
// maps stay, since a map's key can be deleted.
func clearNils(stored, doc map[string]any, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	of := structfields.Of(t)
	isStruct, isMap := t.Kind() == reflect.Struct, t.Kind() == reflect.Map
	if of.Reads || of.AddrWrites || (!isStruct && !isMap) {
		return
	}
	for key, value := range doc {
		held, isObject := stored[key].(map[string]any)
		if !isObject {
			continue
		}
		inner, same := value.(map[string]any)
		switch {
		case value == nil && isStruct:
			delete(doc, key)
		case same && isStruct:
			clearNils(held, inner, of.Members[key].Type)
		case same:
			clearNils(held, inner, t.Elem())
		}
	}
}
