package clerktest

import (
	"encoding/json"
	"net/http"
	"net/url"
)

func (c *Clerk) meJSON(s *session) any {
	return wrapped(ownUserJSON(s.user), s.client)
}

func (c *Clerk) getMe(_ *call, s *session) (any, *problem) {
	return c.meJSON(s), nil
}

func (c *Clerk) writeMe(in *call, s *session) (any, *problem) {
	form, p := c.form(in)
	if p != nil {
		return nil, p
	}
	if p := unknown(form, unsafeMetadata); p != nil {
		return nil, p
	}
	meta, p := formMetadata(form)
	switch {
	case p != nil:
		return nil, p
	case meta == nil:
		return nil, failParam("form_param_missing", unsafeMetadata)
	}
	p = c.write(&s.user.entity, meta, false)
	return c.meJSON(s), p
}

// updateMe is Clerk's general update, of which the fake models the names. Older
// versions also write unsafe metadata here.
func (c *Clerk) updateMe(in *call, s *session) (any, *problem) {
	form, p := c.form(in)
	if p != nil {
		return nil, p
	}
	if form.Has(unsafeMetadata) && c.retired(in) {
		return nil, failParam(c.guess(RetiredFields), unsafeMetadata)
	}
	changed := *s.user
	for name := range form {
		switch name {
		case unsafeMetadata:
		case "first_name":
			changed.FirstName = form.Get(name)
		case "last_name":
			changed.LastName = form.Get(name)
		case "username":
			changed.Username = form.Get(name)
		case "primary_email_address_id", "primary_phone_number_id", "primary_web3_wallet_id":
			return nil, unsupported(name)
		default:
			return nil, failParam("form_param_unknown", name)
		}
	}
	meta, p := formMetadata(form)
	if p != nil {
		return nil, p
	}
	p = c.saveUser(&changed, meta)
	return c.meJSON(s), p
}

// formMetadata is the unsafe metadata of a form, for write; nil for none.
func formMetadata(form url.Values) (fields, *problem) {
	values := form[unsafeMetadata]
	switch {
	case len(values) == 0:
		return nil, nil
	case len(values) > 1:
		return nil, failParam("form_param_duplicate", unsafeMetadata)
	case !json.Valid([]byte(values[0])):
		return nil, failParam("form_param_value_invalid", unsafeMetadata)
	}
	return fields{unsafeMetadata: json.RawMessage(values[0])}, nil
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
