package typed

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// shape is what a type takes of an entity's JSON.
type shape struct {
	// members are the names of the type's fields in JSON.
	members map[string]structfields.Member
	// keys has for each of them what stands before its value in JSON.
	keys map[string]string
	// param and fault say why the type is no view of the entity.
	param string
	fault error
}

// shapeOf leaves to CheckType what is at fault with t as any metadata's type.
func shapeOf(kind string, has []string, t reflect.Type) shape {
	if t.Kind() != reflect.Struct || structfields.ReadsItself(t) || structfields.WritesItself(reflect.PointerTo(t)) {
		return shape{fault: typeError("%s: a view is a struct whose fields have the names of Clerk's JSON, without JSON methods of its own", t)}
	}
	s := shape{members: structfields.Of(t).Members, keys: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(s.members)) {
		if fault := refusal(kind, has, t, name, s.members[name].Type); fault != nil {
			return shape{param: name, fault: fault}
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return shape{param: name, fault: err}
		}
		s.keys[name] = string(quoted) + ":"
	}
	return s
}

func typeError(format string, args ...any) error {
	return &metadata.PathError{Reason: metadata.ErrType, Hint: fmt.Sprintf(format, args...)}
}

// refusal says why a struct t cannot have a field of that name and type; has are the
// metadata fields of the kind.
func refusal(kind string, has []string, t reflect.Type, name string, typ reflect.Type) error {
	if slices.Contains(has, name) {
		return holdsObject(t, name, typ)
	}
	for _, field := range []string{entity.PublicMetadata, entity.PrivateMetadata, entity.UnsafeMetadata} {
		switch {
		case !resembles(name, field):
		case name != field && slices.Contains(has, field):
			return typeError(`%s: a field is %q in JSON, Clerk's name is %q: tag it json:%[3]q`, t, name, field)
		default:
			return typeError("%s: %s has no %s, it has %s", t, kind, field, strings.Join(has, " and "))
		}
	}
	return nil
}

// holdsObject refuses a type that encodes to no JSON object.
func holdsObject(t reflect.Type, name string, typ reflect.Type) error {
	base := typ
	for base.Kind() == reflect.Pointer {
		base = base.Elem()
	}
	switch base.Kind() {
	case reflect.Struct, reflect.Map, reflect.Interface:
		return nil
	}
	if structfields.ReadsItself(base) {
		return nil
	}
	return typeError("%s: %s is a %s, and metadata is a JSON object: use a struct, a map or any", t, name, typ)
}

// resembles reports whether somebody who wrote name meant field: the name in
// another case or style, shortened ("public"), or with a slip of two letters.
func resembles(name, field string) bool {
	const shortest, slips = 6, 2 // "public" and "unsafe" have six letters
	name, field = letters(name), letters(field)
	if len(name) >= shortest && strings.HasPrefix(field, name) {
		return true
	}
	return distance(name, field) <= slips
}

func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// distance is the Levenshtein distance.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
