package structfields

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Deep is what is known of everything that a type can hold.
type Deep struct {
	// Loss describes why values cannot be read from JSON and written to it without
	// loss: "main.T.field: …"; "" where they can.
	Loss string
	// Unsteady describes the type that the releases of Go read or write differently;
	// "" for none.
	Unsteady string
	// Any reports an interface, into which numbers are decoded.
	Any bool
	// Methods reports that a method of one of the types decides how it is read or
	// written, or whether it is left out.
	Methods bool

	names

	// seen has true for a type that was found only where a method writes it, so that
	// nothing of it counts as lost.
	seen map[reflect.Type]bool
}

func deepOf(t reflect.Type) *Deep {
	d := &Deep{names: names{}, seen: map[reflect.Type]bool{}}
	if t != nil {
		d.gather(t, TypeName(t), false)
	}
	d.seen = nil
	return d
}

// gather goes through all that a type can hold; where names the way to it.
func (d *Deep) gather(t reflect.Type, where string, written bool) {
	if writtenOnly, seen := d.seen[t]; seen && (written || !writtenOnly) {
		return // a type can hold itself, as type tree map[string]tree
	}
	d.seen[t] = written
	of := Of(t)
	lose := func(where, fault string) {
		if !written && d.Loss == "" {
			d.Loss = where + ": " + fault
		}
	}
	unsteady := func(fault string) {
		d.Unsteady = cmp.Or(d.Unsteady, TypeName(t)+": "+fault)
	}
	d.Methods = d.Methods || of.methods
	if of.Unsteady != "" {
		lose(TypeName(t), of.Unsteady)
		unsteady(of.Unsteady)
	}
	if of.Reads {
		return
	}
	written = written || of.AddrWrites
	switch t.Kind() {
	case reflect.Interface:
		d.Any = true
		if t.NumMethod() > 0 {
			lose(where, fmt.Sprintf("encoding/json cannot decode into a %s, which could be of any type", TypeName(t)))
		}
	case reflect.Map:
		d.Methods = d.Methods || Of(t.Key()).methods
		if !readsKey(t.Key()) {
			unsteady("not every release of Go reads a map with such keys")
		}
		if fault := keyFault(t.Key()); fault != "" || !readsKey(t.Key()) {
			lose(where, cmp.Or(fault, "a map with keys of type "+TypeName(t.Key()))+" has no JSON form that can be read back")
		}
		d.gather(t.Elem(), where, written)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		d.gather(t.Elem(), where, written)
	case reflect.Struct:
		if of.Fault != "" {
			lose(TypeName(t), of.Fault)
		}
		for _, m := range of.Fields {
			d.add(m.Name)
			d.gather(m.Type, where+"."+m.Name, written)
		}
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		lose(where, fmt.Sprintf("a Go %s has no JSON form", TypeName(t)))
	}
}

// names are the names of all members of the structs that a type can hold, by their text
// in folded case. Few documents have a key that differs from one in case alone, and the
// search for it costs far less than parsing the document.
type names map[string][]string

func (n names) add(name string) {
	key := string(appendFolded(nil, []byte(name)))
	if !slices.Contains(n[key], name) {
		n[key] = append(n[key], name)
	}
}

// ConfusedBy reports whether valid JSON text may hold a key that equals one of the names
// but for its case. It takes what stands in quotes before a colon for a key, which a
// string with a colon in it can be too.
func (n names) ConfusedBy(text []byte) bool {
	if len(n) == 0 {
		return false
	}
	for at := 0; ; at++ {
		colon := bytes.IndexByte(text[at:], ':')
		if colon < 0 {
			return false
		}
		at += colon
		if key, escaped := keyBefore(text[:at]); escaped || (key != nil && n.confuses(key)) {
			return true
		}
	}
}

// keyBefore is the string that a text ends with, nil for none. Of one that is
// escaped it may be a part.
func keyBefore(text []byte) (key []byte, escaped bool) {
	end := len(text) - 1
	for end > 0 && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r' || text[end] == '\n') {
		end--
	}
	if end <= 0 || text[end] != '"' {
		return nil, false
	}
	start := end - 1
	for start >= 0 && text[start] != '"' {
		escaped = escaped || text[start] == '\\'
		start--
	}
	return text[start+1 : end], escaped || (start > 0 && text[start-1] == '\\')
}

func (n names) confuses(key []byte) bool {
	var room [64]byte
	known := n[string(appendFolded(room[:0], key))]
	return len(known) > 1 || len(known) == 1 && known[0] != string(key)
}

// appendFolded appends a name in the case in which encoding/json compares: of the
// letters that fold to one another, the first in Unicode's order.
func appendFolded(b, name []byte) []byte {
	for i := 0; i < len(name); {
		c := name[i]
		if c < utf8.RuneSelf {
			if 'a' <= c && c <= 'z' {
				c -= 'a' - 'A'
			}
			b = append(b, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(name[i:])
		b = utf8.AppendRune(b, firstOfFold(r))
		i += size
	}
	return b
}

func firstOfFold(r rune) rune {
	first := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		first = min(first, f)
	}
	return first
}
