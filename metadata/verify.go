package metadata

import (
	"reflect"

	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// verify checks that the patch does what it is for: merged with what was read and
// decoded again it must give Value. Nulls that were left out and types with JSON
// methods of their own can make that impossible.
func (d *Draft[T]) verify(patch Patch, after map[string]any) error {
	change, err := patch.tree()
	if err != nil {
		return err
	}
	tree := merge(clone(d.old), change)
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
	var nulls pathList
	var root place
	missingNulls(&root, got, after, &nulls)
	first := changes{most: 1}
	first.members(&root, 0, got, after)
	switch {
	case !nulls.isEmpty():
		return nulls.nullsError()
	case len(first.paths) > 0:
		return &PathError{
			Path: first.paths[0], Reason: ErrUnsupported,
			Hint: "no merge patch leads to this change of " + structfields.TypeName(reflect.TypeFor[T]()),
		}
	}
	return nil
}

// dropEmptied takes away the objects of which only the empty shell is left, and
// which were to go.
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

// missingNulls finds the nulls of want that got lacks.
func missingNulls(at *place, got, want map[string]any, paths *pathList) {
	here := at.child("")
	for key, w := range want {
		here.key = key
		g, there := got[key]
		switch w := w.(type) {
		case nil:
			if !there || g != nil {
				paths.add(&here)
			}
		case map[string]any:
			missingNulls(&here, asMembers(g), w, paths)
		}
	}
}
