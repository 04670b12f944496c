package metadata_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// at looks up a JSON Pointer through objects.
func at(tree any, pointer string) (any, bool) {
	for _, step := range strings.Split(pointer, "/")[1:] {
		members, _ := tree.(map[string]any)
		v, ok := members[strings.NewReplacer("~1", "/", "~0", "~").Replace(step)]
		if !ok {
			return nil, false
		}
		tree = v
	}
	return tree, true
}

// nestedAt is a document that holds v at a JSON Pointer.
func nestedAt(pointer string, v any) any {
	steps := strings.Split(pointer, "/")[1:]
	for _, step := range slices.Backward(steps) {
		v = map[string]any{strings.NewReplacer("~1", "/", "~0", "~").Replace(step): v}
	}
	return v
}

func leaves(patch metadata.Patch, at []string) (places [][]string) {
	for key, v := range patch {
		here := append(slices.Clone(at), key)
		if inner, ok := v.(metadata.Patch); ok && len(inner) > 0 {
			places = append(places, leaves(inner, here)...)
		} else {
			places = append(places, here)
		}
	}
	return places
}

func dropLeaf(patch metadata.Patch, at []string) metadata.Patch {
	less := maps.Clone(patch)
	if inner, ok := less[at[0]].(metadata.Patch); ok && len(at) > 1 {
		less[at[0]] = dropLeaf(inner, at[1:])
	} else {
		delete(less, at[0])
	}
	return less
}

// isZero reports the leaves that make no difference to the type: the zeros of
// a new object, which its type always writes, and those of an object that is
// cleared, which are deleted with the rest of it.
func isZero(old any, patch metadata.Patch, place []string) bool {
	last := place[len(place)-1]
	for _, step := range place[:len(place)-1] {
		members, _ := old.(map[string]any)
		old = members[step]
		patch, _ = patch[step].(metadata.Patch)
	}
	stored, exists := old.(map[string]any)
	v := patch[last]
	if v == metadata.Delete {
		v = stored[last]
	} else if exists {
		return false
	}
	return v == "" || v == json.Number("0")
}
