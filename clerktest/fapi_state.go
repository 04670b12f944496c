package clerktest

import (
	"crypto/rand"
	"maps"
	"slices"
	"time"
)

type session struct {
	entity
	status string // active, ended or removed
	user   *user
	client *device
	// organization is the one that is active in the session; nil for none.
	organization *organization
}

// leave makes the session act in no organization if it acts in o.
func (s *session) leave(o *organization) {
	if s.organization == o {
		s.organization = nil
	}
}

// device is what Clerk calls a client: a browser or an app, with the sessions
// signed in on it.
type device struct {
	entity
	token    string   // the newest one
	turns    int      // how often it was rotated
	browsers []string // tokens of development browsers
	sessions []*session
	active   *session // the one last touched
	signUp   *signUp  // the last one
}

// current is the session of a request that names none: the one last touched, else the
// first; nil if the client has none.
func (cl *device) current() *session {
	if cl.active == nil && len(cl.sessions) > 0 {
		return cl.sessions[0]
	}
	return cl.active
}

func (st *store) addDevice(id, token string) *device {
	now := time.Now().UnixMilli()
	cl := &device{entity: entity{id: id, created: now, updated: now}, token: token}
	st.devices = append(st.devices, cl)
	st.tokens[token] = cl
	return cl
}

// newDevice adds a client without sessions.
func (st *store) newDevice() *device {
	return st.addDevice("client_"+rand.Text(), "client_token_"+rand.Text())
}

func (st *store) addDevBrowser(token string, cl *device) {
	st.devBrowsers[token] = cl
	cl.browsers = append(cl.browsers, token)
}

// forgetDevice drops a client's tokens, so that its cookie is no longer valid.
func (st *store) forgetDevice(cl *device) {
	maps.DeleteFunc(st.tokens, func(_ string, owner *device) bool { return owner == cl })
}

// signIn starts a session on a client, now unless it has a time.
func (st *store) signIn(cl *device, s *session) {
	if s.created == 0 {
		s.created = time.Now().UnixMilli()
	}
	s.updated, s.status, s.client = s.created, "active", cl
	st.sessions[s.id] = s
	s.user.sessions = append(s.user.sessions, s)
	cl.sessions = append(cl.sessions, s)
	cl.updated = max(cl.updated+1, s.created)
}

// signOut ends a session and removes it from its client: later requests for it are
// answered like those for an unknown session.
func (st *store) signOut(s *session, status string) {
	s.status = status
	s.touch()
	delete(st.sessions, s.id)
	is := func(other *session) bool { return other == s }
	s.user.sessions = slices.DeleteFunc(slices.Clone(s.user.sessions), is)
	s.client.sessions = slices.DeleteFunc(slices.Clone(s.client.sessions), is)
	if s.client.active == s {
		s.client.active = nil
	}
	s.client.touch()
}
