package clerktest

import (
	"crypto/rand"
	"maps"
	"slices"
	"time"
)

type session struct {
	entity
	status string
	user   *user
	client *device
	// organization is the one that is active in the session; nil for none.
	organization *organization
}

// signedIn is the status of a session that requests of the Frontend API can act in.
const signedIn = "active"

// isSessionStatus reports whether a session can have a status.
func isSessionStatus(status string) bool {
	return slices.Contains([]string{signedIn, "abandoned", "ended", expired, "removed", "replaced", revoked}, status)
}

// onClient reports whether a client shows the session: it shows a revoked one still.
func (s *session) onClient() bool { return s.status == signedIn || s.status == revoked }

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
// first that is signed in; nil if the client has none.
func (cl *device) current() *session {
	if cl.active != nil {
		return cl.active
	}
	for _, s := range cl.sessions {
		if s.status == signedIn {
			return s
		}
	}
	return nil
}

func (st *store) addDevice(id, token string) *device {
	now := time.Now().UnixMilli()
	cl := &device{entity: entity{id: id, created: now, updated: now}, token: token}
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
	s.updated, s.status, s.client = s.created, signedIn, cl
	cl.sessions = append(cl.sessions, s)
	cl.updated = max(cl.updated+1, s.created)
	st.addSession(s)
}

// addSession adds a session of any status.
func (st *store) addSession(s *session) {
	st.seq++
	s.seq = st.seq
	st.sessions.put(s)
	s.user.sessions = append(s.user.sessions, s)
	st.note(made, s, nil)
}

// act makes a session act in an organization, nil for none.
func (st *store) act(s *session, o *organization) {
	if s.organization != o {
		st.note(changed, s, s.json(true))
		s.organization = o
	}
}

// signedInTo is the session with an id if it is signed in on a client, else nil.
func (st *store) signedInTo(cl *device, id string) *session {
	if s := st.sessions.byID[id]; s != nil && s.client == cl && s.status == signedIn {
		return s
	}
	return nil
}

// signOut ends a session: the Frontend API answers later requests for it like those for
// an unknown session, and its client shows it only if it was revoked.
func (st *store) signOut(s *session, status string) {
	st.note(changed, s, s.json(true))
	s.status = status
	s.touch()
	if !s.onClient() {
		s.client.sessions = slices.DeleteFunc(slices.Clone(s.client.sessions), func(other *session) bool { return other == s })
	}
	if s.client.active == s {
		s.client.active = nil
	}
	s.client.touch()
}
