package structfields

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"
)

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
