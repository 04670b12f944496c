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
	missing := drafter{whole: true}
	missing.members(newRoot(), nil, got, got, after)
	if err := missing.wanted.nullsError(); err != nil {
		return err
	}
	first := changes{most: 1}
	first.members(newRoot(), 0, got, after)
	return &PathError{
		Path: first.paths[0], Reason: ErrUnsupported,
		Hint: "no merge patch leads to this change of " + structfields.TypeName(reflect.TypeFor[T]()),
	}
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
