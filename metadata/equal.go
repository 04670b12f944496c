package metadata

import (
	"encoding/json"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// Equal reports whether a and b hold the same metadata: members in any order,
// arrays in order, numbers by value. Absent, null and empty differ from each
// other. Text that cannot be parsed (a key that occurs twice) equals nothing.
func Equal(a, b Object) bool {
	if a.raw == nil || b.raw == nil {
		return a.raw == nil && b.raw == nil
	}
	x, err := parse(a.raw, jsonscan.Nulls{})
	if err != nil {
		return false
	}
	y, err := parse(b.raw, jsonscan.Nulls{})
	return err == nil && equal(x, y)
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			w, ok := b[k]
			if !ok || !equal(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case json.Number:
		b, ok := b.(json.Number)
		return ok && (a == b || sameNumber(string(a), string(b)))
	default:
		return a == b
	}
}
