package structfields

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

var (
	jsonMarshaler   = reflect.TypeFor[json.Marshaler]()
	textAppender    = reflect.TypeFor[encoding.TextAppender]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	numberType      = reflect.TypeFor[json.Number]()
	rawType         = reflect.TypeFor[json.RawMessage]()
)

// WritesItself reports whether values of a type write their JSON by a method of
// their own. A json.Number is a number on every release of Go, whatever methods
// it has.
func WritesItself(t reflect.Type) bool {
	return t != numberType && (t.Implements(jsonMarshaler) || t.Implements(textMarshaler))
}

// ReadsItself reports whether a type has a method that reads its JSON, on itself
// or its pointer, so that encoding/json does not look at its fields.
func ReadsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t != numberType && (p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler))
}

// hasMethods reports whether a method decides how values of a type are read or
// written, or whether they are left out.
func hasMethods(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return ReadsItself(t) || WritesItself(p) || p.Implements(reflect.TypeFor[interface{ IsZero() bool }]())
}

// Unsteady says what it is about a type, leaving aside the types that it holds,
// that the releases of Go read or write differently; "" for nothing.
func Unsteady(t reflect.Type) string {
	p := t
	if t.Kind() != reflect.Interface {
		p = reflect.PointerTo(t)
	}
	_, writes := p.MethodByName("MarshalJSONTo")
	_, reads := p.MethodByName("UnmarshalJSONFrom")
	switch {
	case t == numberType:
		return ""
	case t.Kind() == reflect.Struct && Of(t).EmbedsNumber:
		return "embeds json.Number, which makes it a number to some releases of Go and an object to others: give the field a name"
	case t.Kind() == reflect.Struct && Of(t).Unsteady != "" && (!WritesItself(p) || !ReadsItself(t)):
		return Of(t).Unsteady
	case writes && !p.Implements(jsonMarshaler):
		return "has MarshalJSONTo, which not every release of Go calls: add MarshalJSON"
	case reads && !p.Implements(jsonUnmarshaler):
		return "has UnmarshalJSONFrom, which not every release of Go calls: add UnmarshalJSON"
	case p.Implements(textAppender) && !WritesItself(p):
		return "has AppendText, which not every release of Go calls: add MarshalText"
	default:
		return ""
	}
}

// KeyFault says why not every release of Go writes a map with keys of a type, or
// not alike; "" where each does.
func KeyFault(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.String && t.Implements(textMarshaler):
		return "a map with keys of type " + TypeName(t) + ", a string type whose MarshalText not every release of Go calls"
	case isPlainKey(t.Kind()) || t.Implements(textMarshaler):
		return ""
	default:
		return "a map with keys of type " + TypeName(t)
	}
}

// ReadsKey reports whether every release of Go reads a map with keys of a type.
func ReadsKey(t reflect.Type) bool {
	return isPlainKey(t.Kind()) || reflect.PointerTo(t).Implements(textUnmarshaler)
}

func isPlainKey(kind reflect.Kind) bool {
	switch kind {
	case reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	default:
		return false
	}
}

// TypeName is the name of a type, the same on every release of Go: since 1.27
// json.RawMessage is another name of a type in another package.
func TypeName(t reflect.Type) string {
	return strings.ReplaceAll(t.String(), rawType.String(), "json.RawMessage")
}
