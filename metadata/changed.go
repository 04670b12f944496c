package metadata

import (
	"bytes"
	"maps"
	"math"
	"slices"
)

// Changed returns the JSON Pointers (RFC 6901), sorted, at which two objects
// differ: as deep as both have objects, arrays as a whole, numbers by value. An
// object whose own pointer has more than 1 KiB counts as a whole too. An absent or
// null object counts as an empty one. The error is a *PathError about one of them.
func Changed(from, to Object) ([]string, error) {
	if written, err := encode(to, inValue); err == nil && bytes.Equal(written, from.raw) {
		return nil, nil // from is what Merge wrote
	}
	a, err := from.tree()
	if err != nil {
		return nil, err
	}
	b, err := to.tree()
	if err != nil {
		return nil, err
	}
	if equal(a, b) {
		return nil, nil
	}
	all := changes{most: math.MaxInt}
	all.members(0, asMembers(a), asMembers(b))
	slices.Sort(all.paths)
	return all.paths, nil
}

// changes are the paths at which two documents differ, the first most of them.
type changes struct {
	trail

	paths []string
	most  int
}

// maxEntered bounds the pointer of an object whose members are compared one by one.
// Without it all paths together could be as long as depth times keys.
const maxEntered = 1024

// members goes through the keys in order, so that the first paths are the same every
// time. It enters objects without comparing them first, which would compare each again
// with every object around it. size is the length of the pointer so far.
func (c *changes) members(size int, from, to map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(from)) {
		inside := size + 1 + len(key)
		w, both := to[key]
		inner, isObject := from[key].(map[string]any)
		other, areObjects := w.(map[string]any)
		c.enter(key)
		switch {
		case isObject && areObjects && inside <= maxEntered:
			c.members(inside, inner, other)
		case !both || !equal(from[key], w):
			c.add()
		}
		c.leave()
	}
	for _, key := range slices.Sorted(maps.Keys(to)) {
		if _, both := from[key]; !both {
			c.enter(key)
			c.add()
			c.leave()
		}
	}
}

func (c *changes) add() {
	if len(c.paths) < c.most {
		c.paths = append(c.paths, c.path())
	}
}
