package typed

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// shape is what a type takes of an entity's JSON.
type shape struct {
	// keys has for the name of each of the type's fields what stands before its value
	// in JSON.
	keys map[string]string
	// param and fault say why the type is no view of the entity.
	param string
	fault error
}

// shapeOf leaves to CheckType what is wrong with t as any metadata's type.
func shapeOf(kind string, has []string, t reflect.Type) shape {
	if t.Kind() != reflect.Struct || structfields.Of(t).Reads || structfields.Of(t).AddrWrites {
		return shape{fault: typeError("%s: a view is a struct whose fields have the names of Clerk's JSON, without its own JSON methods", t)}
	}
	s := shape{keys: map[string]string{}}
	members := structfields.Of(t).Members
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if fault := refusal(kind, has, t, name, members[name].Type); fault != nil {
			return shape{param: name, fault: fault}
		}
		quoted, _ := json.Marshal(name) // a string always encodes
		s.keys[name] = string(quoted) + ":"
	}
	return s
}

func (s *shape) has(name string) bool {
	_, has := s.keys[name]
	return has
}

// cut returns the object of the members of raw that the shape has. The rest of a large
// entity is scanned and never parsed.
func (s *shape) cut(raw []byte) (metadata.Object, error) {
	text := append(make([]byte, 0, 512), '{') // enough for most
	err := answer.Members(raw, func(name, value []byte) {
		key, wanted := s.keys[string(name)]
		switch {
		case !wanted:
			return
		case len(text) > 1:
			text = append(text, ',')
		}
		text = append(append(text, key...), value...)
	})
	if err != nil {
		return metadata.Object{}, err
	}
	return metadata.ParseObject(append(text, '}'))
}

func typeError(format string, args ...any) error {
	return &metadata.PathError{Reason: metadata.ErrType, Hint: fmt.Sprintf(format, args...)}
}

// refusal returns why a struct t cannot have a field of that name and type; has are the
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
	kinds := []reflect.Kind{reflect.Struct, reflect.Map, reflect.Interface}
	if slices.Contains(kinds, base.Kind()) || structfields.Of(base).Reads {
		return nil
	}
	return typeError("%s: %s is a %s, and metadata is a JSON object: use a struct, a map or any", t, name, typ)
}

// resembles reports whether name is field in another case or style, shortened
// ("public"), or with a slip of two letters.
func resembles(name, field string) bool {
	const shortest, slips = 6, 2 // "public" and "unsafe" have six letters
	name, field = letters(name), letters(field)
	if len(name) >= shortest && strings.HasPrefix(field, name) {
		return true
	}
	return nearest.Distance(name, field) <= slips
}

func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}
