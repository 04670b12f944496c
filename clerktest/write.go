package clerktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// writes is the handler of a metadata endpoint of the Backend API for what find finds.
func writes[T row](find func(*Clerk, *call) (T, *problem), names ...string) handler {
	return func(c *Clerk, in *call) (any, *problem) {
		b := c.params(in)
		b.metadata(names...)
		bodyRequired := c.guess(EmptyBody) == "refused" ||
			in.operation == MergeOrganizationMetadata || in.operation == ReplaceOrganizationMetadata
		switch {
		case len(in.body) == 0 && bodyRequired:
			return nil, fail(http.StatusBadRequest, "request_body_invalid")
		case len(in.body) > 0 && len(b.members) == 0 && c.guess(NoFields) == "refused":
			b.fail(failParam("form_param_missing", names[0]))
		}
		if p := b.rest(); p != nil {
			return nil, p
		}
		v, p := find(c, in)
		if p != nil {
			return nil, p
		}
		p = c.write(v.base(), b.meta, in.Method == http.MethodPut)
		return v.json(), p
	}
}

// write changes metadata fields of an entity, all of them or none.
func (c *Clerk) write(e *entity, members fields, replace bool) *problem {
	after := maps.Clone(e.meta)
	sent := map[string]int{}
	names := slices.Sorted(maps.Keys(members))
	for _, name := range names {
		var p *problem
		if after[name], sent[name], p = c.change(name, e.meta[name], members[name], replace); p != nil {
			return p
		}
	}
	measured := sent
	if c.guess(SizeTiming) == "merged" {
		measured = map[string]int{}
		for name, o := range after {
			measured[name] = o.Size()
		}
	}
	sum := 0
	for _, n := range measured {
		sum += n
	}
	for _, name := range names {
		size := measured[name]
		if c.guess(SizeScope) == "sum" {
			size = sum
		}
		if int64(size) > c.number(SizeLimit) {
			return failParam("form_param_exceeds_allowed_size", name)
		}
	}
	e.meta = after
	e.touch()
	delete(c.store.users.sorted, "updated_at")
	return nil
}

// set writes metadata as a creation or a general update does.
func (c *Clerk) set(e *entity, members fields, isNew bool) *problem {
	p := c.write(e, members, isNew || c.guess(OlderUpdate) == "replaced")
	if isNew {
		e.updated = e.created
	}
	return p
}

// change returns what a field holds after a write, and the size of what was sent.
func (c *Clerk) change(name string, old metadata.Object, raw json.RawMessage, replace bool) (metadata.Object, int, *problem) {
	invalid := failParam("form_param_value_invalid", name)
	if string(bytes.TrimSpace(raw)) == "null" {
		o, ok := c.null(old, replace)
		if !ok {
			return old, 0, invalid
		}
		return o, len("null"), nil
	}
	_, err := metadata.ParsePatch(raw)
	switch {
	case errors.Is(err, metadata.ErrInvalidString):
		invalid.entries[0].Message = "invalid character encoding"
		invalid.entries[0].LongMessage = name + " contains invalid UTF-8 characters"
		return old, 0, invalid
	case errors.Is(err, metadata.ErrDuplicateKey) && c.guess(DuplicateKeys) == "last":
	case err != nil:
		return old, 0, invalid
	}
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	if c.guess(BigNumbers) == "kept" {
		d.UseNumber()
	}
	if err := d.Decode(&members); err != nil {
		return old, 0, invalid
	}
	sent := metadata.Of(members)
	after, err := sent.Object()
	if err == nil && !replace {
		after, err = c.merge(old, members)
	}
	if err != nil {
		return old, 0, invalid
	}
	return after, sent.Size(), nil
}

// null is what a field holds after null was sent for it; ok is false where that
// is refused. A replacement stores it, as the upgrade guide says.
func (c *Clerk) null(old metadata.Object, replace bool) (o metadata.Object, ok bool) {
	v := metadata.Empty()
	switch answer := c.guess(PatchFieldNull); {
	case replace:
		v = metadata.Null()
	case answer == "refused":
		return old, false
	case answer == "ignored":
		return old, true
	}
	o, err := v.Object()
	return o, err == nil
}

// merge is metadata.Merge, unless a guess was answered otherwise.
func (c *Clerk) merge(old metadata.Object, members map[string]any) (metadata.Object, error) {
	if len(members) == 0 && c.guess(EmptyPatch) == "cleared" {
		return metadata.Empty().Object()
	}
	v := variant{appends: c.guess(ArrayMerge) == "appended", keepsNulls: c.guess(NewObjectNulls) == "kept"}
	if v == (variant{}) {
		raw, err := metadata.Of(members).MarshalJSON()
		if err != nil {
			return old, err
		}
		patch, err := metadata.ParsePatch(raw)
		if err != nil {
			return old, err
		}
		return metadata.Merge(old, patch)
	}
	target, err := old.Map()
	if err != nil {
		return old, err
	}
	return metadata.Of(v.merge(target, members)).Object()
}

// variant is a merge that differs from RFC 7396.
type variant struct {
	appends    bool
	keepsNulls bool
}

func (v variant) merge(target, patch any) any {
	if more, ok := patch.([]any); ok && v.appends {
		there, _ := target.([]any)
		return append(slices.Clone(there), more...)
	}
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	members, ok := target.(map[string]any)
	if !ok {
		if v.keepsNulls {
			return patch
		}
		members = map[string]any{}
	}
	for key, change := range changes {
		if change == nil {
			delete(members, key)
		} else {
			members[key] = v.merge(members[key], change)
		}
	}
	return members
}
