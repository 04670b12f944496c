package clerktest

import (
	"net/http"
	"slices"
)

// ownSession is the session named in the path, one of the client's.
func (c *Clerk) ownSession(in *call) (*session, *problem) {
	cl, p := c.ownClient(in)
	if p != nil {
		return nil, p
	}
	s := c.store.sessions[in.ids[0]]
	if s == nil || s.client != cl {
		return nil, failLong(http.StatusNotFound, "resource_not_found", "No session was found with id "+in.ids[0])
	}
	return s, nil
}

func (c *Clerk) getSession(_ *call, s *session) (any, *problem) {
	return wrapped(sessionJSON(s), s.client), nil
}

// touchSession makes a session its client's active one, with the organization
// that the form names.
func (c *Clerk) touchSession(in *call, s *session) (any, *problem) {
	var organization, intent string
	b := c.params(in)
	changes := take(b, "active_organization_id", &organization)
	take(b, "intent", &intent)
	if !slices.Contains([]string{"", "focus", "select_session", "select_org"}, intent) {
		b.fail(failParam("form_param_value_invalid", "intent"))
	}
	if p := b.rest(); p != nil {
		return nil, p
	}
	if p := c.activate(s, organization, changes); p != nil {
		return nil, p
	}
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
	var organization string
	b := c.params(in)
	changes := take(b, "organization_id", &organization)
	if b.problem != nil {
		return nil, b.problem
	}
	if p := c.activate(s, organization, changes); p != nil {
		return nil, p
	}
	jwt, p := c.sessionToken(in, s)
	return map[string]string{"jwt": jwt}, p
}

// activate sets the session's organization, by id or slug, if the request changes it.
// "" stands for the personal account.
func (c *Clerk) activate(s *session, idOrSlug string, changes bool) *problem {
	switch {
	case !changes:
		return nil
	case idOrSlug == "":
		s.organization = nil
		return nil
	}
	if p := c.organizationsEnabled(); p != nil {
		return p
	}
	o, p := c.findOrganization(idOrSlug)
	if p != nil {
		return p
	}
	if c.store.memberships[member{o.id, s.user.id}] == nil {
		return fail(http.StatusForbidden, "not_a_member_in_organization")
	}
	s.organization = o
	return nil
}
