package clerktest

import (
	"net/http"
	"slices"
)

func (c *Clerk) meJSON(s *session) any { return wrapped(ownUserJSON(s.user), s.client) }

func (c *Clerk) getMe(_ *call, s *session) (any, *problem) { return c.meJSON(s), nil }

func (c *Clerk) writeMe(in *call, s *session) (any, *problem) {
	b := c.params(in)
	b.metadata(unsafeMetadata)
	b.required(unsafeMetadata, string(b.meta[unsafeMetadata]))
	before := s.user.json(true)
	p := b.write(&s.user.entity, false)
	if p == nil {
		c.store.note(changed, s.user, before)
	}
	return c.meJSON(s), p
}

// updateMe is Clerk's general update, of which the fake models the names. Older
// versions also write unsafe metadata here.
func (c *Clerk) updateMe(in *call, s *session) (any, *problem) {
	changed := *s.user
	b := c.params(in)
	b.names(&changed.User)
	b.general(unsafeMetadata)
	p := c.saveUser(&changed, b, "primary_email_address_id", "primary_phone_number_id", "primary_web3_wallet_id")
	return c.meJSON(s), p
}

// ownSession is the session named in the path, one of the client's.
func (c *Clerk) ownSession(in *call) (*session, *problem) {
	cl, p := c.ownClient(in)
	if p != nil {
		return nil, p
	}
	if s := c.store.signedInTo(cl, in.ids[0]); s != nil {
		return s, nil
	}
	return nil, noSession(in.ids[0])
}

func (c *Clerk) getSession(_ *call, s *session) (any, *problem) {
	return wrapped(sessionJSON(s), s.client), nil
}

// touchSession makes a session its client's active one, with the organization
// that the form names.
func (c *Clerk) touchSession(in *call, s *session) (any, *problem) {
	var intent string
	b := c.params(in)
	active := b.active(s, "active_organization_id")
	take(b, "intent", &intent)
	if !slices.Contains([]string{"", "focus", "select_session", "select_org"}, intent) {
		b.fail(failParam("form_param_value_invalid", "intent"))
	}
	if p := b.rest(); p != nil {
		return nil, p
	}
	c.store.act(s, active)
	s.touch()
	s.client.active = s
	return wrapped(sessionJSON(s), s.client), nil
}

func (c *Clerk) endSession(_ *call, s *session) (any, *problem)    { return c.leave(s, "ended") }
func (c *Clerk) removeSession(_ *call, s *session) (any, *problem) { return c.leave(s, "removed") }

func (c *Clerk) leave(s *session, status string) (any, *problem) {
	c.store.signOut(s, status)
	return wrapped(sessionJSON(s), s.client), nil
}

// createSessionToken answers with the token alone, not wrapped. It ignores other fields:
// browser clients send some that no document has.
func (c *Clerk) createSessionToken(in *call, s *session) (any, *problem) {
	b := c.params(in)
	active := b.active(s, "organization_id")
	if b.problem != nil {
		return nil, b.problem
	}
	c.store.act(s, active)
	jwt, p := c.sessionToken(in, s, tokenLife)
	return map[string]string{"jwt": jwt}, p
}

// active returns the organization in which a session acts after a request, which may name
// another one by id or slug. "" stands for the personal account.
func (b *params) active(s *session, name string) *organization {
	var idOrSlug string
	if !take(b, name, &idOrSlug) {
		return s.organization
	}
	o, p := b.c.organizationOf(s.user, idOrSlug)
	b.fail(p)
	return o
}

// organizationOf returns an organization of a user's by id or slug, nil for "".
func (c *Clerk) organizationOf(u *user, idOrSlug string) (*organization, *problem) {
	if idOrSlug == "" {
		return nil, nil
	}
	if p := c.organizationsEnabled(); p != nil {
		return nil, p
	}
	o, p := c.findOrganization(idOrSlug)
	if p == nil && c.store.memberships[member{o.id, u.id}] == nil {
		p = fail(http.StatusForbidden, "not_a_member_in_organization")
	}
	return o, p
}

// listOwnMemberships answers with an array, or with data and total_count where pages are
// asked for, as browser clients do.
func (c *Clerk) listOwnMemberships(in *call, s *session) (any, *problem) {
	f := &filters[*membership]{query: query{in: in}}
	public := func(m *membership, _ bool) map[string]any { return m.json(false) }
	page, p := listOrPage(c, s.user.memberships, f, public)
	return wrapped(page, s.client), p
}
