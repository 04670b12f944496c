package bapi

import "encoding/json"

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
