package bulk

import "strings"

// lexer follows strings and brackets, to find the end of a value.
type lexer struct {
	open    []byte // the brackets that are open
	string  bool
	escaped bool
	last    byte // the last byte outside of strings that is not blank; " after a string
}

func (l *lexer) take(b byte) {
	switch {
	case l.escaped:
		l.escaped = false
	case l.string:
		l.escaped = b == '\\'
		l.string = b != '"'
	case isBlank(b):
		return
	case b == '"':
		l.string = true
	case b == '{' || b == '[':
		l.open = append(l.open, b)
	case (b == '}' || b == ']') && len(l.open) > 0:
		l.open = l.open[:len(l.open)-1]
	}
	l.last = b
}

// ended reports whether a string, an object or an array has ended.
func (l *lexer) ended() bool {
	return len(l.open) == 0 && !l.string && (l.last == '"' || l.last == '}' || l.last == ']')
}

// bare reports whether the value is a number or a word, which the next byte ends.
func (l *lexer) bare() bool { return len(l.open) == 0 && !l.string }

// continues reports whether next can continue a value after the end of a line. Otherwise
// the line was cut off.
func (l *lexer) continues(next byte) bool {
	inObject := l.open[len(l.open)-1] == '{'
	switch l.last {
	case '{':
		return next == '"' || next == '}'
	case '[':
		return strings.IndexByte(",:}", next) < 0
	case ',':
		return (inObject && next == '"') || (!inObject && strings.IndexByte(",:}]", next) < 0)
	case ':':
		return strings.IndexByte(",:}]", next) < 0
	default:
		return next == ',' || (inObject && (next == '}' || next == ':')) || (!inObject && next == ']')
	}
}
