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

// writes returns the handler of a metadata endpoint of the Backend API; find finds the
// entity.
func writes[T row](find func(*Clerk, *call) (T, *problem), names ...string) handler {
	return on(find, func(c *Clerk, in *call, v T) (any, *problem) {
		b := c.params(in)
		b.metadata(names...)
		bodyRequired := c.guess(EmptyBody) == "refused" ||
			in.operation == MergeOrganizationMetadata || in.operation == ReplaceOrganizationMetadata
		switch {
		case len(in.body) == 0 && bodyRequired:
			b.fail(fail(http.StatusBadRequest, "request_body_invalid"))
		case len(in.body) > 0 && len(b.members) == 0 && c.guess(NoFields) == "refused":
			b.fail(failParam("form_param_missing", names[0]))
		}
		before := v.json(true)
		p := b.write(v.base(), in.Method == http.MethodPut)
		if p == nil {
			c.store.note(changed, v, before)
		}
		return v.json(true), p
	})
}

// write changes the metadata fields of an entity, all of them or, if the request has a
// problem, none.
func (b *params) write(e *entity, replace bool, unmodelled ...string) *problem {
	if p := b.rest(unmodelled...); p != nil {
		return p
	}
	c := b.c
	after := maps.Clone(e.meta)
	sizes := map[string]int{}
	names := slices.Sorted(maps.Keys(b.meta))
	for _, name := range names {
		var p *problem
		if after[name], sizes[name], p = c.change(name, e.meta[name], b.meta[name], replace); p != nil {
			return p
		}
	}
	if c.guess(SizeTiming) == "merged" {
		for name, o := range after {
			sizes[name] = o.Size()
		}
	}
	sum := 0
	for _, n := range sizes {
		sum += n
	}
	for _, name := range names {
		size := sizes[name]
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

// save is write for a creation or a general update.
func (b *params) save(e *entity, isNew bool, unmodelled ...string) *problem {
	p := b.write(e, isNew || b.c.guess(OlderUpdate) == "replaced", unmodelled...)
	if isNew {
		e.updated = e.created
	}
	return p
}

// change returns what a field holds after a write, and the size of what was sent.
func (c *Clerk) change(name string, old metadata.Object, raw json.RawMessage, replace bool) (metadata.Object, int, *problem) {
	members, err := c.sent(raw)
	after := old
	if err == nil {
		after, err = c.after(old, members, replace)
	}
	switch {
	case err == nil && members == nil:
		return after, len("null"), nil
	case err == nil:
		return after, metadata.Of(members).Size(), nil
	}
	p := failParam("form_param_value_invalid", name)
	if errors.Is(err, metadata.ErrInvalidString) {
		p.entries[0].Message = "invalid character encoding"
		p.entries[0].LongMessage = name + " contains invalid UTF-8 characters"
	}
	return old, 0, p
}

// sent decodes the value of a field, nil for null.
func (c *Clerk) sent(raw json.RawMessage) (members map[string]any, err error) {
	if string(bytes.TrimSpace(raw)) == "null" {
		return nil, nil
	}
	_, err = metadata.ParsePatch(raw)
	if err != nil && (!errors.Is(err, metadata.ErrDuplicateKey) || c.guess(DuplicateKeys) != "last") {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if c.guess(BigNumbers) == "kept" {
		d.UseNumber()
	}
	err = d.Decode(&members)
	return members, err
}

// after returns what a field holds after members were sent for it.
func (c *Clerk) after(old metadata.Object, members map[string]any, replace bool) (metadata.Object, error) {
	null := ""
	if members == nil {
		null = c.guess(PatchFieldNull)
	}
	switch {
	case members == nil && replace: // as the upgrade guide says
		return metadata.Null().Object()
	case null == "refused":
		return old, metadata.ErrNotObject
	case null == "ignored":
		return old, nil
	case null == "cleared", !replace && len(members) == 0 && c.guess(EmptyPatch) == "cleared":
		return metadata.Empty().Object()
	case replace:
		return metadata.Of(members).Object()
	case c.guess(ArrayMerge) == "appended", c.guess(NewObjectNulls) == "kept":
		target, err := old.Map()
		if err != nil {
			return old, err
		}
		return metadata.Of(c.merge(target, members)).Object()
	}
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

// merge is a merge that differs from RFC 7396, as the answers to guesses say.
func (c *Clerk) merge(target, patch any) any {
	if more, ok := patch.([]any); ok && c.guess(ArrayMerge) == "appended" {
		there, _ := target.([]any)
		return append(slices.Clone(there), more...)
	}
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	members, ok := target.(map[string]any)
	if !ok {
		if c.guess(NewObjectNulls) == "kept" {
			return patch
		}
		members = map[string]any{}
	}
	for key, change := range changes {
		if change == nil {
			delete(members, key)
		} else {
			members[key] = c.merge(members[key], change)
		}
	}
	return members
}
