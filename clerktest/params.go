package clerktest

import (
	"cmp"
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// fields are members of a body, not decoded.
type fields = map[string]json.RawMessage

// params reads the members of a body one by one and keeps the first problem, so that
// an operation reads as the list of its parameters.
type params struct {
	c       *Clerk
	in      *call
	members fields
	meta    fields // the metadata fields among them
	seen    []string
	problem *problem
}

// params reads a body: JSON in the Backend API, a form in the Frontend API. An absent
// body has no members.
func (c *Clerk) params(in *call) *params {
	b := &params{c: c, in: in, members: fields{}, meta: fields{}}
	want, parse := "application/json", b.parseJSON
	if in.api == FrontendAPI {
		want, parse = "application/x-www-form-urlencoded", b.parseForm
	}
	if len(in.body) == 0 {
		return b
	}
	b.problem = c.contentType(in, want)
	if b.problem == nil && !parse() {
		b.fail(fail(http.StatusBadRequest, "request_body_invalid"))
	}
	return b
}

func (b *params) parseJSON() bool {
	return json.Unmarshal(b.in.body, &b.members) == nil && b.members != nil
}

// parseForm turns the values of a form into JSON strings, except metadata, which is JSON.
func (b *params) parseForm() bool {
	form, err := url.ParseQuery(string(b.in.body))
	for name, values := range form {
		b.members[name] = encode(values[0])
	}
	switch values := form[unsafeMetadata]; {
	case len(values) > 1:
		b.fail(failParam("form_param_duplicate", unsafeMetadata))
	case len(values) == 1 && !json.Valid([]byte(values[0])):
		b.fail(failParam("form_param_value_invalid", unsafeMetadata))
	case len(values) == 1:
		b.members[unsafeMetadata] = json.RawMessage(values[0])
	}
	return err == nil
}

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

func (b *params) fail(p *problem) { b.problem = cmp.Or(b.problem, p) }

// take decodes a member into to and reports whether the body has it. A null is the zero
// value.
func take[T any](b *params, name string, to *T) bool {
	b.seen = append(b.seen, name)
	raw, ok := b.members[name]
	if !ok || b.problem != nil {
		return false
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		b.fail(failParam("form_param_value_invalid", name))
		return false
	}
	*to = v
	return true
}

// ignored are members that change nothing here.
func ignored[T any](b *params, names ...string) {
	for _, name := range names {
		take(b, name, new(T))
	}
}

// moment sets a time from RFC 3339.
func (b *params) moment(name string, to *int64) {
	var s string
	if !take(b, name, &s) || s == "" {
		return
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		b.fail(failParam("form_param_format_invalid", name))
		return
	}
	*to = t.UnixMilli()
}

// metadata takes the metadata fields, which write decodes.
func (b *params) metadata(names ...string) {
	b.seen = append(b.seen, names...)
	for _, name := range names {
		if raw, ok := b.members[name]; ok {
			b.meta[name] = raw
		}
	}
}

// general is metadata for a general update: newer versions refuse the fields.
func (b *params) general(names ...string) {
	b.metadata(names...)
	for _, name := range names {
		if b.meta[name] != nil && b.c.retired(b.in) {
			b.fail(failParam(b.c.guess(RetiredFields), name))
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

// required refuses an empty value.
func (b *params) required(name, value string) {
	if value == "" {
		b.fail(failParam("form_param_missing", name))
	}
}

// need takes a text that may be neither absent nor empty.
func (b *params) need(name string, to *string) {
	take(b, name, to)
	b.required(name, *to)
}

// rest returns the first problem. Members that nothing has read are problems, too,
// whether the fake does not model them or Clerk does not have them.
func (b *params) rest(unmodelled ...string) *problem {
	if b.problem != nil && b.problem.status != http.StatusUnprocessableEntity {
		return b.problem
	}
	if p := unknown(b.members, append(unmodelled, b.seen...)...); p != nil {
		return p
	}
	for _, name := range unmodelled {
		if b.members[name] != nil {
			return unsupported("parameter", "param_name", name)
		}
	}
	return b.problem
}

// unknown is a problem with an entry for each member that is not allowed.
func unknown(members fields, allowed ...string) *problem {
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

// slugify makes a slug of a name.
func slugify(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !slugRune(r) || r == '-' })
	return strings.Join(parts, "-")
}

func slugRune(r rune) bool { return r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' }

func isSlug(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !slugRune(r) })
}
