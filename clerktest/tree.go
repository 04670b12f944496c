package clerktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// tree is a JSON document that knows where each of its parts stands.
type tree struct {
	parent     *tree  // nil for the whole document
	name       string // as a member of parent
	index      int    // as an element of parent
	start, end int64
	kind       string // as JSON Schema calls it
	value      string // of a string, and the digits of a number
	members    []treeMember
	byName     map[string]*tree // the members' values
	elements   []*tree
}

type treeMember struct {
	name  string
	at    int64
	value *tree
}

// member returns the value of a member of an object, or nil.
func (n *tree) member(name string) *tree { return n.byName[name] }

// path names the part in words, for an error. Only the part at fault needs one:
// the paths of all parts together can be far longer than the document.
func (n *tree) path() string {
	var steps []string
	for ; n.parent != nil; n = n.parent {
		if n.parent.kind == "array" {
			steps = append(steps, fmt.Sprintf("[%d]", n.index))
		} else {
			steps = append(steps, "."+n.name)
		}
	}
	slices.Reverse(steps)
	path := strings.Join(steps, "")
	if inside, ok := strings.CutPrefix(path, "."); ok {
		return inside
	}
	return "the seed" + path
}

func (n *tree) oneOf(values []string) bool {
	return n.kind == "string" && slices.Contains(values, n.value)
}

// number is the integer that it is, or less than any schema allows.
func (n *tree) number() int64 {
	i, err := strconv.ParseInt(n.value, 10, 64)
	if err != nil {
		return math.MinInt64
	}
	return i
}

// parseTree reads one JSON value. With an error goes the offset of its cause.
func parseTree(text []byte) (*tree, int64, error) {
	// This first, since it finds what Decoder.Token lets pass, and bounds depth.
	var syntax *json.SyntaxError
	var all any
	if err := json.Unmarshal(text, &all); errors.As(err, &syntax) {
		return nil, int64(jsonscan.Fault(text)), errors.New(syntax.Error())
	}
	r := treeReader{text: text, dec: json.NewDecoder(bytes.NewReader(text))}
	r.dec.UseNumber()
	root := r.read(&tree{})
	return root, r.at, r.err
}

// treeReader keeps the first error; after the check above the only one is a key
// that an object has twice.
type treeReader struct {
	text []byte
	dec  *json.Decoder
	at   int64
	err  error
}

// token is the next token and where it begins.
func (r *treeReader) token() (json.Token, int64) {
	start := r.dec.InputOffset()
	for start < int64(len(r.text)) && strings.IndexByte(" \t\r\n,:", r.text[start]) >= 0 {
		start++
	}
	t, err := r.dec.Token()
	if err != nil && !errors.Is(err, io.EOF) && r.err == nil {
		r.at, r.err = start, err
	}
	return t, start
}

// read reads the next value into n, of which the place is known.
func (r *treeReader) read(n *tree) *tree {
	t, start := r.token()
	n.start, n.kind = start, "null"
	switch t := t.(type) {
	case json.Delim:
		n.kind = "array"
		if t == '{' {
			n.kind, n.byName = "object", map[string]*tree{}
		}
		for r.err == nil && r.dec.More() {
			r.part(n)
		}
		r.token()
	case string:
		n.kind, n.value = "string", t
	case bool:
		n.kind = "boolean"
	case json.Number:
		n.kind, n.value = "number", t.String()
		if !strings.ContainsAny(n.value, ".eE") {
			n.kind = "integer"
		}
	}
	n.end = r.dec.InputOffset()
	return n
}

// part reads the next member or element.
func (r *treeReader) part(n *tree) {
	if n.kind == "array" {
		n.elements = append(n.elements, r.read(&tree{parent: n, index: len(n.elements)}))
		return
	}
	t, at := r.token()
	name, _ := t.(string)
	m := treeMember{name: name, at: at, value: r.read(&tree{parent: n, name: name})}
	if n.byName[name] != nil && r.err == nil {
		r.at, r.err = at, fmt.Errorf("%s has %q twice", n.path(), name)
	}
	n.members, n.byName[name] = append(n.members, m), m.value
}
