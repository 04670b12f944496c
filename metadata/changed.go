package metadata

import (
	"maps"
	"math"
	"slices"
)

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
	all := changes{most: math.MaxInt}
	var root place
	all.members(&root, asMembers(a), asMembers(b))
	slices.Sort(all.paths)
	return all.paths, nil
}

// changes are the paths at which two documents differ, at most so many.
type changes struct {
	paths []string
	most  int
}

// members goes through the keys in order, so that the first paths are the same
// every time. Objects are not compared before they are entered: each would be
// compared again with every object around it.
func (c *changes) members(at *place, from, to map[string]any) {
	here := at.child("")
	for _, key := range slices.Sorted(maps.Keys(from)) {
		here.key = key
		w, both := to[key]
		inner, isObject := from[key].(map[string]any)
		other, areObjects := w.(map[string]any)
		switch {
		case isObject && areObjects:
			c.members(&here, inner, other)
		case !both || !equal(from[key], w):
			c.add(&here)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(to)) {
		if _, both := from[key]; !both {
			here.key = key
			c.add(&here)
		}
	}
}

func (c *changes) add(at *place) {
	if len(c.paths) < c.most {
		c.paths = append(c.paths, at.String())
	}
}
