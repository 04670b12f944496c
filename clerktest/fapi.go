package clerktest

import (
	"net/http"
	"net/url"
	"slices"
)

func (c *Clerk) meJSON(s *session) any {
	return c.store.wrapped(c.store.ownUserJSON(s.user), s.client)
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
	if !form.Has(unsafeMetadata) {
		return nil, failParam("form_param_missing", unsafeMetadata)
	}
	if p := s.user.change(c.store, func() *problem { return c.writeForm(&s.user.entity, form, false) }); p != nil {
		return nil, p
	}
	return c.meJSON(s), nil
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
	names := s.user.names()
	for name := range form {
		switch {
		case name == unsafeMetadata:
		case slices.Contains([]string{"primary_email_address_id", "primary_phone_number_id", "primary_web3_wallet_id"}, name):
			return nil, unsupported(name)
		case names[name] == nil:
			return nil, failParam("form_param_unknown", name)
		}
	}
	if p := c.checkIdentifiers(s.user.id, map[string]string{"username": form.Get("username")}); p != nil {
		return nil, p
	}
	p = s.user.change(c.store, func() *problem {
		if form.Has(unsafeMetadata) {
			if p := c.writeForm(&s.user.entity, form, c.guess(OlderUpdate) == "replaced"); p != nil {
				return p
			}
		}
		for name, field := range names {
			if form.Has(name) {
				*field = form.Get(name)
			}
		}
		s.user.touch()
		return nil
	})
	if p != nil {
		return nil, p
	}
	return c.meJSON(s), nil
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
