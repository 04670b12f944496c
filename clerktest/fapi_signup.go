package clerktest

import (
	"bytes"
	"crypto/rand"
	"maps"
	"net/http"
)

// signUp is an attempt to become a user. The fake verifies nothing: an identifier
// completes the sign-up and signs the client in. What Clerk requires depends on the
// instance's settings.
type signUp struct {
	entity
	fields  map[string]string
	session *session // once it is complete
}

// identified reports whether the sign-up has an identifier.
func (s *signUp) identified() bool {
	return s.fields["email_address"]+s.fields["phone_number"]+s.fields["username"] != ""
}

// createSignUp replaces the client's sign-up. A request without a client gets one.
func (c *Clerk) createSignUp(in *call, cl *device) (any, *problem) {
	s := &signUp{entity: c.store.fresh("sua", new(User).part()), fields: map[string]string{}}
	if p := c.fill(in, s); p != nil {
		return nil, p
	}
	cl = c.ensureClient(in, cl)
	cl.signUp = s
	return c.complete(cl, s)
}

func (c *Clerk) getSignUp(in *call, s *signUp) (any, *problem) {
	return wrapped(signUpJSON(s), in.client), nil
}

func (c *Clerk) updateSignUp(in *call, s *signUp) (any, *problem) {
	if s.session != nil {
		return nil, fail(http.StatusForbidden, "sign_up_cannot_be_updated")
	}
	if p := c.fill(in, s); p != nil {
		return nil, p
	}
	return c.complete(in.client, s)
}

// ownSignUp is the sign-up named in the path, the client's last one.
func (c *Clerk) ownSignUp(in *call) (*signUp, *problem) {
	cl, p := c.anyClient(in)
	if p != nil {
		return nil, p
	}
	if cl == nil || cl.signUp == nil || cl.signUp.id != in.ids[0] {
		return nil, failLong(http.StatusNotFound, "resource_not_found", "No sign up was found with id "+in.ids[0])
	}
	return cl.signUp, nil
}

// fill sets the fields that the form has, all of them or none.
func (c *Clerk) fill(in *call, s *signUp) *problem {
	b := c.params(in)
	values := map[string]string{}
	set := func(name, as string) {
		var value string
		if take(b, name, &value) {
			values[as] = value
		}
	}
	for _, name := range []string{"email_address", "phone_number", "username", "first_name", "last_name", "password", "legal_accepted"} {
		set(name, name)
	}
	if either := "email_address_or_phone_number"; bytes.Contains(b.members[either], []byte("@")) {
		set(either, "email_address")
	} else {
		set(either, "phone_number")
	}
	b.metadata(unsafeMetadata)
	// These are for bot protection and mails, which the fake does not have.
	ignored[string](b, "captcha_token", "captcha_error", "captcha_widget_type", "locale", "proof_token", "timezone")
	if address := values["email_address"]; address != "" && !isEmail(address) {
		b.fail(failParam("form_param_format_invalid", "email_address"))
	}
	if number := values["phone_number"]; number != "" && !isPhone(number) {
		return failParam("form_param_format_invalid", "phone_number")
	}
	would := &user{User: User{
		Username: values["username"], EmailAddresses: []string{values["email_address"]}, PhoneNumbers: []string{values["phone_number"]},
	}}
	if id := c.store.conflict(would); id.kind != "" {
		b.fail(failParam("form_identifier_exists", id.kind))
	}
	p := b.write(&s.entity, true, "action_complete_redirect_url", "code", "oidc_login_hint", "oidc_prompt", "redirect_url", "strategy",
		"ticket", "token", "transfer", "web3_wallet")
	if p == nil {
		maps.Copy(s.fields, values)
	}
	return p
}

// complete makes a sign-up with an identifier a signed-in user.
func (c *Clerk) complete(cl *device, s *signUp) (any, *problem) {
	if s.session == nil && s.identified() {
		u := c.store.newUser()
		u.FirstName, u.LastName, u.Username = s.fields["first_name"], s.fields["last_name"], s.fields["username"]
		u.PasswordEnabled = s.fields["password"] != ""
		if address := s.fields["email_address"]; address != "" {
			u.EmailAddresses = []string{address}
		}
		if number := s.fields["phone_number"]; number != "" {
			u.PhoneNumbers = []string{number}
		}
		u.meta[unsafeMetadata] = s.meta[unsafeMetadata]
		c.store.putUser(u)
		s.session = &session{entity: entity{id: "sess_" + rand.Text()}, user: u}
		c.store.signIn(cl, s.session)
		cl.active = s.session
	}
	return wrapped(signUpJSON(s), cl), nil
}
