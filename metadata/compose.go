package metadata

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

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
	var conflicts pathList
	composed := conflicts.compose(a, b)
	if len(conflicts.paths) > 0 {
		return nil, &ComposeError{Paths: conflicts.sorted(), More: conflicts.more}
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
	tree, err := given.tree()
	if err != nil {
		return nil, err
	}
	return asMembers(clone(tree, patchNulls())), nil
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

func (l *pathList) compose(first, second map[string]any) Patch {
	composed := Patch{}
	for key, v := range first {
		if _, overridden := second[key]; !overridden {
			composed[key] = clone(v, patchNulls())
		}
	}
	for key, v := range second {
		earlier, both := first[key]
		changes, isObject := v.(map[string]any)
		l.enter(key)
		switch base, wasObject := earlier.(map[string]any); {
		case !both || !isObject:
			composed[key] = clone(v, patchNulls())
		case wasObject:
			composed[key] = l.compose(base, changes)
		default:
			l.add()
		}
		l.leave()
	}
	return composed
}

// tree returns the patch as a document in which nil is a deletion.
func (p Patch) tree() (map[string]any, error) {
	if tree, is := plain(p, false, 0); is {
		return asMembers(tree), nil
	}
	raw, err := p.MarshalJSON()
	if err != nil {
		return nil, err
	}
	tree, err := parse(raw, jsonscan.Nulls{})
	return asMembers(tree), err
}

// plain returns the tree of a patch without writing it. It reports false for a patch with
// anything that ParsePatch and Diff do not put there, and for one with a fault.
func plain(v any, inArray bool, depth int) (tree any, is bool) {
	switch v := v.(type) {
	case deletion:
		return nil, !inArray
	case Value:
		return nil, inArray && v.IsNull()
	case string:
		return v, utf8.ValidString(v)
	case json.Number:
		return v, isNumber(string(v))
	case bool:
		return v, true
	case Patch:
		return plain(map[string]any(v), inArray, depth)
	case map[string]any:
		if v == nil || depth >= maxDepth {
			return nil, false
		}
		members := make(map[string]any, len(v))
		for key, member := range v {
			if members[key], is = plain(member, inArray, depth+1); !is || !utf8.ValidString(key) {
				return nil, false
			}
		}
		return members, true
	case []any:
		if v == nil || depth >= maxDepth {
			return nil, false
		}
		elements := make([]any, len(v))
		for i, element := range v {
			if elements[i], is = plain(element, true, depth+1); !is {
				return nil, false
			}
		}
		return elements, true
	default:
		return nil, false
	}
}

// Merge returns what a field holds after a PATCH of doc with patch: the merge
// of RFC 7396. An absent or null doc counts as an empty object; nulls that doc
// holds (a PUT can store them) stay where patch does not touch them. Numbers
// keep their digits. The error is a *PathError about patch or doc.
//
// That Clerk merges objects deeply and removes keys set to null is documented; that
// it replaces arrays is how Clerk's browser client makes patches; that it strips
// nulls from new objects, as the RFC says, is a guess.
func Merge(doc Object, patch Patch) (Object, error) {
	target, err := doc.tree()
	if err != nil {
		return Object{}, err
	}
	change, err := patch.tree()
	if err != nil {
		return Object{}, err
	}
	merged, err := encode(merge(target, change), inValue)
	return Object{raw: merged}, err
}

// merge is the pseudo code of RFC 7396, section 2, on trees in which nil is
// JSON null. It may change and return target.
func merge(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	members, ok := target.(map[string]any)
	if !ok {
		members = make(map[string]any, len(changes))
	}
	for key, change := range changes {
		if change == nil {
			delete(members, key)
		} else {
			members[key] = merge(members[key], change)
		}
	}
	return members
}

// clone copies a tree, with null's values in place of nil.
func clone(tree any, null jsonscan.Nulls) any {
	switch v := tree.(type) {
	case nil:
		return null.Member
	case map[string]any:
		members := make(map[string]any, len(v))
		for key, member := range v {
			members[key] = clone(member, null)
		}
		return members
	case []any:
		null.Member = null.Element
		elements := make([]any, len(v))
		for i, element := range v {
			elements[i] = clone(element, null)
		}
		return elements
	default:
		return v
	}
}

// patchNulls are the nulls of a document in which nil is a deletion, and arrays, which
// are written as a whole, have nulls that are meant.
func patchNulls() jsonscan.Nulls { return jsonscan.Nulls{Member: Delete, Element: Null()} }

// tree parses the field, an empty object where it is absent or null.
func (o Object) tree() (any, error) {
	if o.raw == nil || o.IsNull() {
		return map[string]any{}, nil
	}
	return parse(o.raw, jsonscan.Nulls{})
}
