package clerktest

import (
	"encoding/json"
	"net/http"
	"net/url"
)

// The Frontend API wraps every object together with the client.
func meJSON(s *session) any {
	return map[string]any{"response": userJSON(s.user, false), "client": clientJSON(s.client)}
}

func (c *Clerk) getMe(in *call) (any, *problem) {
	s, p := c.session(in)
	if p != nil {
		return nil, p
	}
	return meJSON(s), nil
}

func (c *Clerk) writeMe(in *call) (any, *problem) {
	s, p := c.session(in)
	if p != nil {
		return nil, p
	}
	form, p := c.form(in)
	if p != nil {
		return nil, p
	}
	if p := unknown(form, unsafeMetadata); p != nil {
		return nil, p
	}
	switch values := form[unsafeMetadata]; len(values) {
	case 0:
		return nil, failParam("form_param_missing", unsafeMetadata)
	case 1:
	default:
		return nil, failParam("form_param_duplicate", unsafeMetadata)
	}
	raw := json.RawMessage(form.Get(unsafeMetadata))
	if !json.Valid(raw) {
		return nil, failParam("form_param_value_invalid", unsafeMetadata)
	}
	if p := c.write(&s.user.entity, map[string]json.RawMessage{unsafeMetadata: raw}, false); p != nil {
		return nil, p
	}
	return meJSON(s), nil
}

// updateMe is Clerk's general update, of which the fake knows the names.
func (c *Clerk) updateMe(in *call) (any, *problem) {
	s, p := c.session(in)
	if p != nil {
		return nil, p
	}
	form, p := c.form(in)
	if p != nil {
		return nil, p
	}
	if form.Has(unsafeMetadata) {
		return nil, failParam(c.guess(RetiredFields), unsafeMetadata)
	}
	names := s.user.names()
	for name := range form {
		if names[name] == nil {
			return nil, unsupported(name)
		}
	}
	for name := range form {
		*names[name] = form.Get(name)
	}
	s.user.touch()
	return meJSON(s), nil
}

// form reads a form body; no body is an empty form.
func (c *Clerk) form(in *call) (url.Values, *problem) {
	if len(in.body) == 0 {
		return nil, nil
	}
	if p := c.contentType(in, "application/x-www-form-urlencoded"); p != nil {
		return nil, p
	}
	form, err := url.ParseQuery(string(in.body))
	if err != nil {
		return nil, fail(http.StatusBadRequest, "request_body_invalid")
	}
	return form, nil
}
