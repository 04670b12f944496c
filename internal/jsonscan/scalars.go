package jsonscan

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

func (s *scanner) scalar() bool {
	switch s.peek() {
	case '"':
		return s.str()
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		return s.number()
	}
}

func (s *scanner) literal(word string) bool {
	end := s.at + len(word)
	if end > len(s.text) || string(s.text[s.at:end]) != word {
		return false
	}
	s.at = end
	return true
}

// str reads a string. Invalid UTF-8 passes, as it does in encoding/json.
func (s *scanner) str() bool {
	if !s.byte('"') {
		return false
	}
	for {
		s.plain()
		if s.byte('"') {
			return true
		}
		if !s.byte('\\') || !s.escape() {
			return false
		}
	}
}

// plain moves over bytes that stand for themselves in a string. It keeps its
// place in a variable: most of an answer is read here.
func (s *scanner) plain() {
	for i, c := range s.text[min(s.at, len(s.text)):] {
		if c == '"' || c == '\\' || c < ' ' {
			s.at += i
			return
		}
	}
	s.at = len(s.text)
}

// escape reads what follows a backslash.
func (s *scanner) escape() bool {
	c := s.peek()
	s.at++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			if !s.hex() {
				return false
			}
		}
		return true
	default:
		return false
	}
}

func (s *scanner) hex() bool {
	c := s.peek()
	s.at++
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (s *scanner) number() bool {
	s.byte('-')
	if !s.byte('0') && !s.digits() {
		return false
	}
	if s.byte('.') && !s.digits() {
		return false
	}
	if !s.byte('e') && !s.byte('E') {
		return true
	}
	if !s.byte('+') {
		s.byte('-')
	}
	return s.digits()
}

// digits reads at least one.
func (s *scanner) digits() bool {
	start := s.at
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.at++
	}
	return s.at > start
}

// Unquote returns what stands between the quotes of a valid JSON string. encoding/json
// replaces invalid UTF-8 and half a surrogate pair with U+FFFD; Unquote returns the
// offset of the first of either, -1 for none.
func Unquote(inner string) (text string, fault int) {
	if at := invalidUTF8(inner); at >= 0 {
		return "", at
	}
	escape := strings.IndexByte(inner, '\\')
	if escape < 0 {
		return inner, -1
	}
	b := make([]byte, 0, len(inner))
	rest := inner
	for ; escape >= 0; escape = strings.IndexByte(rest, '\\') {
		b = append(b, rest[:escape]...)
		r, size := readEscape(rest[escape:])
		if size == 0 {
			return "", len(inner) - len(rest) + escape
		}
		b = utf8.AppendRune(b, r)
		rest = rest[escape+size:]
	}
	return string(append(b, rest...)), -1
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, -1 for none.
func invalidUTF8(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	at := 0
	for {
		r, size := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
}

// unitSize is the length of \uXXXX.
const unitSize = 6

// readEscape reads the valid escape that text begins with. The size of half a
// surrogate pair is 0.
func readEscape[T string | []byte](text T) (r rune, size int) {
	switch text[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r = unit(text)
		if !utf16.IsSurrogate(r) {
			return r, unitSize
		}
		if r = utf16.DecodeRune(r, unit(text[unitSize:])); r == utf8.RuneError {
			return r, 0
		}
		return r, 2 * unitSize
	default:
		return rune(text[1]), 2
	}
}

// unit is the UTF-16 code unit of the \uXXXX that text begins with, -1 for none.
func unit[T string | []byte](text T) rune {
	if len(text) < unitSize || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	n, _ := strconv.ParseUint(string(text[2:unitSize]), 16, 16) // it is valid
	return rune(n)
}
