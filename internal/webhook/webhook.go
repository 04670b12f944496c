// Package webhook unwraps the envelope of Clerk's webhook events.
package webhook

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// Data returns the object that an event of one of the given types is about.
// The error satisfies clerkerr.ErrDecode.
func Data(payload []byte, types ...string) (json.RawMessage, error) {
	var event struct {
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("webhook payload: %w: not a JSON object", clerkerr.ErrDecode)
	}
	if !slices.Contains(types, event.Type) {
		return nil, fmt.Errorf("webhook payload: %w: its type is none of %s", clerkerr.ErrDecode, strings.Join(types, ", "))
	}
	return event.Data, nil
}
