package metadata

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
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
	var found findings
	tree = exact(&root, tree, t, &found)
	if len(found.unknown) == 0 {
		return raw, nil
	}
	return encode(tree, inValue)
}

// findings are what exact finds in a document, as JSON Pointers.
type findings struct {
	// unknown are the keys that it took out, and the elements that do not fit
	// into a Go array, which it left.
	unknown []string
	// opaque are the values that a method of their type reads.
	opaque []string
}

// exact takes out of a document what t does not know by its exact name, so that
// encoding/json's case-insensitive match cannot read one key into the field of
// another. It changes the document.
func exact(at *place, tree any, t reflect.Type, found *findings) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if readsItself(t) {
		found.opaque = append(found.opaque, at.String())
		return tree
	}
	switch v := tree.(type) {
	case map[string]any:
		switch t.Kind() {
		case reflect.Struct:
			exactMembers(at, v, t, found)
		case reflect.Map:
			for key, member := range v {
				here := at.child(key)
				v[key] = exact(&here, member, t.Elem(), found)
			}
		}
	case []any:
		if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
			for i, element := range v {
				here := at.element(i)
				if t.Kind() == reflect.Array && i >= t.Len() {
					found.unknown = append(found.unknown, here.String())
					continue
				}
				v[i] = exact(&here, element, t.Elem(), found)
			}
		}
	}
	return tree
}

func exactMembers(at *place, v map[string]any, t reflect.Type, found *findings) {
	// An error is CheckType's to tell; encoding/json takes the members that
	// are left.
	members, _ := structMembers(t)
	for key, member := range v {
		here := at.child(key)
		if typ, known := members[key]; known {
			v[key] = exact(&here, member, typ, found)
			continue
		}
		delete(v, key)
		found.unknown = append(found.unknown, here.String())
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
		for key, v := range stored {
			here := at.child(key)
			w, there := members[key]
			if opaque && !there {
				f.unknown = append(f.unknown, here.String())
			}
			f.forgotten(&here, v, w, opaque)
		}
	case []any:
		elements, _ := written.([]any)
		for i := range min(len(stored), len(elements)) {
			here := at.element(i)
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
	for t != nil {
		switch t.Kind() {
		case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Array:
			if readsItself(t) {
				return
			}
			t = t.Elem()
		case reflect.Struct:
			if !slices.Contains(n.seen, t) && !readsItself(t) {
				n.seen = append(n.seen, t)
				n.fields(t)
			}
			return
		default:
			return
		}
	}
}

// fields takes every field, those that are hidden too: a name too many costs
// time and nothing else.
func (n *fieldNames) fields(t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !isMemberName(name) {
			name = f.Name
		}
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
