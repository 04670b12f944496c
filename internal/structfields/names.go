package structfields

import (
	"bytes"
	"reflect"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Names are the names of all members of the structs that a type can hold. Few
// documents have a key that differs from one of them in case alone, and the search for
// one costs far less than parsing the document.
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
	byLength [][][]byte
	// simple says that no two names fold to one and that all are in ASCII, so that
	// a key in ASCII can only be taken for a name of its length.
	simple bool
	seen   map[reflect.Type]bool
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
	n := &Names{simple: true, folded: map[string]string{}, seen: map[reflect.Type]bool{}}
	n.gather(t)
	n.seen = nil
	for _, name := range n.folded {
		for len(n.byLength) <= len(name) {
			n.byLength = append(n.byLength, nil)
		}
		n.byLength[len(name)] = append(n.byLength[len(name)], []byte(name))
		n.simple = n.simple && name != "" && isASCII([]byte(name))
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
// the names but for its case. It goes from colon to colon, and takes what stands
// in quotes before one for a key; a string with a colon in it can look so too.
func (n *Names) ConfusedBy(text []byte) bool {
	if len(n.folded) == 0 {
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

func (n *Names) confuses(key []byte) bool {
	var alike [][]byte
	if len(key) < len(n.byLength) {
		alike = n.byLength[len(key)]
	}
	for _, name := range alike {
		if bytes.Equal(key, name) {
			return false // no other name folds to it
		}
	}
	if n.simple && isASCII(key) {
		return slices.ContainsFunc(alike, func(name []byte) bool { return bytes.EqualFold(key, name) })
	}
	var room [64]byte
	name, there := n.folded[string(appendFolded(room[:0], key))]
	return there && name != string(key)
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
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
