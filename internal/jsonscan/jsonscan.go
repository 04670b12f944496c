// Package jsonscan reads JSON text (RFC 8259) for the whole module. It accepts exactly
// what encoding/json accepts, which a fuzz test checks.
//
//   - Members, Elements and Outline cut a text into parts, with quotes and escapes and
//     without room to append: most of an answer is never decoded.
//   - Parse builds a tree. Check, Unmarshal and StrictMembers are as strict as
//     Parse: they refuse what encoding/json alters without an error.
//   - Bounds limits size and depth without building anything.
package jsonscan

import (
	"errors"
	"math"
)

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
	s := newScanner(text)
	return s.value(0) && s.atEnd()
}

// Fault returns the offset of the first byte that makes text no JSON value, or the length
// of a text that breaks off. encoding/json's offsets differ between releases.
func Fault(text []byte) int {
	s := newScanner(text)
	if s.value(0) {
		s.space()
	}
	return min(s.at, len(text))
}

// Members passes each member of the object that text is to f; a null has none.
// Where the error is ErrSyntax, what came whole before the fault was passed.
func Members(text []byte, f func(name, value []byte)) error { return parts(text, '{', f) }

// Elements passes each element of the array that text is to f; everything else
// is as for Members.
func Elements(text []byte, f func(value []byte)) error {
	return parts(text, '[', func(_, value []byte) { f(value) })
}

func parts(text []byte, opening byte, f func(name, value []byte)) error {
	s := newScanner(text)
	first := s.peek()
	var valid bool
	if first == opening {
		valid = s.container(0, f)
	} else {
		valid = s.value(0)
	}
	switch {
	case !valid || !s.atEnd():
		return ErrSyntax
	case first != opening && first != 'n':
		return ErrKind
	default:
		return nil
	}
}

// maxDepth limits the nesting of arrays and objects as encoding/json does.
const maxDepth = 10000

// scanner reads a text. A method reports whether what it is named for comes next, and
// moves behind it.
type scanner struct {
	text []byte
	at   int
	// nodes are those of the values, if outlined.
	nodes    []Node
	outlined bool
	// bounds is nil where nothing but encoding/json's limit bounds the text.
	bounds *checker
}

// newScanner stands before the value that text is.
func newScanner(text []byte) scanner {
	s := scanner{text: text}
	s.space()
	return s
}

func (s *scanner) value(depth int) bool {
	start, node := s.at, len(s.nodes)
	if s.outlined {
		s.nodes = append(s.nodes, Node{Start: uint32(start)})
	}
	if s.bounds != nil && s.bounds.isDone() {
		return false
	}
	var whole bool
	switch s.peek() {
	case '{', '[':
		whole = s.container(depth, nil)
	default:
		// Of a number at the end of a text that was cut short, more may have come.
		whole = s.scalar() && (depth == 0 || s.at < len(s.text))
		if s.bounds != nil && whole {
			s.bounds.size += writtenSize(s.since(start))
		}
	}
	if s.outlined {
		s.nodes[node].End, s.nodes[node].Next = uint32(s.at), uint32(len(s.nodes))
	}
	return whole
}

// container reads an array or an object.
func (s *scanner) container(depth int, f func(name, value []byte)) bool {
	if (s.bounds != nil && !s.bounds.enter(depth)) || depth >= maxDepth {
		return false
	}
	closing := s.peek() + 2 // ASCII has it two behind
	s.at++
	for index := 0; ; index++ {
		if more, whole := s.item(index == 0, closing); !more {
			return whole
		}
		var name []byte
		nameAt, node := s.at, len(s.nodes)
		if closing == '}' {
			var whole bool
			if name, whole = s.key(); !whole {
				return false
			}
		}
		if s.bounds != nil {
			s.bounds.count(name, index)
		}
		start := s.at
		if !s.value(depth + 1) {
			if s.bounds != nil && s.bounds.tooDeep {
				s.bounds.leave(name, index)
			}
			return false
		}
		if s.outlined && name != nil {
			s.nodes[node].Name, s.nodes[node].NameEnd = uint32(nameAt), uint32(nameAt+len(name))
		}
		if f != nil {
			f(name, s.since(start))
		}
	}
}

// item moves to the next member or element of a container. more is false behind the
// closing bracket, which is whole, and at a fault.
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

// Node locates a value in a text, without white space around it.
type Node struct {
	// Name and NameEnd are the offsets of a member's name, in its quotes; both are 0
	// for another value.
	Name, NameEnd uint32
	// Start and End are the offsets of the value.
	Start, End uint32
	// Next is the index of the node behind all that this one holds.
	Next uint32
}

// Outline appends the values of a text to nodes, each before those that it holds, and
// reports whether the text is one valid JSON value of less than 4 GiB.
func Outline(text []byte, nodes []Node) ([]Node, bool) {
	if uint64(len(text)) > math.MaxUint32 {
		return nodes, false
	}
	s := newScanner(text)
	s.nodes, s.outlined = nodes, true
	valid := s.value(0) && s.atEnd()
	return s.nodes, valid
}
