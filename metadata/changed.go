package metadata

import "slices"

// Changed returns the JSON Pointers (RFC 6901), sorted, at which two objects
// differ: as deep as both have objects, arrays as a whole, numbers by value. An
// absent or null object counts as an empty one. The error is a *PathError about
// one of them.
func Changed(from, to Object) ([]string, error) {
	a, err := from.tree()
	if err != nil {
		return nil, err
	}
	b, err := to.tree()
	if err != nil {
		return nil, err
	}
	var paths []string
	var root place
	changed(&root, asMembers(a), asMembers(b), &paths)
	slices.Sort(paths)
	return paths, nil
}

func changed(at *place, from, to map[string]any, paths *[]string) {
	here := at.child("")
	for key, v := range from {
		here.key = key
		w, both := to[key]
		inner, isObject := v.(map[string]any)
		other, areObjects := w.(map[string]any)
		switch {
		case both && equal(v, w):
		case isObject && areObjects:
			changed(&here, inner, other, paths)
		default:
			*paths = append(*paths, here.String())
		}
	}
	for key := range to {
		if _, both := from[key]; !both {
			here.key = key
			*paths = append(*paths, here.String())
		}
	}
}
