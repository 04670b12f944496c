package metadata

import (
	"maps"
	"slices"
)

// Rebase returns the smallest merge patch that makes the change from was to now on stored,
// which others may have changed since was was read. The change is a set of places: the
// keys that are set or removed, as deep as was and now both have objects, arrays as a whole.
// Where stored already is as now, nothing is left to do. Keys that the change does not name
// stay as stored has them.
//
// Where stored is neither as was nor as now, others have changed what the change is about:
// the error is then a *ConflictError that lists those places. So is a key to be set in an
// object that stored no longer has. Numbers are compared by value.
//
// An absent or null was or stored counts as an empty object. What no merge patch can do is
// an error as for Diff. Rebase(was, now, was) is Diff(was, now).
func Rebase(was, now, stored Object) (Patch, error) {
	change, err := Diff(was, now)
	if err != nil {
		return nil, err
	}
	from, err := was.tree()
	if err != nil {
		return nil, err
	}
	to, err := now.tree()
	if err != nil {
		return nil, err
	}
	current, err := stored.tree()
	if err != nil {
		return nil, err
	}
	var conflicts pathList
	left := conflicts.rebase(change, asMembers(from), asMembers(to), current)
	if len(conflicts.paths) > 0 {
		return nil, &ConflictError{Paths: conflicts.sorted(), More: conflicts.more}
	}
	return left, nil
}

// rebase returns what is left of change, the patch from one object to another, on stored.
func (l *pathList) rebase(change Patch, from, to map[string]any, stored any) Patch {
	left := Patch{}
	members, isObject := stored.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(change)) {
		was, existed := from[key]
		now, remains := to[key]
		value, exists := members[key]
		l.enter(key)
		switch {
		case areObjects(was, now):
			inner, _ := change[key].(Patch)
			if rest := l.rebase(inner, asMembers(was), asMembers(now), value); len(rest) > 0 {
				left[key] = rest
			}
		case exists == remains && equal(value, now): // done
		case !isObject, exists != existed, !equal(value, was):
			l.add()
		default:
			left[key] = change[key]
		}
		l.leave()
	}
	return left
}

// ConflictError lists the places at which a change cannot be made, since others have
// changed them.
type ConflictError struct {
	// Paths are the JSON Pointers (RFC 6901), sorted, up to 64 KiB of them.
	Paths []string
	// More is the number of places that Paths leaves out.
	More int
}

// Error names the paths.
func (e *ConflictError) Error() string {
	return "changed by others since it was read, at " + joinPaths(e.Paths, e.More)
}
