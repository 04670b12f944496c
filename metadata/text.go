package metadata

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// rewrite writes a JSON text as encode writes a tree, in one pass. It reports false, and
// writes nothing, for a text with a fault, a null that may not be there or an escape in a
// key.
func (e *encoder) rewrite(raw []byte, from origin, depth int) bool {
	if !utf8.Valid(raw) {
		return false
	}
	nodes, valid := jsonscan.Outline(raw, slices.Grow(e.nodes[:0], 1+len(raw)/bytesPerNode))
	e.nodes = nodes
	if !valid {
		return false
	}
	e.order = e.order[:0]
	written := len(e.buf)
	r := rewriter{encoder: e, text: raw, elements: from == ofText}
	if !r.value(0, depth, false) {
		e.buf = e.buf[:written]
		return false
	}
	return true
}

// bytesPerNode is how many bytes of a text have one value, in most texts.
const bytesPerNode = 16

type rewriter struct {
	*encoder

	text []byte
	// elements allows nulls in arrays.
	elements bool
}

func (r *rewriter) value(i uint32, depth int, inArray bool) bool {
	node := r.nodes[i]
	raw := r.text[node.Start:node.End]
	switch raw[0] {
	case '{':
		return depth < maxDepth && r.object(i, depth, inArray)
	case '[':
		return depth < maxDepth && r.array(i, depth)
	case '"':
		return r.quoted(raw)
	case 'n':
		if r.verb == inPatch && (!inArray || !r.elements) {
			return false
		}
	}
	r.buf = append(r.buf, raw...)
	return true
}

func (r *rewriter) object(i uint32, depth int, inArray bool) bool {
	first := len(r.order)
	for child := i + 1; child < r.nodes[i].Next; child = r.nodes[child].Next {
		if bytes.IndexByte(r.name(child), '\\') >= 0 {
			return false
		}
		r.order = append(r.order, child)
	}
	last := len(r.order)
	slices.SortFunc(r.order[first:], func(a, b uint32) int { return bytes.Compare(r.name(a), r.name(b)) })
	r.buf = append(r.buf, '{')
	for at := first; at < last; at++ {
		child := r.order[at]
		name := r.name(child)
		if at > first {
			if bytes.Equal(name, r.name(r.order[at-1])) {
				return false
			}
			r.buf = append(r.buf, ',')
		}
		r.buf = append(r.buf, '"')
		r.buf = append(r.buf, name...)
		r.buf = append(r.buf, '"', ':')
		if !r.value(child, depth+1, inArray) {
			return false
		}
	}
	r.order = r.order[:first]
	r.buf = append(r.buf, '}')
	return true
}

// name is the name of a member, without its quotes.
func (r *rewriter) name(i uint32) []byte { return r.text[r.nodes[i].Name+1 : r.nodes[i].NameEnd-1] }

func (r *rewriter) array(i uint32, depth int) bool {
	r.buf = append(r.buf, '[')
	for child := i + 1; child < r.nodes[i].Next; child = r.nodes[child].Next {
		if child > i+1 {
			r.buf = append(r.buf, ',')
		}
		if !r.value(child, depth+1, true) {
			return false
		}
	}
	r.buf = append(r.buf, ']')
	return true
}

func (r *rewriter) quoted(raw []byte) bool {
	if bytes.IndexByte(raw, '\\') < 0 {
		r.buf = append(r.buf, raw...)
		return true
	}
	s, fault := jsonscan.Unquote(string(raw[1 : len(raw)-1]))
	if fault >= 0 {
		return false
	}
	r.buf = appendString(r.buf, s)
	return true
}

// appendString appends s, which is valid UTF-8, as a JSON string with nothing
// escaped but what JSON demands.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// isNumber reports whether s is one JSON number and nothing else.
func isNumber(s string) bool {
	if s == "" || s[len(s)-1] < '0' || s[len(s)-1] > '9' || (s[0] != '-' && (s[0] < '0' || s[0] > '9')) {
		return false
	}
	return json.Valid([]byte(s))
}
