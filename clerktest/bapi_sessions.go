package clerktest

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/keys"
)

// pathSession returns the session, of any status, whose id is in the path.
func (c *Clerk) pathSession(in *call) (*session, *problem) {
	if s := c.store.sessions.byID[in.ids[0]]; s != nil {
		return s, nil
	}
	return nil, noSession(in.ids[0])
}

func noSession(id string) *problem {
	return failLong(http.StatusNotFound, "resource_not_found", "No session was found with id "+id)
}

// listSessions answers with an array, as documented, or with data and total_count where
// pages are asked for.
func (c *Clerk) listSessions(in *call) (any, *problem) {
	f := &filters[*session]{query: query{in: in}}
	if id := f.text("client_id"); id != "" {
		f.add(func(s *session) bool { return s.client.id == id })
	}
	if id := f.text("user_id"); id != "" {
		f.add(func(s *session) bool { return s.user.id == id })
	}
	if status := f.text("status"); status != "" {
		if !isSessionStatus(status) {
			f.fail(failQuery("form_param_value_invalid", "status"))
		}
		f.add(func(s *session) bool { return s.status == status })
	}
	return listOrPage(c, c.store.sessions, f, (*session).json)
}

// createSession signs a user in on a new client, of which nobody has the token. Clerk
// refuses it in a production instance, which a live key shows.
func (c *Clerk) createSession(in *call) (any, *problem) {
	var userID, organizationID string
	b := c.params(in)
	b.need("user_id", &userID)
	take(b, "active_organization_id", &organizationID)
	if p := b.rest(); p != nil {
		return nil, p
	}
	if strings.HasPrefix(c.secretKey, keys.SecretLive) {
		return nil, fail(http.StatusBadRequest, "request_invalid_for_environment")
	}
	u, p := c.findUser(userID)
	if p != nil {
		return nil, p
	}
	o, p := c.organizationOf(u, organizationID)
	if p != nil {
		return nil, p
	}
	s := &session{entity: entity{id: "sess_" + rand.Text()}, user: u, organization: o}
	c.store.signIn(c.store.newDevice(), s)
	return s.json(true), nil
}

// revokeSession changes nothing in a session that is no longer signed in.
func (c *Clerk) revokeSession(_ *call, s *session) (any, *problem) {
	if s.status == signedIn {
		c.store.signOut(s, revoked)
	}
	return s.json(true), nil
}

// createToken answers with a token of a session that is signed in.
func (c *Clerk) createToken(in *call, s *session) (any, *problem) {
	const shortest, longest = 30, 315_360_000
	var seconds *int64
	b := c.params(in)
	if take(b, "expires_in_seconds", &seconds) && seconds != nil && (*seconds < shortest || *seconds > longest) {
		b.fail(failParam("form_param_value_invalid", "expires_in_seconds"))
	}
	if p := b.rest(); p != nil {
		return nil, p
	}
	if s.status != signedIn {
		return nil, noSession(s.id)
	}
	life := tokenLife
	if seconds != nil {
		life = time.Duration(*seconds) * time.Second
	}
	jwt, p := c.sessionToken(in, s, life)
	return map[string]string{"object": "token", "jwt": jwt}, p
}
