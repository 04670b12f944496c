package structfields

import (
	"bytes"
	"reflect"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Names are the names of all members of the structs that a type can hold. Few
// documents have a key that encoding/json could take for one of them because of
// its case, and looking for such a key costs a small part of what taking the
// document apart does.
type Names struct {
	// Unsteady says which type of those that it holds the releases of Go read or
	// write differently, and why; "" for none.
	Unsteady string

	// Any says that it holds an interface, into which numbers are decoded.
	Any bool

	// Methods says that a method of one of the types decides how it is read or
	// written, or whether it is left out.
	Methods bool

	// folded has for a name in folded case the name, "" where several fold to it.
	folded map[string]string
	// byLength are the names by their length, to know most keys at once.
	byLength [][]string
	seen     map[reflect.Type]bool
}

// gathered holds *Names by reflect.Type, as known holds structs.
var gathered sync.Map

// NamesOf returns the names of the members that a type can hold.
func NamesOf(t reflect.Type) *Names {
	if t == nil {
		return &Names{}
	}
	if n, ok := gathered.Load(t); ok {
		return n.(*Names) //nolint:errcheck,forcetypeassert // nothing else is stored
	}
	n := &Names{folded: map[string]string{}, seen: map[reflect.Type]bool{}}
	n.gather(t)
	n.seen = nil
	for _, name := range n.folded {
		for len(n.byLength) <= len(name) {
			n.byLength = append(n.byLength, nil)
		}
		n.byLength[len(name)] = append(n.byLength[len(name)], name)
	}
	kept, _ := gathered.LoadOrStore(t, n)
	return kept.(*Names) //nolint:errcheck,forcetypeassert // nothing else is stored
}

func (n *Names) gather(t reflect.Type) {
	if n.seen[t] {
		return // a type can hold itself, as type tree map[string]tree
	}
	n.seen[t] = true
	if fault := Unsteady(t); fault != "" && n.Unsteady == "" {
		n.Unsteady = TypeName(t) + ": " + fault
	}
	n.Methods = n.Methods || hasMethods(t)
	if ReadsItself(t) {
		return
	}
	if t.Kind() == reflect.Map {
		n.Methods = n.Methods || hasMethods(t.Key())
	}
	if t.Kind() == reflect.Map && !ReadsKey(t.Key()) && n.Unsteady == "" {
		n.Unsteady = TypeName(t) + ": not every release of Go reads a map with such keys"
	}
	switch t.Kind() {
	case reflect.Interface:
		n.Any = true
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Array:
		n.gather(t.Elem())
	case reflect.Struct:
		for name, m := range Of(t).Members {
			n.add(name)
			n.gather(m.Type)
		}
	}
}

func (n *Names) add(name string) {
	key := string(appendFolded(nil, []byte(name)))
	if other, there := n.folded[key]; there && other != name {
		name = ""
	}
	n.folded[key] = name
}

// ConfusedBy reports whether valid JSON text may hold a key that equals one of
// the names but for its case.
func (n *Names) ConfusedBy(text []byte) bool {
	if len(n.folded) == 0 {
		return false
	}
	for {
		start := bytes.IndexByte(text, '"')
		if start < 0 {
			return false
		}
		text = text[start+1:]
		end, escaped := stringEnd(text)
		key := text[:end]
		text = bytes.TrimLeft(text[end+1:], " \t\r\n")
		if len(text) > 0 && text[0] == ':' && (escaped || n.confuses(key)) {
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

func (n *Names) confuses(key []byte) bool {
	if len(key) < len(n.byLength) {
		for _, name := range n.byLength[len(key)] {
			if string(key) == name {
				return false // no other name folds to it
			}
		}
	}
	var room [64]byte
	name, there := n.folded[string(appendFolded(room[:0], key))]
	return there && name != string(key)
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
