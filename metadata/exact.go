package metadata

import (
	"bytes"
	"cmp"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// exactText is raw without the keys that encoding/json would take for another,
// because they differ from a field's name in case alone.
func exactText(raw []byte, t reflect.Type) ([]byte, error) {
	var names fieldNames
	names.gather(t)
	if !names.confusedBy(raw) {
		return raw, nil
	}
	tree, err := parse(raw, nulls{})
	if err != nil {
		return nil, err
	}
	unknown := memberTypes{}.look(tree, t).unknown
	if unknown == nil {
		return raw, nil
	}
	without(tree, unknown, nil)
	return encode(tree, inValue)
}

// fieldNames are the names of all members of the structs that a type can hold.
// Few documents have a key that could be confused with one of them, and looking
// for such a key costs a small part of what taking the document apart does.
type fieldNames struct {
	names []string
	seen  []reflect.Type
	// wide says that a name has letters outside of ASCII, which alone fold to
	// another length.
	wide bool
}

func (n *fieldNames) gather(t reflect.Type) {
	if t == nil {
		return
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Array:
		if n.enters(t) {
			n.gather(t.Elem())
		}
	case reflect.Struct:
		if n.enters(t) {
			n.fields(t)
		}
	}
}

// enters reports whether encoding/json looks into a t, and whether this is the
// first that is met: a type can hold itself, as type tree map[string]tree.
func (n *fieldNames) enters(t reflect.Type) bool {
	if slices.Contains(n.seen, t) || readsItself(t) {
		return false
	}
	n.seen = append(n.seen, t)
	return true
}

// fields takes every field, those that are hidden too: a name too many costs
// time and nothing else.
func (n *fieldNames) fields(t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name := cmp.Or(structfields.TagName(f), f.Name)
		if !slices.Contains(n.names, name) {
			n.names = append(n.names, name)
			n.wide = n.wide || !isASCII(name)
		}
		n.gather(f.Type)
	}
}

// confusedBy reports whether valid JSON text may hold a key that equals one of
// the names but for its case.
func (n *fieldNames) confusedBy(raw []byte) bool {
	if len(n.names) == 0 {
		return false
	}
	for {
		start := bytes.IndexByte(raw, '"')
		if start < 0 {
			return false
		}
		raw = raw[start+1:]
		end, escaped := stringEnd(raw)
		text := raw[:end]
		raw = bytes.TrimLeft(raw[end+1:], " \t\r\n")
		if len(raw) > 0 && raw[0] == ':' && (escaped || n.confuses(text)) {
			return true
		}
	}
}

// stringEnd is where the closing quote of a JSON string is.
func stringEnd(text []byte) (end int, escaped bool) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i, escaped
		case '\\':
			escaped = true
			i++
		}
	}
	return len(text) - 1, true // not valid JSON: leave it to the parser
}

func (n *fieldNames) confuses(key []byte) bool {
	wide := n.wide || !isASCII(key)
	for _, name := range n.names {
		if (wide || len(name) == len(key)) && string(key) != name && strings.EqualFold(string(key), name) {
			return true
		}
	}
	return false
}

func isASCII[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
