package metadata

import (
	"reflect"
	"slices"
)

// verify holds the patch against its purpose: merged with what was read and
// decoded again it must give Value. Nulls that were left out and types with JSON
// methods of their own can make that impossible.
func (d *Draft[T]) verify(patch Patch, after map[string]any) error {
	target, err := d.object.tree()
	if err != nil {
		return err
	}
	change, err := patch.tree()
	if err != nil {
		return err
	}
	tree := merge(target, change)
	var root place
	without(&root, tree, d.unknown, after)
	dropEmptied(asMembers(tree), after)
	if len(asMembers(tree)) == 0 && len(after) == 0 {
		return nil // what a T that is nil and one that is empty have in common
	}
	var again T
	if err := decodeTree(tree, &again); err != nil {
		return err
	}
	got, err := encoded(&again)
	if err != nil {
		return err
	}
	var nulls, paths []string
	missingNulls(&root, got, after, &nulls)
	changed(&root, got, after, &paths)
	switch {
	case len(nulls) > 0:
		slices.Sort(nulls)
		return &NullsError{Paths: nulls}
	case len(paths) > 0:
		return &PathError{
			Path: slices.Min(paths), Reason: ErrUnsupported,
			Hint: "no merge patch leads to this change of " + reflect.TypeFor[T]().String(),
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

// missingNulls finds the nulls that are wanted and did not come out.
func missingNulls(at *place, got, want map[string]any, paths *[]string) {
	here := at.child("")
	for key, w := range want {
		here.key = key
		g, there := got[key]
		switch w := w.(type) {
		case nil:
			if !there || g != nil {
				*paths = append(*paths, here.String())
			}
		case map[string]any:
			missingNulls(&here, asMembers(g), w, paths)
		}
	}
}

// without takes the keys with the given places, sorted, out of a tree, unless
// they are wanted now.
func without(at *place, tree any, unknown []string, wanted any) {
	if len(unknown) == 0 {
		return
	}
	switch v := tree.(type) {
	case map[string]any:
		members := asMembers(wanted)
		here := at.child("")
		for key, member := range v {
			here.key = key
			want, stays := members[key]
			if _, found := slices.BinarySearch(unknown, here.String()); found && !stays {
				delete(v, key)
				continue
			}
			without(&here, member, unknown, want)
		}
	case []any:
		here := at.element()
		for i, element := range v {
			here.index = i
			without(&here, element, unknown, nil)
		}
	}
}
