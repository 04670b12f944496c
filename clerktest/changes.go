package clerktest

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/internal/difference"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Change is one difference that a request made to what the instance holds.
type Change struct {
	// Sign is "+" for what was added, "-" for what was removed, "~" for what got another
	// value.
	Sign string `json:"sign"`
	// Kind is "user", "organization", "membership", "invitation" or "session", and ID the
	// id of the one that changed.
	Kind string `json:"kind"`
	ID   string `json:"id"`
	// Path has dots between keys, as the command prints it: "public_metadata.limits.seats",
	// "first_name". It is "" where the whole was added or removed.
	Path string `json:"path"`
	// From and To are the values before and after, as deep as both have objects, with
	// arrays as a whole; nil where there is none.
	From json.RawMessage `json:"from,omitempty"`
	To   json.RawMessage `json:"to,omitempty"`
}

// changes are those of one request, within bounds.
type changes struct {
	listed []Change
	bytes  int
	more   int // left out
}

func (c *changes) add(change Change) {
	const most, mostBytes = 100, 64 << 10
	size := len(change.Path) + len(change.From) + len(change.To)
	if len(c.listed) >= most || c.bytes+size > mostBytes {
		c.more++
		return
	}
	c.bytes += size
	c.listed = append(c.listed, change)
}

// addAll adds the changes of an edit: the whole entity if it was made or removed, then each
// place of its metadata, and its other members.
func (c *changes) addAll(e edit) {
	one := Change{Kind: e.of.kind(), ID: e.of.base().id}
	if e.what == gone {
		one.Sign = difference.Removed
		c.add(one)
		return
	}
	after := e.of.json(true)
	if e.what == made {
		one.Sign = difference.Added
		c.add(one)
		maps.DeleteFunc(after, func(_ string, v any) bool { _, is := v.(metadata.Object); return !is })
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if slices.Contains([]string{"updated_at", "last_active_at", "organization", "public_user_data", "role_name"}, name) {
			continue // they follow from other changes
		}
		one.Path = name
		c.member(one, e.before[name], after[name])
	}
}

// member adds the differences of a member.
func (c *changes) member(one Change, from, to any) {
	field := one.Path
	object, isMetadata := to.(metadata.Object)
	if !isMetadata {
		if !reflect.DeepEqual(from, to) {
			one.Sign, one.From, one.To = difference.Changed, encode(from), encode(to)
			c.add(one)
		}
		return
	}
	old, _ := from.(metadata.Object)
	all, _ := difference.Of(old, object) // what is stored is valid
	for _, d := range all {
		one.Sign, one.Path, one.From, one.To = d.Sign, field, nil, nil
		if len(d.Path) > 0 {
			one.Path += "." + difference.Dotted(d.Path)
		}
		if d.Sign != difference.Added {
			one.From = encode(d.From)
		}
		if d.Sign != difference.Removed {
			one.To = encode(d.To)
		}
		c.add(one)
	}
}
