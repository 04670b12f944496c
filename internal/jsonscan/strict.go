package jsonscan

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Check checks that Parse accepts text. The error is an *Error.
func Check(text []byte) error {
	_, err := Parse(text, Nulls{})
	return err
}

// Unmarshal is json.Unmarshal of a text that Parse accepts.
func Unmarshal(text []byte, v any) error {
	if err := Check(text); err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// ErrNotObject is the error of StrictMembers for a value of another kind.
var ErrNotObject = errors.New("is no JSON object")

// StrictMembers passes each member of an object to visit, in order, up to visit's first
// error. It checks that encoding/json alters no string, and that no key occurs twice at
// this level. The error is ErrSyntax, ErrNotObject, an *Error or that of visit.
func StrictMembers(text []byte, visit func(key string, value []byte) error) error {
	if !Valid(text) {
		return ErrSyntax
	}
	// A backslash in valid JSON is in a string.
	source := string(text)
	if _, fault := Unquote(source); fault >= 0 {
		return invalidString(source, 0, fault)
	}
	if bytes.TrimLeft(text, " \t\r\n")[0] != '{' {
		return ErrNotObject
	}
	seen := map[string]bool{}
	var failure error
	_ = Members(text, func(name, value []byte) { // it is valid
		if failure != nil {
			return
		}
		key := String(name)
		if seen[key] {
			failure = &Error{Steps: []string{key}, Reason: ErrDuplicateKey}
			return
		}
		seen[key] = true
		failure = visit(key, value)
	})
	return failure
}

// String returns the text of a valid JSON string, "" for another value.
func String(text []byte) string {
	var s string
	if json.Unmarshal(text, &s) != nil {
		return ""
	}
	return s
}
