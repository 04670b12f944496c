package bapi

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// member is a member of a request body, nil where it is left out.
type member struct {
	name  string
	value json.RawMessage
}

// object writes members as they are. encoding/json would check and copy them, and
// some releases of Go escape what the value held as it is: what was measured must be
// what is sent.
func object(members ...member) []byte {
	size := len("{}")
	for _, m := range members {
		size += len(m.name) + len(m.value) + len(`"":,`)
	}
	text := append(make([]byte, 0, size), '{')
	for _, m := range members {
		if m.value == nil {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(append(append(text, '"'), m.name...), '"', ':')
		text = append(text, m.value...)
	}
	return append(text, '}')
}

// value encodes a member other than metadata: text, a number, a flag or a list of texts,
// which cannot fail. A zero value, a nil pointer too, is left out.
func value[T any](v T) json.RawMessage {
	if reflect.ValueOf(v).IsZero() {
		return nil
	}
	text, _ := json.Marshal(v)
	return text
}

// array writes the bodies of the elements as an array.
func array[T interface{ JSON() []byte }](elements []T) []byte {
	texts := make([][]byte, len(elements))
	for i, e := range elements {
		texts[i] = e.JSON()
	}
	return append(append([]byte{'['}, bytes.Join(texts, []byte{','})...), ']')
}
