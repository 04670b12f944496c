package metadata

import (
	"encoding/json"
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
	if err := e.value(v, 0); err != nil {
		return nil, e.located(err)
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
	// arrays and pointers count those that lead to what is being written; isElement
	// reports that an array holds it directly.
	arrays    int
	pointers  int
	isElement bool
	// trail are the keys and indexes to the place of an error, the innermost first.
	trail []string
	// dry makes the encoder call no method.
	dry bool
	// nodes and order are room for rewrite.
	nodes []jsonscan.Node
	order []uint32
}

// origin is where a part of a document comes from: a Go value, a JSON text, or a struct or
// what a method returned.
type origin int

const (
	ofGo origin = iota
	ofText
	ofStruct
)

// in adds a step to the place of an error.
func (e *encoder) in(step string, err error) error {
	e.trail = append(e.trail, step)
	return err
}

// located puts the place of an error into its path.
func (e *encoder) located(err error) error {
	slices.Reverse(e.trail)
	return under(e.trail, err)
}

// value writes what an any holds.
func (e *encoder) value(v any, depth int) error {
	switch v := v.(type) {
	case nil:
		return e.null()
	case deletion:
		return e.delete(depth)
	case Patch:
		return e.object(v, depth)
	case map[string]any:
		return e.object(v, depth)
	case []any:
		return e.array(v, depth)
	case string:
		return e.string(v)
	case bool:
		e.buf = strconv.AppendBool(e.buf, v)
	case int:
		e.buf = strconv.AppendInt(e.buf, int64(v), 10)
	case int64:
		e.buf = strconv.AppendInt(e.buf, v, 10)
	case json.Number:
		return e.number(v)
	case json.RawMessage:
		return e.text(v, ofText, depth)
	case Value:
		return e.explicit(v, depth)
	case Object:
		return e.text(v.raw, ofText, depth)
	default:
		r := reflect.ValueOf(v)
		if bytes := reflect.Indirect(r); bytes.IsValid() && isBytes(bytes.Type()) && !bytes.IsNil() {
			return refuseBytes(bytes.Type(), depth)
		}
		return e.declared(r, depth)
	}
	return nil
}

func (e *encoder) null() error {
	if e.verb == inPatch {
		return fault(ErrNull, "%s", e.nullHint())
	}
	e.buf = append(e.buf, "null"...)
	return nil
}

// nullHint says what to write instead of a null in a Patch.
func (e *encoder) nullHint() string {
	switch {
	case e.arrays > 0 && e.from == ofGo:
		return "an array is replaced as a whole: to write a null in it use metadata.Null()"
	case e.arrays > 0:
		return "an array is replaced as a whole: to write a null in it make it a []any, with metadata.Null()"
	case e.from == ofStruct:
		return "to leave a field out give it omitempty; to remove a key set it to metadata.Delete in a Patch or a map"
	case e.from == ofText:
		return "to remove a key set it to metadata.Delete in a Patch or a map, or read the text with ParsePatch"
	default:
		return "to remove a key set it to metadata.Delete, in a Patch or a map"
	}
}

func (e *encoder) delete(depth int) error {
	switch {
	case e.from == ofStruct:
		return fault(ErrMisplacedDelete, "a struct would write it as null: leave the key out, or in a PATCH use a Patch or a map in place of the struct")
	case e.isElement:
		return fault(ErrMisplacedDelete, "an array is replaced as a whole: leave the element out")
	case e.arrays > 0:
		return fault(ErrMisplacedDelete, "an array is replaced as a whole: leave the key out")
	case e.verb == inValue && depth == 0:
		return fault(ErrMisplacedDelete, "to clear the field use Empty()")
	case e.verb == inValue:
		return fault(ErrMisplacedDelete, "a PUT replaces the whole field: leave the key out")
	}
	e.buf = append(e.buf, "null"...)
	return nil
}

// explicit writes a Value that is a part of a larger one. Null() writes a null in an array,
// where it cannot be taken for a deletion.
func (e *encoder) explicit(v Value, depth int) error {
	switch {
	case v.err != nil:
		return v.err
	case v.raw == nil:
		return fault(ErrUnsupported, "the zero Value has no JSON form: leave it out")
	case v.IsNull() && e.arrays > 0:
		e.buf = append(e.buf, "null"...)
		return nil
	case v.IsNull():
		return e.null()
	}
	return e.text(v.raw, ofText, depth)
}

func (e *encoder) object(members map[string]any, depth int) error {
	switch {
	case members == nil:
		return e.null()
	case depth >= maxDepth:
		return errTooDeep()
	}
	keys := make([]string, 0, len(members))
	for k := range members {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	e.buf = append(e.buf, '{')
	for _, k := range keys {
		err := e.key(k)
		if err == nil {
			err = e.value(members[k], depth+1)
		}
		if err != nil {
			return e.in(k, err)
		}
	}
	e.buf = append(e.buf, '}')
	return nil
}

// key begins a member.
func (e *encoder) key(key string) error {
	e.isElement = false
	e.comma()
	if err := e.string(key); err != nil {
		return err
	}
	e.buf = append(e.buf, ':')
	return nil
}

// element begins an element.
func (e *encoder) element() {
	e.isElement = true
	e.comma()
}

// comma separates a member or an element from the one before.
func (e *encoder) comma() {
	if last := e.buf[len(e.buf)-1]; last != '{' && last != '[' {
		e.buf = append(e.buf, ',')
	}
}

func (e *encoder) array(elements []any, depth int) error {
	switch {
	case elements == nil:
		return e.null()
	case depth >= maxDepth:
		return errTooDeep()
	}
	e.arrays++
	e.buf = append(e.buf, '[')
	for i, v := range elements {
		e.element()
		if err := e.value(v, depth+1); err != nil {
			return e.in(strconv.Itoa(i), err)
		}
	}
	e.buf = append(e.buf, ']')
	e.arrays--
	return nil
}

func (e *encoder) string(s string) error {
	if !utf8.ValidString(s) {
		return fault(ErrInvalidString, "")
	}
	e.buf = appendString(e.buf, s)
	return nil
}

func (e *encoder) number(n json.Number) error {
	if !isNumber(string(n)) {
		return fault(ErrSyntax, "a json.Number that is not a JSON number")
	}
	e.buf = append(e.buf, n...)
	return nil
}

// text writes JSON text that the caller holds as such, or that a method returned; nil is
// a null. Text that rewrite leaves is parsed, which finds what is wrong and where.
func (e *encoder) text(raw []byte, from origin, depth int) error {
	switch {
	case raw == nil:
		return e.null()
	case e.rewrite(raw, from, depth):
		return nil
	}
	var null jsonscan.Nulls
	if from == ofText {
		null.Element = Null()
	}
	tree, err := parse(raw, null)
	if err != nil {
		return err
	}
	outer := e.from
	e.from = from
	err = e.value(tree, depth)
	e.from = outer
	return err
}
