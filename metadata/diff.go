package metadata

import (
	"bytes"
	"maps"
	"math"
	"slices"
)

// Diff returns the smallest merge patch that leads from old to new: Merge(old,
// patch) equals new. It holds only what changed. Numbers of one value (1,
// 1.0 and 1e0) are no change, others are written with new's digits. Where nothing
// changed the patch is empty, not nil.
//
// An absent or null old counts as an empty object. A merge patch cannot set a null:
// where new has one that old lacks, the error is a *NullsError that lists the paths,
// and a PUT is needed. An absent new is an error.
func Diff(old, new Object) (Patch, error) {
	if new.raw == nil {
		return nil, &PathError{Reason: ErrNotObject, Hint: "the new metadata is absent"}
	}
	if new.IsNull() {
		return nil, &NullsError{Paths: []string{""}}
	}
	from, err := old.tree()
	if err != nil {
		return nil, err
	}
	to, err := new.tree()
	if err != nil {
		return nil, err
	}
	w := drafter{whole: true}
	patch := w.members(nil, asMembers(from), asMembers(from), asMembers(to))
	if err := w.nullsError(); err != nil {
		return nil, err
	}
	return patch, nil
}

// NullsError lists the places at which the result needs a null, which no merge patch
// can write. It satisfies ErrNull.
type NullsError struct {
	// Paths are the JSON Pointers (RFC 6901), sorted, up to 64 KiB of them.
	Paths []string
	// More is the number of places that Paths leaves out.
	More int
}

// Error names the paths.
func (e *NullsError) Error() string {
	return "a merge patch cannot set null, wanted at " + joinPaths(e.Paths, e.More) + ": leave the key out, or use a PUT"
}

// Unwrap returns ErrNull.
func (e *NullsError) Unwrap() error { return ErrNull }

func areObjects(a, b any) bool {
	_, first := a.(map[string]any)
	_, second := b.(map[string]any)
	return first && second
}

// asMembers returns v's members, none if v is no object: a merge patch that is an object
// turns any value into one.
func asMembers(v any) map[string]any {
	members, _ := v.(map[string]any)
	return members
}

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
