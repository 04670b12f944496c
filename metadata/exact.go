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
	var root place
	found := findings{types: memberTypes{}}
	found.look(&root, tree, t)
	if len(found.unknown) == 0 {
		return raw, nil
	}
	slices.Sort(found.unknown)
	without(&root, tree, found.unknown, nil)
	return encode(tree, inValue)
}

// findings are what a look at a document finds, as JSON Pointers.
type findings struct {
	types memberTypes
	// unknown are the keys that the type does not know by their exact name, and
	// the elements that do not fit into a Go array.
	unknown []string
	// opaque are the values that a method of their type reads.
	opaque []string
}

// look finds what t does not know by its exact name, so that encoding/json's
// case-insensitive match cannot read one key into the field of another.
func (f *findings) look(at *place, tree any, t reflect.Type) {
	members, isObject := tree.(map[string]any)
	elements, isArray := tree.([]any)
	if !isObject && !isArray {
		return
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	kind := t.Kind()
	switch {
	case readsItself(t):
		f.opaque = append(f.opaque, at.String())
	case isObject && kind == reflect.Struct:
		f.members(at, members, f.types.of(t))
	case isObject && kind == reflect.Map:
		here := at.child("")
		for key, member := range members {
			here.key = key
			f.look(&here, member, t.Elem())
		}
	case isArray && (kind == reflect.Slice || kind == reflect.Array):
		f.elements(at, elements, t)
	}
}

func (f *findings) members(at *place, members map[string]any, types map[string]reflect.Type) {
	here := at.child("")
	for key, member := range members {
		here.key = key
		if t, known := types[key]; known {
			f.look(&here, member, t)
		} else {
			f.unknown = append(f.unknown, here.String())
		}
	}
}

func (f *findings) elements(at *place, elements []any, t reflect.Type) {
	here := at.element()
	for i, element := range elements {
		here.index = i
		if t.Kind() == reflect.Array && i >= t.Len() {
			f.unknown = append(f.unknown, here.String())
		} else {
			f.look(&here, element, t.Elem())
		}
	}
}

// forgotten adds to what is unknown the keys inside opaque values that are not
// written back: nobody can tell whether they were read. A value that is written
// as another kind altogether was read as a whole.
func (f *findings) forgotten(at *place, stored, written any, opaque bool) {
	opaque = opaque || slices.Contains(f.opaque, at.String())
	switch stored := stored.(type) {
	case map[string]any:
		members, same := written.(map[string]any)
		if !same {
			return
		}
		here := at.child("")
		for key, v := range stored {
			here.key = key
			w, there := members[key]
			if opaque && !there {
				f.unknown = append(f.unknown, here.String())
			}
			f.forgotten(&here, v, w, opaque)
		}
	case []any:
		elements, _ := written.([]any)
		here := at.element()
		for i := range min(len(stored), len(elements)) {
			here.index = i
			f.forgotten(&here, stored[i], elements[i], opaque)
		}
	}
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
