package claims

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// field is a claim: a shortcode, or an object of fields.
type field struct {
	name   string
	code   string
	fields []field
}

// The fields of Clerk's JSON of a user that a struct may have.
const (
	fieldID     = "id"
	fieldPublic = "public_metadata"
	fieldUnsafe = "unsafe_metadata"
)

// shapeOf returns the claims that T needs.
func shapeOf[T any]() ([]field, error) {
	if err := metadata.CheckType[T](); err != nil {
		return nil, invalid("T", err)
	}
	if readsItself(reflect.TypeFor[T]()) {
		return nil, invalid("T", errors.New("has a method UnmarshalJSON, which hides what it reads: expected a struct without"))
	}
	members, err := membersOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, invalid("T", err)
	}
	var shape []field
	for _, m := range members {
		f := field{name: m.name, code: "user." + m.name}
		switch m.name {
		case fieldID:
		case fieldPublic, fieldUnsafe:
			if f.fields, err = keysOf(m.t, f.code); err != nil {
				return nil, invalid("T", err)
			}
		case "private_metadata":
			return nil, invalid("T", errors.New("has private_metadata, which is in no token: read it with users.As"))
		default:
			return nil, invalid("T", fmt.Errorf("has the field %q: expected %s, %s or %s", m.name, fieldID, fieldPublic, fieldUnsafe))
		}
		shape = append(shape, f)
	}
	return shape, nil
}

// keysOf returns the keys of metadata that a struct names, none for a type that takes all
// of it.
func keysOf(t reflect.Type, code string) ([]field, error) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	isWhole := t.Kind() == reflect.Map || t.Kind() == reflect.Interface
	if isWhole || readsItself(t) {
		return nil, nil
	}
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is a %s, metadata is an object: expected a struct, a map or metadata.Object", code, t)
	}
	members, err := membersOf(t)
	if err != nil {
		return nil, err
	}
	fields := make([]field, 0, len(members))
	for _, m := range members {
		if strings.Trim(m.name, nameCharacters) != "" {
			return nil, fmt.Errorf("the key %q of %s cannot be in a shortcode: expected letters, digits, - and _; take a map for the whole", m.name, code)
		}
		fields = append(fields, field{name: m.name, code: code + "." + m.name})
	}
	return fields, nil
}

func readsItself(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
}

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// member is a field of a struct by its name in JSON.
type member struct {
	name string
	t    reflect.Type
}

// membersOf returns the fields of a struct as encoding/json names them, embedded ones in
// their place. metadata.CheckType has refused what is ambiguous.
func membersOf(t reflect.Type) ([]member, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is not a struct", t)
	}
	var members []member
	for _, f := range reflect.VisibleFields(t) {
		name, isEmbedded := jsonName(f)
		for depth := 1; depth < len(f.Index); depth++ {
			if _, inline := jsonName(t.FieldByIndex(f.Index[:depth])); !inline {
				name = "" // a part of a field that has a name
			}
		}
		if isEmbedded || name == "" {
			continue
		}
		if slices.ContainsFunc(members, func(m member) bool { return m.name == name }) {
			return nil, fmt.Errorf("%s has two fields %q", t, name)
		}
		members = append(members, member{name: name, t: f.Type})
	}
	return members, nil
}

// jsonName returns the name of a field in JSON, "" for none, and whether its own fields are
// in its place.
func jsonName(f reflect.StructField) (name string, isEmbedded bool) {
	tag := f.Tag.Get("json")
	name, _, _ = strings.Cut(tag, ",")
	isStruct := f.Type.Kind() == reflect.Struct || f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct
	switch {
	case tag == "-", !f.IsExported() && !f.Anonymous:
		return "", false
	case f.Anonymous && name == "" && isStruct:
		return "", true
	case name == "":
		return f.Name, false
	}
	return name, false
}

// Template returns the JSON for Clerk's dashboard (Sessions, Customize session token) that
// puts what T reads into session tokens:
//
//	type Account struct {
//		Public struct {
//			Role string `json:"role"`
//		} `json:"public_metadata"`
//	}
//
// gives
//
//	{
//	  "public_metadata": {
//	    "role": "{{user.public_metadata.role}}"
//	  }
//	}
//
// T is a struct as for users.As, with Clerk's names: id, public_metadata, unsafe_metadata.
// Where the metadata is a struct, its keys are named one by one, so that no other key takes
// room in the token; a map or a metadata.Object takes all. A key that a user does not have
// is null, which decodes as an absent one does.
//
// Private metadata in T, another field of a user, and a key that no shortcode can name are
// errors that satisfy clerkerr.ErrInvalidArgument, as are types that metadata.CheckType
// refuses. Unsafe metadata in a token is signed by Clerk and written by the user.
func Template[T any]() (string, error) {
	shape, err := shapeOf[T]()
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(templateOf(shape), "", "  ")
	return string(text), err
}

func templateOf(fields []field) map[string]any {
	claims := make(map[string]any, len(fields))
	for _, f := range fields {
		if f.fields == nil {
			claims[f.name] = "{{" + f.code + "}}"
			continue
		}
		claims[f.name] = templateOf(f.fields)
	}
	return claims
}

// Size returns the size in bytes of the claims that Template's text gives for a user with
// the metadata in v. With more than metadata.MaxClaimSize Clerk's browser client does not
// set the cookie, and the user is not signed in; a test of the application's own shows
// whether the largest metadata fits:
//
//	size, err := claims.Size(largest)
//	require.NoError(t, err)
//	require.LessOrEqual(t, size, metadata.MaxClaimSize)
//
// A map counts with what is in it: a user's other keys come on top. The error is
// Template's, or a *metadata.PathError.
func Size[T any](v T) (int, error) {
	shape, err := shapeOf[T]()
	if err != nil {
		return 0, err
	}
	object, err := metadata.Of(v).Object()
	if err != nil {
		return 0, err
	}
	claims, err := claimsOf(shape, object)
	if err != nil {
		return 0, err
	}
	return metadata.Size(claims)
}

// claimsOf returns the fields of a shape and no others, null where they are absent, as
// Template's text gives them.
func claimsOf(fields []field, o metadata.Object) (map[string]any, error) {
	given, err := metadata.Decode[map[string]json.RawMessage](o)
	if err != nil {
		return nil, err
	}
	claims := make(map[string]any, len(fields))
	for _, f := range fields {
		raw := given[f.name]
		if f.fields == nil {
			claims[f.name] = raw // null if it is nil
			continue
		}
		var inner metadata.Object
		if raw != nil {
			if inner, err = metadata.ParseObject(raw); err != nil {
				return nil, err
			}
		}
		if claims[f.name], err = claimsOf(f.fields, inner); err != nil {
			return nil, err
		}
	}
	return claims, nil
}
