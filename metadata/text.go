package metadata

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// appendString appends s, which is valid UTF-8, as a JSON string with nothing
// escaped but what JSON demands.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// isNumber reports whether s is one JSON number and nothing else.
func isNumber(s string) bool {
	if s == "" || s[len(s)-1] < '0' || s[len(s)-1] > '9' || (s[0] != '-' && (s[0] < '0' || s[0] > '9')) {
		return false
	}
	return json.Valid([]byte(s))
}

// unquote is what stands between the quotes of a valid JSON string. A \ud800…\udfff
// escape without its other half, which encoding/json would silently replace, makes
// it false.
func unquote(text string) (string, bool) {
	escape := strings.IndexByte(text, '\\')
	if escape < 0 {
		return text, true
	}
	b := make([]byte, 0, len(text))
	for ; escape >= 0; escape = strings.IndexByte(text, '\\') {
		b = append(b, text[:escape]...)
		r, size := escaped(text[escape:])
		if size == 0 {
			return "", false
		}
		b = utf8.AppendRune(b, r)
		text = text[escape+size:]
	}
	return string(append(b, text...)), true
}

// escaped reads the valid escape at the beginning of text; 0 is the size of half
// a surrogate pair.
func escaped(text string) (r rune, size int) {
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
			return r, 6
		}
		if r = utf16.DecodeRune(r, unit(text[6:])); r == utf8.RuneError {
			return r, 0
		}
		return r, 12
	default:
		return rune(text[1]), 2
	}
}

// unit is the UTF-16 code unit of a \uXXXX at the beginning of text; -1 for none.
func unit(text string) rune {
	if !strings.HasPrefix(text, `\u`) {
		return -1
	}
	n, _ := strconv.ParseUint(text[2:6], 16, 16) // it is valid
	return rune(n)
}
