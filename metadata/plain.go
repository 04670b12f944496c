package metadata

import (
	"encoding/json"
	"unicode/utf8"
)

// plainMembers is what Patch.tree reads of what a patch encodes to, without the
// text. It is false for a patch that has anything in it but what ParsePatch and
// Diff put there, and for one that is at fault, which encoding it reports.
func plainMembers(members map[string]any, inArray bool, depth int) (map[string]any, bool) {
	if members == nil || depth >= maxDepth {
		return nil, false
	}
	tree := make(map[string]any, len(members))
	for key, member := range members {
		plain, is := plainValue(member, inArray, depth+1)
		if !is || !utf8.ValidString(key) {
			return nil, false
		}
		tree[key] = plain
	}
	return tree, true
}

func plainValue(v any, inArray bool, depth int) (any, bool) {
	switch v := v.(type) {
	case deletion:
		return nil, !inArray
	case Value:
		return nil, inArray && v.IsNull()
	case Patch:
		return plainMembers(v, inArray, depth)
	case map[string]any:
		return plainMembers(v, inArray, depth)
	case []any:
		return plainElements(v, depth)
	case string:
		return v, utf8.ValidString(v)
	case json.Number:
		return v, isNumber(string(v))
	case bool:
		return v, true
	default:
		return nil, false
	}
}

func plainElements(elements []any, depth int) (any, bool) {
	if elements == nil || depth >= maxDepth {
		return nil, false
	}
	tree := make([]any, len(elements))
	for i, element := range elements {
		var is bool
		if tree[i], is = plainValue(element, true, depth+1); !is {
			return nil, false
		}
	}
	return tree, true
}
