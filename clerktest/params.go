package clerktest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// params reads a JSON body's members one by one and keeps the first problem,
// so that an operation reads as the list of its parameters.
type params struct {
	c       *Clerk
	members map[string]json.RawMessage
	meta    map[string]json.RawMessage // the metadata fields among them
	seen    []string
	problem *problem
}

// params reads the body of an operation that is not one of the metadata ones.
func (c *Clerk) params(in *call) *params {
	b := &params{c: c, meta: map[string]json.RawMessage{}}
	b.members, b.problem = c.fields(in, false)
	return b
}

func (b *params) fail(p *problem) {
	if b.problem == nil {
		b.problem = p
	}
}

// take decodes a member into to and reports whether the body has it. A null sets the
// zero value.
func take[T any](b *params, name string, to *T) bool {
	b.seen = append(b.seen, name)
	raw, ok := b.members[name]
	if !ok || b.problem != nil {
		return false
	}
	var v *T
	if err := json.Unmarshal(raw, &v); err != nil {
		b.fail(failParam("form_param_value_invalid", name))
		return false
	}
	if v == nil {
		v = new(T)
	}
	*to = *v
	return true
}

// ignored are flags that change nothing here.
func (b *params) ignored(names ...string) {
	for _, name := range names {
		var flag bool
		take(b, name, &flag)
	}
}

// moment sets a time from RFC 3339.
func (b *params) moment(name string, to *time.Time) {
	var s string
	if !take(b, name, &s) || s == "" {
		return
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		b.fail(failParam("form_param_format_invalid", name))
		return
	}
	*to = t
}

// metadata sets the metadata fields apart, for write.
func (b *params) metadata(names ...string) {
	b.seen = append(b.seen, names...)
	for _, name := range names {
		if raw, ok := b.members[name]; ok {
			b.meta[name] = raw
		}
	}
}

// password sets whether the user has a password.
func (b *params) password(to *bool) {
	var password string
	var unchecked bool
	take(b, "skip_password_checks", &unchecked)
	switch {
	case !take(b, "password", &password) || password == "":
	case len(password) < 8 && !unchecked:
		b.fail(failParam("form_password_length_too_short", "password"))
	default:
		*to = true
	}
}

// required refuses a body that lacks a member, or has it empty.
func (b *params) required(name, value string) {
	if value == "" {
		b.fail(failParam("form_param_missing", name))
	}
}

// rest returns the first problem. Members that nothing has read are problems too: those
// of Clerk's that the fake does not model, and those that Clerk does not have.
func (b *params) rest(unmodelled ...string) *problem {
	if b.problem != nil && b.problem.status != http.StatusUnprocessableEntity {
		return b.problem
	}
	if p := unknown(b.members, append(unmodelled, b.seen...)...); p != nil {
		return p
	}
	for _, name := range slices.Sorted(maps.Keys(b.members)) {
		if slices.Contains(unmodelled, name) {
			return unsupported(name)
		}
	}
	return b.problem
}

// slugify makes a slug of a name.
func slugify(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !slugRune(r) || r == '-' })
	return strings.Join(parts, "-")
}

func slugRune(r rune) bool { return r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' }

func isSlug(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !slugRune(r) })
}
