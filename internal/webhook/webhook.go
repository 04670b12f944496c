// Package webhook unwraps the envelope of Clerk's webhook events.
package webhook

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// Kind is a kind of entity, as the types of its events begin.
type Kind string

// The kinds of entity that have metadata.
const (
	User         Kind = "user"
	Organization Kind = "organization"
	Membership   Kind = "organizationMembership"
)

// types are the events that carry the whole entity. The deletion of a membership
// does; that of a user or an organization carries an id and no metadata.
func (k Kind) types() []string {
	verbs := []string{"created", "updated"}
	if k == Membership {
		verbs = append(verbs, "deleted")
	}
	for i, verb := range verbs {
		verbs[i] = string(k) + "." + verb
	}
	return verbs
}

// Parse parses the entity that an event of the kind carries, a copy of that part of
// payload. If there is none, the error satisfies clerkerr.ErrDecode and the entity is nil.
func Parse[E any](payload []byte, kind Kind, parse func([]byte) (*E, error)) (*E, error) {
	var event struct {
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("webhook payload: %w: not a JSON object", clerkerr.ErrDecode)
	}
	types := kind.types()
	switch {
	case slices.Contains(types, event.Type):
		return parse(event.Data)
	case event.Type == string(kind)+".deleted":
		return nil, fmt.Errorf("webhook payload: %w: an event of type %s.deleted carries no metadata", clerkerr.ErrDecode, kind)
	default:
		return nil, fmt.Errorf("webhook payload: %w: its type is not one of %s", clerkerr.ErrDecode, strings.Join(types, ", "))
	}
}
