package proxy

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"net/url"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const unsafeMetadata = "unsafe_metadata" // the form field that a browser writes

// Many times what any form of Clerk's has.
const (
	maxFormParts = 1000
	maxFormName  = 256 // bytes, as it is written
)

// formScan judges the parts of a form as they come, and keeps the place of unsafe_metadata.
type formScan struct {
	at       int // where the next part begins
	searched int // up to where there is no end of it
	parts    int

	found      bool
	start, end int // of the value, as it is written
}

// more judges what is new in text, which is all that has come. whole reports that nothing
// follows.
func (s *formScan) more(text []byte, whole bool) *refusal {
	for {
		length := bytes.IndexByte(text[s.searched:], '&')
		if length < 0 && !whole {
			s.searched = len(text)
			return nil
		}
		if length < 0 {
			return s.part(text[s.at:])
		}
		end := s.searched + length
		if no := s.part(text[s.at:end]); no != nil {
			return no
		}
		s.at, s.searched = end+1, end+1
	}
}

func (s *formScan) part(part []byte) *refusal {
	if s.parts++; s.parts > maxFormParts {
		return badBody.explain("The request's body has too many parts.")
	}
	name, value, ok := splitPart(part)
	switch {
	case !ok:
		return badBody.explain("The request's body is not a well-formed form.")
	case name == unsafeMetadata && s.found:
		return badField("form_param_duplicate", "unsafe_metadata must appear once.")
	case name == unsafeMetadata:
		s.found, s.end = true, s.at+len(part)
		s.start = s.end - len(value)
	case resemblesField(name):
		return badField("form_param_unknown", "A parameter's name resembles unsafe_metadata.")
	case resemblesMethod(name):
		return badBody.explain("_method belongs in the query.")
	case strings.EqualFold(name, "_charset_"): // the encoding of the form, to some servers
		return badBody.explain("_charset_ is not accepted: a form is in UTF-8.")
	}
	return nil
}

// splitPart splits a part of a form or a query into its name, decoded, and its value, as
// it is written. It reports false for a part that two parsers could read differently: with
// a ';' (which some take for a '&'), an invalid escape, bytes that are not UTF-8, a raw
// control character, a name that is not empty and not of the characters of Clerk's
// parameters and brackets. So no JSON object, XML or multipart text is a form.
func splitPart(part []byte) (name string, value []byte, ok bool) {
	rawName, value, _ := bytes.Cut(part, []byte("="))
	if len(rawName) > maxFormName || bytes.IndexByte(part, ';') >= 0 {
		return "", nil, false
	}
	name, err := url.QueryUnescape(string(rawName))
	return name, value, err == nil && (name == "" || isMadeOf(name, plain+"[]")) && isFormValue(value)
}

// isFormQuery reports whether a query is a form, without a '#', after which some servers
// would see a fragment.
func isFormQuery(query string) bool {
	if strings.Contains(query, "#") || strings.Count(query, "&") >= maxFormParts {
		return false
	}
	for part := range strings.SplitSeq(query, "&") {
		if _, _, ok := splitPart([]byte(part)); !ok {
			return false
		}
	}
	return true
}

// isFormValue reports whether a value decodes to valid UTF-8. It allocates nothing.
func isFormValue(raw []byte) bool {
	char := make([]byte, 0, utf8.UTFMax)
	for len(raw) > 0 {
		b, read := decodeByte(raw)
		if read == 0 {
			return false
		}
		raw = raw[read:]
		if char = append(char, b); !utf8.FullRune(char) {
			continue
		}
		if !utf8.Valid(char) {
			return false
		}
		char = char[:0]
	}
	return len(char) == 0
}

// decodeValue is for what isFormValue takes.
func decodeValue(raw []byte) []byte {
	value := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		b, read := decodeByte(raw)
		value, raw = append(value, b), raw[max(read, 1):]
	}
	return value
}

// decodeByte decodes the first byte of a value and returns how many bytes it is written
// with, 0 for an invalid escape or a raw control character.
func decodeByte(raw []byte) (b byte, read int) {
	switch {
	case raw[0] == '+':
		return ' ', 1
	case raw[0] < ' ' || raw[0] == 0x7f:
		return 0, 0
	case raw[0] != '%':
		return raw[0], 1
	case len(raw) < 3:
		return 0, 0
	}
	var char [1]byte
	if _, err := hex.Decode(char[:], raw[1:3]); err != nil {
		return 0, 0
	}
	return char[0], 3
}

// resemblesField reports whether a name could pass for unsafe_metadata: with other
// separators, in another case, inside brackets, or escaped more than once.
func resemblesField(name string) bool {
	return strings.Contains(strings.ReplaceAll(foldName(name), "_", ""), "unsafemetadata")
}

// resemblesMethod reports whether a name could pass for _method.
func resemblesMethod(name string) bool {
	return strings.HasPrefix(foldName(name), methodParam)
}

// foldName removes what a careless parser might remove or ignore: escapes, case, and
// everything but letters, digits and underscores.
func foldName(name string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(unicode.ToUpper(r)) // 'ſ' folds to 's' through 'S'
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, unescapeAll(name))
}

// unescapeAll decodes percent-encoding until none is left. It keeps invalid escapes.
func unescapeAll(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		out = append(out, s[i])
		for n := len(out) - 3; n >= 0 && out[n] == '%'; n = len(out) - 3 {
			char, read := decodeByte(out[n:])
			if read == 0 {
				break
			}
			out = append(out[:n], char)
		}
	}
	return string(out)
}

// room is the memory for all forms together. A quarter is reserved for small forms, so
// that a few large ones do not block them.
type room struct {
	smallest int64 // a form is large from here on
	allLarge int64 // what large forms may take

	mu           sync.Mutex
	small, large int64 // what is left
}

func newRoom(total int64) *room {
	large := total - total/4
	return &room{smallest: min(64<<10, total/64), allLarge: large, small: total - large, large: large}
}

// share is what one form has of a room.
type share struct {
	of   *room
	from *int64 // small or large
	held int64
}

// set resizes the share, or reports false without room and keeps it. A form larger than
// the room of large forms passes if it is the only one.
func (s *share) set(size int64) bool {
	to := &s.of.small
	if size > s.of.smallest {
		to, size = &s.of.large, min(size, s.of.allLarge)
	}
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	from := cmp.Or(s.from, to)
	*from += s.held
	if size > *to {
		*from -= s.held
		return false
	}
	*to -= size
	s.from, s.held = to, size
	return true
}

// weight estimates the memory that a JSON text takes while policies judge it: copies, in
// Strict and the buffers of encoding/json, and the tree.
func weight(text []byte) int64 {
	const copies, perObject, perValue = 8, 512, 64
	count := func(char string) int64 { return int64(bytes.Count(text, []byte(char))) }
	return copies*int64(len(text)) + perObject*count("{") + perValue*(count(",")+count("["))
}
