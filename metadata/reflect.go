package metadata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

var (
	patchType    = reflect.TypeFor[Patch]()
	deletionType = reflect.TypeFor[deletion]()
	valueType    = reflect.TypeFor[Value]()
	objectType   = reflect.TypeFor[Object]()
	numberType   = reflect.TypeFor[json.Number]()
)

func marshals(t reflect.Type) bool { return structfields.WritesItself(t) }

// isBytes reports whether encoding/json writes a t in base64.
func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && !marshals(t) && !marshals(reflect.PointerTo(t.Elem()))
}

// bytes refuses what is more often JSON text, or text, than it is base64. Where a
// Go type says that a field is a []byte, it is written as encoding/json does.
func (p *place) bytes(t reflect.Type) error {
	reason := ErrUnsupported
	if p.parent == nil {
		reason = ErrNotObject
	}
	return p.failf(reason, "%s encodes to a string in base64: for JSON text use json.RawMessage, for other text a string", typeName(t))
}

// other writes what is none of the common types. Containers that can hold what
// encoding/json does not know are walked; the rest is encoding/json's.
func (e *encoder) other(at *place, v reflect.Value, depth int) error {
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		return e.pointer(at, v, depth)
	}
	if marshals(t) {
		return e.marshal(at, v, depth)
	}
	if isBytes(t) && !v.IsNil() {
		return at.bytes(t)
	}
	switch t.Kind() {
	case reflect.Map:
		if t.Key().Kind() == reflect.String && writtenHere(t.Elem()) {
			members := make(map[string]any, v.Len())
			for k, m := range v.Seq2() {
				members[k.String()] = m.Interface()
			}
			return e.object(at, members, v.IsNil(), depth)
		}
	case reflect.Slice:
		if !v.IsNil() && writtenHere(t.Elem()) {
			elements := make([]any, v.Len())
			for i := range elements {
				elements[i] = v.Index(i).Interface()
			}
			return e.array(at, elements, depth)
		}
	}
	return e.marshal(at, v, depth)
}

// pointer follows a pointer only to what is written here. Anything else goes to
// encoding/json with its pointer: that is what makes the fields behind it
// addressable, and so their pointer-receiver marshalers called.
func (e *encoder) pointer(at *place, v reflect.Value, depth int) error {
	if v.IsNil() {
		return e.null(at)
	}
	switch target := v.Elem().Interface().(type) {
	case deletion, Patch, Value, Object, json.RawMessage:
		return e.value(at, target, depth)
	}
	if isBytes(v.Type().Elem()) {
		return e.other(at, v.Elem(), depth)
	}
	if marshals(v.Type()) || !writtenHere(v.Type().Elem()) {
		return e.marshal(at, v, depth)
	}
	if depth >= maxDepth {
		return at.tooDeep()
	}
	return e.value(at, v.Elem().Interface(), depth+1)
}

// writtenHere reports whether a t can hold what only this package knows how to
// write: a Delete, or a Value that is Null().
func writtenHere(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Map, reflect.Slice, reflect.Pointer:
		return !isBytes(t)
	default:
		return t == deletionType || t == valueType || t == objectType
	}
}

// marshal hands v to encoding/json and writes what comes back.
func (e *encoder) marshal(at *place, v reflect.Value, depth int) error {
	text, err := marshaled(at, v, depth)
	if err != nil {
		return err
	}
	return e.text(at, text, ofStruct, depth)
}

// marshaled is what encoding/json makes of v, unless it alters something. How it
// writes what it alters is no sign: that depends on the release of Go.
func marshaled(at *place, v reflect.Value, depth int) ([]byte, error) {
	// encoding/json notices cycles, but not those that lead through a Patch,
	// whose MarshalJSON starts it again.
	if err := walk(at, v, depth, nil); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v.Interface()); err != nil {
		for _, check := range []func(*place, reflect.Value) error{faults, failing(err)} {
			if found := walk(at, v, depth, check); found != nil {
				return nil, found
			}
		}
		return nil, hide(at.refused(v.Type(), err), err)
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	// Invalid UTF-8 is replaced by U+FFFD, which the caller may have meant too.
	if holdsReplacement(text) {
		if found := walk(at, v, depth, faults); found != nil {
			return nil, found
		}
	}
	// In a struct Delete encodes as any null does.
	if bytes.Contains(text, []byte("null")) {
		if found := walk(at, v, depth, deletions); found != nil {
			return nil, found
		}
	}
	return text, nil
}

// holdsReplacement reports whether JSON text holds a U+FFFD, escaped or not, or
// invalid UTF-8.
func holdsReplacement(text []byte) bool {
	return bytes.Contains(text, []byte("\uFFFD")) || bytes.Contains(text, []byte(`\ufffd`)) ||
		bytes.Contains(text, []byte(`\uFFFD`)) || !utf8.Valid(text)
}

// refused says that encoding/json could not encode a t. Where the cause is this
// package's own, it gives its reason and path too.
func (p *place) refused(t reflect.Type, cause error) error {
	said := &PathError{Path: p.String(), Reason: ErrUnsupported, Hint: fmt.Sprintf("encoding %s failed", typeName(t))}
	var inner *PathError
	if errors.As(cause, &inner) {
		said.Reason = inner.Reason
		if inner.Path != "" {
			said.Hint = fmt.Sprintf("inside %s, at %s", typeName(t), pointer.Printable(inner.Path))
		}
	}
	return said
}
