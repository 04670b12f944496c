package metadata

import "github.com/clerkmeta/clerkmeta-go/internal/jsonscan"

// Compose returns one patch that has the effect of first and then second, on
// every document: Merge(doc, composed) equals Merge(Merge(doc, first), second).
//
// Some pairs have no such patch. Where first removes a key or sets it to something
// other than an object, and second sets an object there, the result replaces what the
// document holds, and a merge patch cannot replace an object. The error is then a
// *ComposeError that lists the paths; send the two one after the other.
//
// A nil patch leaves the field alone, so composing with nil returns the other.
func Compose(first, second Patch) (Patch, error) {
	if first == nil || second == nil {
		return composeWithNil(first, second)
	}
	a, err := first.tree()
	if err != nil {
		return nil, err
	}
	b, err := second.tree()
	if err != nil {
		return nil, err
	}
	var c composer
	composed := c.members(newRoot(), a, b)
	if len(c.conflicts.paths) > 0 {
		return nil, &ComposeError{Paths: c.conflicts.sorted(), More: c.conflicts.more}
	}
	return composed, nil
}

func composeWithNil(first, second Patch) (Patch, error) {
	given := first
	if given == nil {
		given = second
	}
	if given == nil {
		return nil, nil //nolint:nilnil // two fields left alone are a field left alone
	}
	return given.normal()
}

// ComposeError lists the places at which two patches cannot be composed.
type ComposeError struct {
	// Paths are the JSON Pointers (RFC 6901), sorted, up to 64 KiB of them.
	Paths []string
	// More is the number of places that Paths leaves out.
	More int
}

// Error names the paths.
func (e *ComposeError) Error() string {
	return "no single merge patch replaces what may be an object, at " + joinPaths(e.Paths, e.More) + ": send the patches one after the other"
}

type composer struct{ conflicts pathList }

func (c *composer) members(at *place, first, second map[string]any) Patch {
	composed := Patch{}
	for key, v := range first {
		if _, overridden := second[key]; !overridden {
			composed[key] = clone(v, patchNulls())
		}
	}
	here := at.inside(false)
	for key, v := range second {
		here.key = key
		earlier, both := first[key]
		changes, isObject := v.(map[string]any)
		switch base, wasObject := earlier.(map[string]any); {
		case !both || !isObject:
			composed[key] = clone(v, patchNulls())
		case wasObject:
			composed[key] = c.members(here, base, changes)
		default:
			c.conflicts.add(here)
		}
	}
	return composed
}

// tree is the patch as a document in which nil is a deletion.
func (p Patch) tree() (map[string]any, error) {
	if tree, is := plainMembers(p, false, 0); is {
		return tree, nil
	}
	raw, err := p.MarshalJSON()
	if err != nil {
		return nil, err
	}
	tree, err := parse(raw, jsonscan.Nulls{})
	return asMembers(tree), err
}

// normal is the patch with nothing in it but JSON types, Delete and Null().
func (p Patch) normal() (Patch, error) {
	tree, err := p.tree()
	if err != nil {
		return nil, err
	}
	return asMembers(clone(tree, patchNulls())), nil
}
