package clerktest

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// signUp is an attempt to become a user. Nothing is ever verified: it is
// complete, and the client signed in, as soon as it names an identifier. What
// Clerk requires depends on the instance's settings.
type signUp struct {
	entity
	fields  map[string]string
	session *session // once it is complete
}

func (s *signUp) legalAccepted() any {
	if s.fields["legal_accepted"] != "true" {
		return nil
	}
	return s.created.UnixMilli()
}

// identified reports whether the sign-up has something to sign in with.
func (s *signUp) identified() bool {
	return s.fields["email_address"]+s.fields["phone_number"]+s.fields["username"] != ""
}

// createSignUp replaces the client's sign-up. A request without a client gets one.
func (c *Clerk) createSignUp(in *call) (any, *problem) {
	if p := c.checkClient(in); p != nil {
		return nil, p
	}
	e, err := c.store.newEntity("sua_"+rand.Text(), 0, 0, map[string]any{
		publicMetadata: metadata.Empty(), unsafeMetadata: metadata.Empty(),
	})
	if err != nil {
		return nil, failLong(http.StatusInternalServerError, "internal_clerk_error", err.Error())
	}
	s := &signUp{entity: e, fields: map[string]string{}}
	if p := c.fill(in, s); p != nil {
		return nil, p
	}
	cl, p := c.ensureClient(in)
	if p != nil {
		return nil, p
	}
	cl.signUp = s
	return c.complete(cl, s)
}

func (c *Clerk) getSignUp(in *call, s *signUp) (any, *problem) {
	return c.store.wrapped(signUpJSON(s), in.client), nil
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
	if p := c.checkClient(in); p != nil {
		return nil, p
	}
	if in.client == nil || in.client.signUp == nil || in.client.signUp.id != in.ids[0] {
		return nil, failLong(http.StatusNotFound, "resource_not_found", "No sign up was found with id "+in.ids[0])
	}
	return in.client.signUp, nil
}

// fill sets the fields that the form has, all of them or none.
func (c *Clerk) fill(in *call, s *signUp) *problem {
	form, p := c.form(in)
	if p != nil {
		return p
	}
	values := map[string]string{}
	for name := range form {
		switch name {
		case "email_address", "phone_number", "username", "first_name", "last_name", "password", "legal_accepted":
			values[name] = form.Get(name)
		case "email_address_or_phone_number":
			values[identifier(form.Get(name))] = form.Get(name)
		case unsafeMetadata, "captcha_token", "captcha_error", "captcha_widget_type", "locale", "proof_token", "timezone":
			// Metadata follows. The fake has neither the bot protection nor the
			// mails that the others are for.
		case "action_complete_redirect_url", "code", "oidc_login_hint", "oidc_prompt", "redirect_url", "strategy", "ticket", "token", "transfer", "web3_wallet":
			return unsupported(name)
		default:
			return failParam("form_param_unknown", name)
		}
	}
	if p := c.checkIdentifiers("", values); p != nil {
		return p
	}
	if form.Has(unsafeMetadata) {
		if p := c.writeForm(&s.entity, form, true); p != nil {
			return p
		}
	}
	maps.Copy(s.fields, values)
	s.touch()
	return nil
}

func identifier(value string) string {
	if strings.Contains(value, "@") {
		return "email_address"
	}
	return "phone_number"
}

// checkIdentifiers refuses identifiers that a user other than self has.
func (c *Clerk) checkIdentifiers(self string, values map[string]string) *problem {
	if address := values["email_address"]; address != "" && !isEmail(address) {
		return failParam("form_param_format_invalid", "email_address")
	}
	would := &user{username: values["username"], emails: []string{values["email_address"]}}
	would.id = self
	if id := c.store.conflict(would); id.kind != "" {
		return failParam("form_identifier_exists", id.kind)
	}
	return nil
}

// complete makes the sign-up a signed-in user as soon as it has an identifier.
func (c *Clerk) complete(cl *device, s *signUp) (any, *problem) {
	if s.session != nil || !s.identified() {
		return c.store.wrapped(signUpJSON(s), cl), nil
	}
	seed := User{
		ID:        "user_" + rand.Text(),
		FirstName: s.fields["first_name"], LastName: s.fields["last_name"], Username: s.fields["username"],
		PasswordEnabled: s.fields["password"] != "",
	}
	if address := s.fields["email_address"]; address != "" {
		seed.EmailAddresses = []string{address}
	}
	if err := c.store.addUser(seed); err != nil {
		return nil, failLong(http.StatusInternalServerError, "internal_clerk_error", err.Error())
	}
	u := c.store.users.byID[seed.ID]
	u.meta[unsafeMetadata] = s.meta[unsafeMetadata]
	s.session = &session{id: "sess_" + rand.Text(), user: u}
	c.store.signIn(cl, s.session)
	cl.active = s.session
	return c.store.wrapped(signUpJSON(s), cl), nil
}

// writeForm changes unsafe metadata to what the form holds as JSON text.
func (c *Clerk) writeForm(e *entity, form url.Values, replace bool) *problem {
	if len(form[unsafeMetadata]) > 1 {
		return failParam("form_param_duplicate", unsafeMetadata)
	}
	raw := json.RawMessage(form.Get(unsafeMetadata))
	if !json.Valid(raw) {
		return failParam("form_param_value_invalid", unsafeMetadata)
	}
	return c.write(e, map[string]json.RawMessage{unsafeMetadata: raw}, replace)
}
