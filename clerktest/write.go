package clerktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"mime"
	"net/http"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// contentType checks that a body is what the operation reads.
func (c *Clerk) contentType(in *call, want string) *problem {
	header := in.Header.Get("Content-Type")
	if header == "" && c.guess(MissingContentType) == "accepted" {
		return nil
	}
	if got, _, err := mime.ParseMediaType(header); err != nil || got != want {
		return failLong(http.StatusUnsupportedMediaType, "unsupported_content_type",
			"Content-Type "+header+" is unsupported. You should use "+want+" instead.")
	}
	return nil
}

// fields reads the members of a JSON body.
func (c *Clerk) fields(in *call, bodyRequired bool) (map[string]json.RawMessage, *problem) {
	if len(in.body) == 0 {
		if bodyRequired {
			return nil, fail(http.StatusBadRequest, "request_body_invalid")
		}
		return nil, nil
	}
	if p := c.contentType(in, "application/json"); p != nil {
		return nil, p
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(in.body, &members); err != nil || members == nil {
		return nil, fail(http.StatusBadRequest, "request_body_invalid")
	}
	return members, nil
}

// unknown is a problem with an entry for each member that is not allowed.
func unknown[V any](members map[string]V, allowed ...string) *problem {
	var p *problem
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if slices.Contains(allowed, name) {
			continue
		}
		one := failParam("form_param_unknown", name)
		if p == nil {
			p = one
		} else {
			p.entries = append(p.entries, one.entries...)
		}
	}
	return p
}

// metadataFields reads the body of a metadata endpoint of the Backend API.
func (c *Clerk) metadataFields(in *call, allowed ...string) (map[string]json.RawMessage, *problem) {
	bodyRequired := c.guess(EmptyBody) == "refused" ||
		in.operation == MergeOrganizationMetadata || in.operation == ReplaceOrganizationMetadata
	members, p := c.fields(in, bodyRequired)
	if p != nil {
		return nil, p
	}
	if len(in.body) > 0 && len(members) == 0 && c.guess(NoFields) == "refused" {
		return nil, failParam("form_param_missing", allowed[0])
	}
	return members, unknown(members, allowed...)
}

// writes is the handler of a metadata endpoint for what find finds.
func writes[T row](find func(*Clerk, *call) (T, *problem), fields ...string) handler {
	return func(c *Clerk, in *call) (any, *problem) {
		members, p := c.metadataFields(in, fields...)
		if p != nil {
			return nil, p
		}
		v, p := find(c, in)
		if p != nil {
			return nil, p
		}
		return shown(v, v.change(c.store, func() *problem {
			return c.write(v.base(), members, in.Method == http.MethodPut)
		}))
	}
}

// write changes metadata fields of an entity, all of them or none.
func (c *Clerk) write(e *entity, members map[string]json.RawMessage, replace bool) *problem {
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
	return nil
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
