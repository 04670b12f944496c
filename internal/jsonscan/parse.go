package jsonscan

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Nulls are what Parse puts where the text has null: as a member, or anywhere in an
// array, in its objects too.
type Nulls struct {
	Member  any
	Element any
}

// Error is the error of Parse and Bounds. Its text quotes a key that occurs twice, up to 80
// bytes of it, and nothing else of the text.
type Error struct {
	// Steps are the keys and indexes that lead there.
	Steps []string
	// Offset is that of the fault, the length of a text that breaks off, or behind the
	// key that occurs twice.
	Offset int
	// Reason is one of this package's errors.
	Reason error
	// Hint gives detail; may be "".
	Hint string
}

// Error is the reason with the key or the hint.
func (e *Error) Error() string {
	switch {
	case errors.Is(e.Reason, ErrDuplicateKey):
		return shortQuote(e.Steps[len(e.Steps)-1]) + ": " + e.Reason.Error()
	case e.Hint != "":
		return e.Reason.Error() + ": " + e.Hint
	default:
		return e.Reason.Error()
	}
}

func shortQuote(key string) string {
	const most = 80
	if len(key) > most {
		key = strings.ToValidUTF8(key[:most], "") + "…"
	}
	return strconv.Quote(key)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Reason }

// Parse reads one JSON text into map[string]any, []any, string, bool, json.Number and
// null's values. It refuses what encoding/json alters without an error: keys that
// occur twice, of which one is lost, and invalid UTF-8 and half surrogate pairs, which
// become U+FFFD. The error is an *Error.
func Parse(text []byte, null Nulls) (any, error) {
	p := parser{scanner: newScanner(text), source: string(text), null: null}
	tree, err := p.value(null.Member, 0)
	if err == nil && !p.atEnd() {
		err = p.fail(ErrSyntax)
		err.Hint = "more than one JSON value"
	}
	if err == nil {
		return tree, nil
	}
	slices.Reverse(err.Steps)
	return nil, err
}

type parser struct {
	scanner

	// source is a copy that the strings and numbers of the tree are parts of.
	source string
	null   Nulls
	// elements are those of the open arrays: a slice for each would grow, and be
	// allocated, several times.
	elements []any
}

// fail is an error of the value that is being read.
func (p *parser) fail(reason error) *Error {
	return &Error{Offset: min(p.at, len(p.text)), Reason: reason}
}

// in adds a step to the error of a member or an element.
func (e *Error) in(step string) *Error {
	e.Steps = append(e.Steps, step)
	return e
}

// value reads a value; null is what it is where the text has null. The steps of the
// error begin with the innermost.
func (p *parser) value(null any, depth int) (any, *Error) {
	start := p.at
	next := p.peek()
	switch next {
	case '{':
		return p.object(null, depth)
	case '[':
		return p.array(depth)
	case '"':
		s, err := p.string()
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	if !p.scalar() {
		return nil, p.fail(ErrSyntax)
	}
	switch next {
	case 't', 'f':
		return next == 't', nil
	case 'n':
		return null, nil
	default:
		return json.Number(p.source[start:p.at]), nil
	}
}

func (p *parser) object(null any, depth int) (any, *Error) {
	if depth >= maxDepth {
		return nil, p.fail(ErrTooDeep)
	}
	members := map[string]any{}
	p.at++
	for first := true; ; first = false {
		more, whole := p.item(first, '}')
		switch {
		case !whole:
			return nil, p.fail(ErrSyntax)
		case !more:
			return members, nil
		}
		key, err := p.string()
		if err != nil {
			return nil, err
		}
		if _, twice := members[key]; twice {
			return nil, p.fail(ErrDuplicateKey).in(key)
		}
		if p.space(); !p.byte(':') {
			return nil, p.fail(ErrSyntax).in(key)
		}
		p.space()
		if members[key], err = p.value(null, depth+1); err != nil {
			return nil, err.in(key)
		}
	}
}

func (p *parser) array(depth int) (any, *Error) {
	if depth >= maxDepth {
		return nil, p.fail(ErrTooDeep)
	}
	start := len(p.elements)
	p.at++
	for first := true; ; first = false {
		more, whole := p.item(first, ']')
		switch {
		case !whole:
			return nil, p.fail(ErrSyntax)
		case !more:
			return p.pop(start), nil
		}
		index := len(p.elements) - start
		v, err := p.value(p.null.Element, depth+1)
		if err != nil {
			return nil, err.in(strconv.Itoa(index))
		}
		p.push(v)
	}
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

func (p *parser) string() (string, *Error) {
	start := p.at + 1
	if !p.str() {
		return "", p.fail(ErrSyntax)
	}
	inner := p.source[start : p.at-1]
	s, fault := Unquote(inner)
	if fault < 0 {
		return s, nil
	}
	return "", invalidString(inner, start, fault)
}

// invalidString is the error of a fault in a text that begins at start.
func invalidString(text string, start, fault int) *Error {
	err := &Error{Offset: start + fault, Reason: ErrInvalidString}
	if text[fault] == '\\' {
		err.Hint = "half a surrogate pair"
	}
	return err
}
