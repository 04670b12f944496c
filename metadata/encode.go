package metadata

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// verb is what the document is for: a PATCH has deletions, a PUT nulls.
type verb bool

const (
	inPatch verb = true
	inValue verb = false
)

// encode writes v as JSON: all keys sorted, nothing escaped but what JSON demands,
// so that the size measured is the size sent.
func encode(v any, in verb) (json.RawMessage, error) {
	e := encoder{verb: in, buf: make([]byte, 0, firstRoom)}
	if err := e.value(newRoot(), v, 0); err != nil {
		return nil, err
	}
	return e.buf, nil
}

// firstRoom holds a small patch, so that writing one allocates once.
const firstRoom = 128

type encoder struct {
	verb verb
	buf  []byte
	// from is where what is being written comes from.
	from origin
	// pointers counts those that lead to what is being written.
	pointers int
	// dry makes the encoder call no method.
	dry bool
	// nodes and order are room for rewrite.
	nodes []jsonscan.Node
	order []uint32
}

// origin says where a part of a document comes from: a Go value, a JSON text, or a
// struct or what a method returned.
type origin int

const (
	ofGo origin = iota
	ofText
	ofStruct
)

// value writes what an any holds.
func (e *encoder) value(at *place, v any, depth int) error {
	switch v := v.(type) {
	case nil:
		return e.null(at)
	case deletion:
		return e.delete(at)
	case Patch:
		return e.object(at, v, v == nil, depth)
	case map[string]any:
		return e.object(at, v, v == nil, depth)
	case []any:
		return e.array(at, v, depth)
	case string:
		return e.string(at, v)
	case bool:
		e.buf = strconv.AppendBool(e.buf, v)
	case int:
		e.buf = strconv.AppendInt(e.buf, int64(v), 10)
	case int64:
		e.buf = strconv.AppendInt(e.buf, v, 10)
	case json.Number:
		return e.number(at, v)
	case json.RawMessage:
		if v == nil {
			return e.null(at)
		}
		return e.text(at, v, ofText, depth)
	case Value:
		return e.explicit(at, v, depth)
	case Object:
		if v.raw == nil {
			return e.null(at)
		}
		return e.text(at, v.raw, ofText, depth)
	default:
		r := reflect.ValueOf(v)
		if bytes := reflect.Indirect(r); bytes.IsValid() && isBytes(bytes.Type()) && !bytes.IsNil() {
			return at.bytes(bytes.Type())
		}
		return e.declared(at, r, depth)
	}
	return nil
}

func (e *encoder) null(at *place) error {
	if e.verb == inPatch {
		return at.failf(ErrNull, "%s", e.nullHint(at))
	}
	e.buf = append(e.buf, "null"...)
	return nil
}

// nullHint says what to write instead of a null in a Patch.
func (e *encoder) nullHint(at *place) string {
	switch {
	case at.within && e.from == ofGo:
		return "an array is replaced as a whole: to write a null in it use metadata.Null()"
	case at.within:
		return "an array is replaced as a whole: to write a null in it make it a []any, with metadata.Null()"
	case e.from == ofStruct:
		return "to leave a field out give it omitempty; to remove a key set it to metadata.Delete in a Patch or a map"
	case e.from == ofText:
		return "to remove a key set it to metadata.Delete in a Patch or a map, or read the text with ParsePatch"
	default:
		return "to remove a key set it to metadata.Delete, in a Patch or a map"
	}
}

func (e *encoder) delete(at *place) error {
	switch {
	case e.from == ofStruct:
		return at.failf(ErrMisplacedDelete, "a struct would write it as null: leave the key out, or in a PATCH use a Patch or a map in place of the struct")
	case at.array:
		return at.failf(ErrMisplacedDelete, "an array is replaced as a whole: leave the element out")
	case at.within:
		return at.failf(ErrMisplacedDelete, "an array is replaced as a whole: leave the key out")
	case e.verb == inValue && at.parent == nil:
		return at.failf(ErrMisplacedDelete, "to clear the field use Empty()")
	case e.verb == inValue:
		return at.failf(ErrMisplacedDelete, "a PUT replaces the whole field: leave the key out")
	}
	e.buf = append(e.buf, "null"...)
	return nil
}

// explicit writes a Value used as a part of a larger one: Null() is how a null
// is meant, and an array is where it cannot be taken for a deletion.
func (e *encoder) explicit(at *place, v Value, depth int) error {
	switch {
	case v.err != nil:
		return at.nest(v.err)
	case v.raw == nil:
		return at.failf(ErrUnsupported, "the zero Value has no JSON form: leave it out")
	case v.IsNull():
		if !at.within {
			return e.null(at)
		}
		e.buf = append(e.buf, "null"...)
		return nil
	}
	return e.text(at, v.raw, ofText, depth)
}

func (e *encoder) object(at *place, members map[string]any, isNil bool, depth int) error {
	if isNil {
		return e.null(at)
	}
	if depth >= maxDepth {
		return at.tooDeep()
	}
	keys := make([]string, 0, len(members))
	for k := range members {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	e.buf = append(e.buf, '{')
	here := at.inside(false)
	for _, k := range keys {
		if err := e.key(here, k); err != nil {
			return err
		}
		if err := e.value(here, members[k], depth+1); err != nil {
			return err
		}
	}
	e.buf = append(e.buf, '}')
	return nil
}

// key begins a member.
func (e *encoder) key(here *place, key string) error {
	here.key = key
	e.comma()
	if err := e.string(here, key); err != nil {
		return err
	}
	e.buf = append(e.buf, ':')
	return nil
}

// comma separates a member or an element from the one before.
func (e *encoder) comma() {
	if last := e.buf[len(e.buf)-1]; last != '{' && last != '[' {
		e.buf = append(e.buf, ',')
	}
}

func (e *encoder) array(at *place, elements []any, depth int) error {
	if elements == nil {
		return e.null(at)
	}
	if depth >= maxDepth {
		return at.tooDeep()
	}
	e.buf = append(e.buf, '[')
	here := at.inside(true)
	for i, v := range elements {
		here.index = i
		e.comma()
		if err := e.value(here, v, depth+1); err != nil {
			return err
		}
	}
	e.buf = append(e.buf, ']')
	return nil
}

func (e *encoder) string(at *place, s string) error {
	if !utf8.ValidString(s) {
		return at.fail(ErrInvalidString)
	}
	e.buf = appendString(e.buf, s)
	return nil
}

func (e *encoder) number(at *place, n json.Number) error {
	if !isNumber(string(n)) {
		return at.failf(ErrSyntax, "a json.Number that is not a JSON number")
	}
	e.buf = append(e.buf, n...)
	return nil
}

// text writes JSON text that the caller holds as such, or that a method returned.
// Where it cannot be rewritten as it is, it is taken apart, which finds out what is
// wrong and where.
func (e *encoder) text(at *place, raw []byte, from origin, depth int) error {
	if e.rewrite(raw, from, depth) {
		return nil
	}
	var null jsonscan.Nulls
	if from == ofText {
		null.Element = Null()
	}
	tree, err := parse(raw, null)
	if err != nil {
		return at.nest(err)
	}
	outer := e.from
	e.from = from
	err = e.value(at, tree, depth)
	e.from = outer
	return err
}

// nest puts p in front of the path of an error that was found inside a text or
// a Value.
func (p *place) nest(err error) error {
	var inner *PathError
	if !errors.As(err, &inner) {
		return err
	}
	nested := &PathError{Path: p.String() + inner.Path, Reason: inner.Reason, Hint: inner.Hint}
	if _, hidden := err.(*hiddenError); hidden { //nolint:errorlint // only what stands on top hides a cause
		return hide(nested, err)
	}
	return nested
}
