package metadata

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// maxDepth is how many arrays and objects may stand in one another:
// encoding/json's own limit when it decodes.
const maxDepth = 10000

// nulls says what parse puts where the text has null: as a member, or anywhere
// inside an array, in its objects too.
type nulls struct {
	member  any
	element any
}

// parse reads one JSON text into map[string]any, []any, string, bool,
// json.Number and what nulls says. It refuses what encoding/json lets pass:
// doubled keys, invalid UTF-8, lone surrogates, anything after the value.
func parse(text []byte, null nulls) (any, error) {
	root := newRoot()
	p := parser{in: jsonscan.NewReader(text), text: string(text), null: null}
	tree, err := p.value(root, null.member, 0)
	if err != nil {
		return nil, err
	}
	if _, more := p.in.Next(); more {
		return nil, root.failf(ErrSyntax, "more than one JSON value")
	}
	return tree, nil
}

type parser struct {
	in jsonscan.Reader
	// text is a copy that the strings and numbers of the tree are parts of.
	text string
	null nulls
	// elements are those of the arrays that are not closed yet. A slice for each
	// array that grows by itself would be allocated several times over.
	elements []any
}

func (p *parser) value(at *place, null any, depth int) (any, error) {
	next, _ := p.in.Next()
	if (next == '{' || next == '[') && depth >= maxDepth {
		return nil, at.tooDeep()
	}
	switch next {
	case '{':
		return p.object(at, null, depth)
	case '[':
		return p.array(at, depth)
	case '"':
		return p.str(at)
	}
	start := p.in.Offset()
	if !p.in.Scalar() {
		return nil, p.fault(at)
	}
	switch next {
	case 't', 'f':
		return next == 't', nil
	case 'n':
		return null, nil
	default:
		return json.Number(p.text[start:p.in.Offset()]), nil
	}
}

// object reads members; null is what one of them becomes.
func (p *parser) object(at *place, null any, depth int) (any, error) {
	members := map[string]any{}
	here := at.inside(false)
	p.in.Byte('{')
	for p.more() {
		if len(members) > 0 && !p.in.Byte(',') {
			return nil, p.fault(at)
		}
		key, err := p.str(at)
		if err != nil {
			return nil, err
		}
		here.key = key
		if _, twice := members[key]; twice {
			return nil, here.fail(ErrDuplicateKey)
		}
		if p.in.Next(); !p.in.Byte(':') {
			return nil, p.fault(here)
		}
		if members[key], err = p.value(here, null, depth+1); err != nil {
			return nil, err
		}
	}
	if !p.in.Byte('}') {
		return nil, p.fault(at)
	}
	return members, nil
}

func (p *parser) array(at *place, depth int) (any, error) {
	start := len(p.elements)
	here := at.inside(true)
	p.in.Byte('[')
	for p.more() {
		here.index = len(p.elements) - start
		if here.index > 0 && !p.in.Byte(',') {
			return nil, p.fault(here)
		}
		v, err := p.value(here, p.null.element, depth+1)
		if err != nil {
			return nil, err
		}
		p.push(v)
	}
	if !p.in.Byte(']') {
		return nil, p.fault(at)
	}
	return p.pop(start), nil
}

func (p *parser) push(element any) {
	if n := len(p.elements); n == cap(p.elements) {
		p.elements = slices.Grow(p.elements, max(n, 8)) // append adds a quarter only
	}
	p.elements = append(p.elements, element)
}

// pop takes the elements from start on.
func (p *parser) pop(start int) []any {
	elements := make([]any, len(p.elements)-start)
	copy(elements, p.elements[start:])
	clear(p.elements[start:])
	p.elements = p.elements[:start]
	return elements
}

// more reports whether something other than a closing bracket follows.
func (p *parser) more() bool {
	next, more := p.in.Next()
	return more && next != '}' && next != ']'
}

func (p *parser) str(at *place) (string, error) {
	next, _ := p.in.Next()
	start := p.in.Offset()
	if next != '"' || !p.in.Scalar() {
		return "", p.fault(at)
	}
	inner := p.text[start+1 : p.in.Offset()-1]
	if !utf8.ValidString(inner) {
		return "", at.fail(ErrInvalidString)
	}
	s, whole := unquote(inner)
	if !whole {
		return "", at.failf(ErrInvalidString, "half a surrogate pair at byte %d", p.in.Offset())
	}
	return s, nil
}

func (p *parser) fault(at *place) error { return at.failf(ErrSyntax, "at byte %d", p.in.Offset()) }
