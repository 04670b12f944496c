// Package secret keeps keys and tokens from being printed by accident.
package secret

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
)

// Value holds a secret behind a function, so that not even reflection prints it: neither fmt
// nor dumpers look into a closure. A Value, and a struct that embeds one, prints, encodes
// and logs as its label. The zero Value holds the zero T.
type Value[T any] struct {
	reveal func() T
	label  string
}

// Text is a key or a token.
type Text = Value[string]

// New returns a Value that prints as label.
func New[T any](secret T, label string) Value[T] {
	return Value[T]{reveal: func() T { return secret }, label: label}
}

// Reveal returns the secret. A type that embeds a Value would export a method.
func Reveal[T any](v Value[T]) T {
	if v.reveal == nil {
		return *new(T)
	}
	return v.reveal()
}

// String returns the label, "none" for the zero Value.
func (v Value[T]) String() string { return cmp.Or(v.label, "none") }

// GoString returns String.
func (v Value[T]) GoString() string { return v.String() }

// Format writes String for every verb.
func (v Value[T]) Format(s fmt.State, verb rune) {
	text := v.String()
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = s.Write([]byte(text))
}

// MarshalJSON encodes String.
func (v Value[T]) MarshalJSON() ([]byte, error) { return json.Marshal(v.String()) }

// LogValue returns String for log/slog.
func (v Value[T]) LogValue() slog.Value { return slog.StringValue(v.String()) }
