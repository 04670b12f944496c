package metadata

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

// asMembers is v's members, none where v is no object: a merge patch that is
// an object turns whatever it meets into one.
func asMembers(v any) map[string]any {
	members, _ := v.(map[string]any)
	return members
}
