// Package jsonscan reads JSON text (RFC 8259) for the whole module. It accepts exactly
// what encoding/json accepts, which a fuzz test checks.
//
//   - Members, Elements and Outline cut a text into parts of it, without room to append
//     and with quotes and escapes: most of an answer is never decoded (docs/decisions.md
//     has the figures).
//   - Parse builds a tree. Check, CheckStrings, Unmarshal and StrictMembers are as
//     strict as Parse: they refuse what encoding/json alters without an error.
//   - Bounds limits size and depth without building anything.
package jsonscan

import "errors"

// ErrKind is the error of a valid text that holds a value of another kind.
var ErrKind = errors.New("a JSON value of another kind")

// Reasons of an Error. Package metadata exports them under the same names.
var (
	ErrSyntax        = errors.New("not valid JSON")
	ErrInvalidString = errors.New("string is not valid UTF-8")
	ErrDuplicateKey  = errors.New("key occurs twice")
	ErrTooDeep       = errors.New("nested too deeply")
)

// Valid reports whether text is one valid JSON value.
func Valid(text []byte) bool {
	s := scanner{text: text}
	s.space()
	return s.value(0) && s.atEnd()
}

// Fault returns where text stops being one JSON value: the offset of the first byte at
// fault, or the length of a text that breaks off. encoding/json's offsets differ
// between releases.
func Fault(text []byte) int {
	s := scanner{text: text}
	s.space()
	if s.value(0) {
		s.space()
	}
	return min(s.at, len(text))
}

// Members passes each member of the object that text is to f; a null has none.
// Where the error is ErrSyntax, what came whole before the fault was passed.
func Members(text []byte, f func(name, value []byte)) error {
	s := scanner{text: text}
	s.space()
	if s.peek() != '{' {
		return s.null()
	}
	if !s.object(0, f) || !s.atEnd() {
		return ErrSyntax
	}
	return nil
}

// Elements passes each element of the array that text is to f; everything else
// is as for Members.
func Elements(text []byte, f func(value []byte)) error {
	s := scanner{text: text}
	s.space()
	if s.peek() != '[' {
		return s.null()
	}
	if !s.array(0, f) || !s.atEnd() {
		return ErrSyntax
	}
	return nil
}

// maxDepth limits the nesting of arrays and objects as encoding/json does.
const maxDepth = 10000

// scanner stands before what it reads next. Its methods report whether what they
// are named for stood there, and move behind it.
type scanner struct {
	text []byte
	at   int
}

// null is the error of a text that ought to hold null.
func (s *scanner) null() error {
	isNull := s.peek() == 'n'
	switch {
	case !s.value(0) || !s.atEnd():
		return ErrSyntax
	case !isNull:
		return ErrKind
	default:
		return nil
	}
}

func (s *scanner) value(depth int) bool {
	switch s.peek() {
	case '{':
		return s.object(depth, nil)
	case '[':
		return s.array(depth, nil)
	default:
		// Of a number at the end of a text that was cut short, more may have come.
		return s.scalar() && (depth == 0 || s.at < len(s.text))
	}
}

func (s *scanner) object(depth int, f func(name, value []byte)) bool {
	if depth >= maxDepth {
		return false
	}
	s.at++
	for first := true; ; first = false {
		if more, whole := s.item(first, '}'); !more {
			return whole
		}
		name, whole := s.key()
		if !whole {
			return false
		}
		start := s.at
		if !s.value(depth + 1) {
			return false
		}
		if f != nil {
			f(name, s.since(start))
		}
	}
}

func (s *scanner) array(depth int, f func(value []byte)) bool {
	if depth >= maxDepth {
		return false
	}
	s.at++
	for first := true; ; first = false {
		if more, whole := s.item(first, ']'); !more {
			return whole
		}
		start := s.at
		if !s.value(depth + 1) {
			return false
		}
		if f != nil {
			f(s.since(start))
		}
	}
}

// item moves to the next member or element of a container, over the comma before
// all but the first. more is false behind the closing bracket and, with whole, where
// neither stands.
func (s *scanner) item(first bool, closing byte) (more, whole bool) {
	s.space()
	if s.byte(closing) {
		return false, true
	}
	if !first {
		if !s.byte(',') {
			return false, false
		}
		s.space()
	}
	return true, true
}

// key reads the name of a member, in its quotes, and moves to the value.
func (s *scanner) key() (name []byte, whole bool) {
	start := s.at
	if !s.str() {
		return nil, false
	}
	name = s.since(start)
	s.space()
	if !s.byte(':') {
		return nil, false
	}
	s.space()
	return name, true
}

func (s *scanner) since(start int) []byte { return s.text[start:s.at:s.at] }

// peek is the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *scanner) byte(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

func (s *scanner) atEnd() bool {
	s.space()
	return s.at == len(s.text)
}

// Kind names the kind of a JSON value by the first byte of its text.
func Kind(text []byte) string {
	switch text[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}
