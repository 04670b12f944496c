// Package secret keeps a key or a token from being printed by accident.
package secret

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Text holds a secret behind a function, so that not even reflection prints it:
// fmt calls no methods on unexported fields and dumpers follow pointers, but
// neither looks into a closure. The zero Text is empty.
type Text struct {
	reveal func() string
	label  string
}

// New wraps s; label is what prints in its place, before "…redacted".
func New(s, label string) Text {
	return Text{reveal: func() string { return s }, label: label}
}

// Reveal returns the secret.
func (t Text) Reveal() string {
	if t.reveal == nil {
		return ""
	}
	return t.reveal()
}

// String returns the label and "…redacted".
func (t Text) String() string { return t.label + "…redacted" }

// Format writes text for every verb, for the Format method of a type that holds
// a secret.
func Format(s fmt.State, verb rune, text string) {
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = s.Write([]byte(text))
}

// MarshalJSON encodes text, for the MarshalJSON method of a type that holds a
// secret.
func MarshalJSON(text string) ([]byte, error) { return json.Marshal(text) }
