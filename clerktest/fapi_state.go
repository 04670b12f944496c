package clerktest

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"time"
)

type session struct {
	id      string
	created time.Time
	updated time.Time
	status  string // active, ended or removed
	user    *user
	client  *device
	// organization is the one that is active in the session; nil for none.
	organization *organization
}

// device is what Clerk calls a client: a browser or an app, with the sessions
// signed in on it.
type device struct {
	id       string
	created  time.Time
	updated  time.Time
	token    string // the newest one
	turns    int    // how often it was rotated
	sessions []*session
	active   *session // the one last touched
	signUp   *signUp  // the last one
}

func (st *store) addSession(i int, seed Session) error {
	s := &session{id: cmp.Or(seed.ID, fmt.Sprintf("sess_%d", i+1)), user: st.users.byID[seed.UserID]}
	s.organization = st.organizations.byID[seed.ActiveOrganizationID]
	switch {
	case s.user == nil:
		return bad("user_id", "there is no user %q", seed.UserID)
	case st.sessions[s.id] != nil:
		return taken("id", s.id)
	case s.organization == nil && seed.ActiveOrganizationID != "":
		return bad("active_organization_id", "there is no organization %q", seed.ActiveOrganizationID)
	}
	cl := st.devBrowsers[seed.DevBrowser]
	token := seed.ClientToken
	if token == "" && cl != nil {
		token = cl.token
	}
	token = cmp.Or(token, "client_token_"+s.id)
	if cl != nil && st.tokens[token] != cl {
		return bad("dev_browser", "its dev_browser belongs to another client")
	}
	if cl = st.tokens[token]; cl == nil {
		cl = st.addDevice(cmp.Or(seed.ClientID, fmt.Sprintf("client_%d", i+1)), token)
	}
	if seed.DevBrowser != "" {
		st.devBrowsers[seed.DevBrowser] = cl
	}
	if seed.CreatedAt != 0 {
		s.created = time.UnixMilli(seed.CreatedAt)
	}
	st.signIn(cl, s)
	if seed.UpdatedAt != 0 {
		s.updated = time.UnixMilli(seed.UpdatedAt)
	}
	if seed.Active {
		cl.active = s
	}
	return nil
}

func (st *store) addDevice(id, token string) *device {
	now := time.Now()
	cl := &device{id: id, created: now, updated: now, token: token}
	st.tokens[token] = cl
	return cl
}

// newDevice adds a client without sessions.
func (st *store) newDevice() *device {
	return st.addDevice("client_"+rand.Text(), "client_token_"+rand.Text())
}

// signIn starts a session on a client, now unless it has a time.
func (st *store) signIn(cl *device, s *session) {
	if s.created.IsZero() {
		s.created = time.Now()
	}
	s.updated, s.status, s.client = s.created, "active", cl
	st.sessions[s.id] = s
	s.user.sessions = append(s.user.sessions, s)
	cl.sessions = append(cl.sessions, s)
	cl.updated = later(cl.updated, s.created)
}

// touch advances updated by at least a millisecond.
func (s *session) touch() { s.updated = later(s.updated, time.Now()) }

// signOut ends a session and removes it from its client: later requests for it are
// answered like those for an unknown session.
func (st *store) signOut(s *session, status string) {
	s.status = status
	s.touch()
	delete(st.sessions, s.id)
	is := func(other *session) bool { return other == s }
	s.user.sessions = slices.DeleteFunc(slices.Clone(s.user.sessions), is)
	s.client.sessions = slices.DeleteFunc(s.client.sessions, is)
	if s.client.active == s {
		s.client.active = nil
	}
	s.client.updated = later(s.client.updated, time.Now())
}

// current is the session of a request that names none: the one last touched, else the
// first; nil if the client has none.
func (cl *device) current() *session {
	if cl.active == nil && len(cl.sessions) > 0 {
		return cl.sessions[0]
	}
	return cl.active
}

// forget drops a client's tokens, so that its cookie is no longer valid.
func (st *store) forget(cl *device) {
	for token, owner := range st.tokens {
		if owner == cl {
			delete(st.tokens, token)
		}
	}
}
