// Package strictjson decodes the JSON that files, arguments and requests bring in. It
// refuses what encoding/json alters without an error: invalid UTF-8 and half surrogate
// pairs, which become U+FFFD and so name another key or another user, and keys that
// occur twice, of which one is lost. Metadata itself is parsed by package metadata,
// which is as strict.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Error says what encoding/json would have altered, and where. Its text quotes keys
// and no other values.
type Error struct {
	// Offset is the byte of the text at which the fault begins, from 0; for a key that
	// occurs twice, the byte behind it.
	Offset int
	// Err is metadata.ErrInvalidString or metadata.ErrDuplicateKey, wrapped.
	Err error
}

// Error is the reason; where it is is for the caller to say.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Valid checks that text is one JSON value in whose strings encoding/json alters
// nothing. The error is metadata.ErrSyntax or an *Error.
func Valid(text []byte) error {
	if !jsonscan.Valid(text) {
		return metadata.ErrSyntax
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return &Error{i, metadata.ErrInvalidString}
		}
		i += size
	}
	return pairs(text)
}

// pairs finds half a surrogate pair. In valid JSON backslashes are in strings only.
func pairs(text []byte) error {
	for i := bytes.IndexByte(text, '\\'); i >= 0; {
		size := 2
		if text[i+1] == 'u' {
			size = 6
			if r := unit(text[i:]); utf16.IsSurrogate(r) {
				if utf16.DecodeRune(r, unit(text[i+6:])) == utf8.RuneError {
					return &Error{i, fmt.Errorf("%w: half a surrogate pair", metadata.ErrInvalidString)}
				}
				size = 12
			}
		}
		next := bytes.IndexByte(text[i+size:], '\\')
		if next < 0 {
			return nil
		}
		i += size + next
	}
	return nil
}

// unit is the code unit of the \uXXXX that text begins with; -1 for none.
func unit(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	n, _ := strconv.ParseUint(string(text[2:6]), 16, 16) // it is valid
	return rune(n)
}

// Check checks what Valid does, and that no object at any depth has a key twice.
func Check(text []byte) error {
	if err := Valid(text); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var open []map[string]bool // the keys of the containers around; nil for an array
	isKey := false             // the next string is one
	for {
		token, err := d.Token()
		if err != nil {
			return nil //nolint:nilerr // the end, of a text that is valid
		}
		inside := len(open) - 1
		switch token := token.(type) {
		case json.Delim:
			switch token {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:inside]
			}
			isKey = len(open) > 0 && open[len(open)-1] != nil
			continue
		case string:
			if isKey {
				if open[inside][token] {
					return &Error{int(d.InputOffset()), duplicate(token)}
				}
				open[inside][token] = true
				isKey = false
				continue
			}
		}
		isKey = inside >= 0 && open[inside] != nil
	}
}

func duplicate(key string) error {
	const most = 80
	if len(key) > most {
		key = string(bytes.ToValidUTF8([]byte(key[:most]), nil)) + "…"
	}
	return fmt.Errorf("%q: %w", key, metadata.ErrDuplicateKey)
}

// Unmarshal is json.Unmarshal of a text that Check accepts.
func Unmarshal(text []byte, v any) error {
	if err := Check(text); err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// ErrNotObject is the error of Members for a value of another kind.
var ErrNotObject = errors.New("is no JSON object")

// Members passes each member of the object that text is to visit, in their order.
// The first error of visit ends the walk. text is checked by Valid first; a key that
// occurs twice at this level is an error, deeper ones are left to who parses the
// values.
func Members(text []byte, visit func(key string, value []byte) error) error {
	if err := Valid(text); err != nil {
		return err
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	if text[0] != '{' {
		return ErrNotObject
	}
	seen := map[string]bool{}
	var failure error
	_ = jsonscan.Members(text, func(name, value []byte) { // it is valid
		if failure != nil {
			return
		}
		key := String(name)
		if seen[key] {
			failure = duplicate(key)
			return
		}
		seen[key] = true
		failure = visit(key, value)
	})
	return failure
}

// String is the text of a JSON string that Valid accepts; "" for another value.
func String(text []byte) string {
	var s string
	if json.Unmarshal(text, &s) != nil {
		return ""
	}
	return s
}
