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
	User
	accepted bool     // the legal terms
	session  *session // once it is complete
	// invitation is the one whose ticket the sign-up has; nil for none.
	invitation *invitation
}

// createSignUp replaces the client's sign-up. A request without a client gets one.
func (c *Clerk) createSignUp(in *call, cl *device) (any, *problem) {
	s := &signUp{entity: c.store.fresh("sua", new(User).part())}
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
	changed := *s
	b := c.params(in)
	b.names(&changed.User)
	b.identifier("email_address", "email_address", isEmail, &changed.EmailAddresses)
	b.identifier("phone_number", "phone_number", isPhone, &changed.PhoneNumbers)
	if either := "email_address_or_phone_number"; bytes.Contains(b.members[either], []byte("@")) {
		b.identifier(either, "email_address", isEmail, &changed.EmailAddresses)
	} else {
		b.identifier(either, "phone_number", isPhone, &changed.PhoneNumbers)
	}
	var password, accepted string
	if take(b, "password", &password) {
		changed.PasswordEnabled = password != ""
	}
	if take(b, "legal_accepted", &accepted) {
		changed.accepted = accepted == "true"
	}
	var strategy, ticket string
	if take(b, "strategy", &strategy) && strategy != "" && strategy != "ticket" {
		b.fail(unsupported("parameter", "param_name", "strategy"))
	}
	if take(b, "ticket", &ticket) && ticket != "" {
		c.present(b, ticket, &changed)
	}
	b.metadata(unsafeMetadata)
	// These are for bot protection and mails, which the fake does not have.
	ignored[string](b, "captcha_token", "captcha_error", "captcha_widget_type", "locale", "proof_token", "timezone")
	if id := c.store.conflict(&user{User: changed.User}); id.kind != "" {
		b.fail(failParam("form_identifier_exists", id.kind))
	}
	p := b.write(&changed.entity, true, "action_complete_redirect_url", "code", "oidc_login_hint", "oidc_prompt", "redirect_url",
		"token", "transfer", "web3_wallet")
	if p == nil {
		*s = changed
	}
	return p
}

// present makes the address of a ticket's invitation that of a sign-up, and the public
// metadata of one to the application.
func (c *Clerk) present(b *params, ticket string, s *signUp) {
	i, p := c.byTicket(ticket)
	if p != nil {
		b.fail(p)
		return
	}
	s.invitation, s.EmailAddresses = i, []string{i.EmailAddress}
	if i.organization == nil {
		s.meta = maps.Clone(s.meta)
		s.meta[publicMetadata] = i.meta[publicMetadata]
	}
}

// identifier takes an address or a number, "" for none.
func (b *params) identifier(name, kind string, valid func(string) bool, to *[]string) {
	var value string
	switch {
	case !take(b, name, &value):
	case value == "":
		*to = nil
	case valid(value):
		*to = []string{value}
	default:
		b.fail(failParam("form_param_format_invalid", kind))
	}
}

// complete makes a sign-up with an identifier a signed-in user.
func (c *Clerk) complete(cl *device, s *signUp) (any, *problem) {
	if s.session == nil && len(s.EmailAddresses)+len(s.PhoneNumbers)+len(s.Username) > 0 {
		u := c.store.newUser()
		u.User = s.User
		u.meta[unsafeMetadata] = s.meta[unsafeMetadata]
		c.store.putUser(u)
		if s.invitation != nil {
			if p := c.join(s.invitation, u); p != nil {
				return nil, p
			}
		}
		s.session = &session{entity: entity{id: "sess_" + rand.Text()}, user: u}
		c.store.signIn(cl, s.session)
		cl.active = s.session
	}
	return wrapped(signUpJSON(s), cl), nil
}
