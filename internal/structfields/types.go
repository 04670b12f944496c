// Package structfields describes how encoding/json reads and writes Go types: the members
// of a struct, the types with methods for JSON, what the releases of Go treat differently,
// and where a document does not fit a type. Where the releases differ it asks the
// encoding/json that the program runs with.
package structfields

import (
	"cmp"
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// Type is what encoding/json makes of a Go type.
type Type struct {
	// Reads reports that a method of the type or its pointer reads its JSON, so that
	// encoding/json does not look at its fields.
	Reads bool
	// Writes reports that a method of the type writes its JSON, AddrWrites that one of
	// the type or its pointer does.
	Writes, AddrWrites bool
	// Unsteady describes what the releases of Go read or write differently about the
	// type itself; "" for nothing.
	Unsteady string
	// Unwritable is Unsteady, or why the releases of Go do not all write a map with
	// such keys.
	Unwritable string
	// Members are the fields of a struct by their names in JSON. A field hides those of
	// its name that are embedded more deeply, and one with a tag those without. Where
	// this decides nothing, encoding/json drops them all, and they are not here either.
	Members map[string]Member
	// Fields are the Members by name.
	Fields []Member
	// Promoting are the indexes of the embedded fields with a MarshalJSON, which may be
	// that of the struct.
	Promoting []int
	// Fault describes how a struct loses data: two fields of one name, a field that
	// encoding/json can write and not read, a name that depends on the release of Go;
	// "" for none. Of several faults it is the same one every time.
	Fault string
	// Deep returns what is known of everything that the type can hold.
	Deep func() *Deep

	// methods is Deep.Methods for the type itself.
	methods bool
}

// known holds a *Type for each reflect.Type, as encoding/json does: it grows with the
// types of a program, not with its data.
var known sync.Map

// Of returns what encoding/json makes of a type. It is shared: callers must not change it.
func Of(t reflect.Type) *Type {
	found, there := known.Load(t)
	if !there {
		found, _ = known.LoadOrStore(t, inspect(t))
	}
	return found.(*Type) //nolint:errcheck,forcetypeassert // nothing else is stored
}

var (
	jsonMarshaler   = reflect.TypeFor[json.Marshaler]()
	textAppender    = reflect.TypeFor[encoding.TextAppender]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	zeroer          = reflect.TypeFor[interface{ IsZero() bool }]()
	numberType      = reflect.TypeFor[json.Number]()
	rawType         = reflect.TypeFor[json.RawMessage]()
)

func inspect(t reflect.Type) *Type {
	s := &Type{Deep: sync.OnceValue(func() *Deep { return deepOf(t) })}
	if t == nil || t == numberType {
		return s // a json.Number is a number on every release of Go, whatever its methods
	}
	p := reflect.PointerTo(t)
	s.Reads = p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler)
	s.Writes = t.Implements(jsonMarshaler) || t.Implements(textMarshaler)
	s.AddrWrites = s.Writes || p.Implements(jsonMarshaler) || p.Implements(textMarshaler)
	s.methods = s.Reads || s.AddrWrites || p.Implements(zeroer)
	if t.Kind() == reflect.Struct {
		s.addFields(t)
	}
	s.Unsteady = cmp.Or(s.Unsteady, s.unsteadyMethod(t))
	s.Unwritable = s.Unsteady
	if s.Unsteady == "" && t.Kind() == reflect.Map && !s.Writes {
		s.Unwritable = keyFault(t.Key())
	}
	return s
}

func (s *Type) unsteadyMethod(t reflect.Type) string {
	if t.Kind() != reflect.Interface {
		t = reflect.PointerTo(t)
	}
	_, writes := t.MethodByName("MarshalJSONTo")
	_, reads := t.MethodByName("UnmarshalJSONFrom")
	switch {
	case writes && !t.Implements(jsonMarshaler):
		return "has MarshalJSONTo, which not every release of Go calls: add MarshalJSON"
	case reads && !t.Implements(jsonUnmarshaler):
		return "has UnmarshalJSONFrom, which not every release of Go calls: add UnmarshalJSON"
	case t.Implements(textAppender) && !s.AddrWrites:
		return "has AppendText, which not every release of Go calls: add MarshalText"
	default:
		return ""
	}
}

// keyFault describes why the releases of Go do not all write a map with keys of a type,
// or write it differently; "" where each does.
func keyFault(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.String && t.Implements(textMarshaler):
		return "a map with keys of type " + TypeName(t) + ", a string type whose MarshalText not every release of Go calls"
	case isPlainKey(t) || (t.Kind() != reflect.Interface && t.Implements(textMarshaler)):
		return ""
	default:
		return "a map with keys of type " + TypeName(t)
	}
}

// readsKey reports whether every release of Go reads a map with keys of a type.
func readsKey(t reflect.Type) bool {
	return isPlainKey(t) || reflect.PointerTo(t).Implements(textUnmarshaler)
}

func isPlainKey(t reflect.Type) bool {
	return t.Kind() == reflect.String || (t.Kind() >= reflect.Int && t.Kind() <= reflect.Uintptr)
}

// TypeName is the name of a type, the same on every release of Go: since 1.27
// json.RawMessage is another name of a type in another package.
func TypeName(t reflect.Type) string {
	if t == nil {
		return "nil"
	}
	return strings.ReplaceAll(t.String(), rawType.String(), "json.RawMessage")
}
