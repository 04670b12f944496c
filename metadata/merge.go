package metadata

import "github.com/clerkmeta/clerkmeta-go/internal/jsonscan"

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

// clone copies a tree, with what null says in place of nil.
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
