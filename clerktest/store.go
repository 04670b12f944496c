package clerktest

import (
	"errors"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

const (
	publicMetadata  = "public_metadata"
	privateMetadata = "private_metadata"
	unsafeMetadata  = "unsafe_metadata"
)

// entity is what users, organizations and memberships have in common.
type entity struct {
	id      string
	seq     int // order of creation, where created is the same
	created time.Time
	updated time.Time
	// meta has a key for each metadata field of this kind of entity.
	meta map[string]metadata.Object
}

func (e *entity) base() *entity { return e }

// touch moves updated on, by a millisecond at least, so that every write shows.
func (e *entity) touch() {
	e.updated = later(e.updated, time.Now())
}

func later(old, now time.Time) time.Time {
	if next := old.Add(time.Millisecond); now.Before(next) {
		return next
	}
	return now
}

type user struct {
	entity
	firstName, lastName, username string
}

type organization struct {
	entity
	slug, name string
}

type membership struct {
	entity
	organization *organization
	user         *user
	role         string
}

type session struct {
	id      string
	created time.Time
	user    *user
	client  *device
}

// device is what Clerk calls a client: a browser or an app, with the sessions
// signed in on it.
type device struct {
	id       string
	created  time.Time
	token    string // the newest one
	turns    int    // how often it was rotated
	sessions []*session
}

type member struct{ organization, user string }

// store is the state of the instance. The fake's mutex guards it.
type store struct {
	users         map[string]*user
	organizations map[string]*organization
	memberships   map[member]*membership
	sessions      map[string]*session
	tokens        map[string]*device // every token still good
	devBrowsers   map[string]*device
}

func newStore(s *settings) (*store, error) {
	st := &store{
		users:         map[string]*user{},
		organizations: map[string]*organization{},
		memberships:   map[member]*membership{},
		sessions:      map[string]*session{},
		tokens:        map[string]*device{},
		devBrowsers:   map[string]*device{},
	}
	for i, seed := range s.users {
		if err := st.addUser(i, seed); err != nil {
			return nil, fmt.Errorf("user %d: %w", i+1, err)
		}
	}
	for i, seed := range s.organizations {
		if err := st.addOrganization(i, seed); err != nil {
			return nil, fmt.Errorf("organization %d: %w", i+1, err)
		}
	}
	for i, seed := range s.memberships {
		if err := st.addMembership(i, seed); err != nil {
			return nil, fmt.Errorf("membership %d: %w", i+1, err)
		}
	}
	for i, seed := range s.sessions {
		if err := st.addSession(i, seed); err != nil {
			return nil, fmt.Errorf("session %d: %w", i+1, err)
		}
	}
	return st, nil
}

func (st *store) addUser(i int, seed User) error {
	e, err := newEntity("user", i, seed.ID, map[string]metadata.Value{
		publicMetadata: seed.PublicMetadata, privateMetadata: seed.PrivateMetadata, unsafeMetadata: seed.UnsafeMetadata,
	})
	if err != nil {
		return err
	}
	if st.users[e.id] != nil {
		return fmt.Errorf("id %q is taken", e.id)
	}
	st.users[e.id] = &user{entity: e, firstName: seed.FirstName, lastName: seed.LastName, username: seed.Username}
	return nil
}

func (st *store) addOrganization(i int, seed Organization) error {
	e, err := newEntity("org", i, seed.ID, map[string]metadata.Value{
		publicMetadata: seed.PublicMetadata, privateMetadata: seed.PrivateMetadata,
	})
	if err != nil {
		return err
	}
	o := &organization{entity: e, slug: or(seed.Slug, e.id), name: or(seed.Name, e.id)}
	if st.organization(o.id) != nil {
		return fmt.Errorf("id %q is taken", o.id)
	}
	if st.organization(o.slug) != nil {
		return fmt.Errorf("slug %q is taken", o.slug)
	}
	st.organizations[o.id] = o
	return nil
}

func (st *store) addMembership(i int, seed Membership) error {
	e, err := newEntity("orgmem", i, "", map[string]metadata.Value{
		publicMetadata: seed.PublicMetadata, privateMetadata: seed.PrivateMetadata,
	})
	if err != nil {
		return err
	}
	m := &membership{
		entity:       e,
		organization: st.organizations[seed.OrganizationID],
		user:         st.users[seed.UserID],
		role:         or(seed.Role, "org:member"),
	}
	key := member{seed.OrganizationID, seed.UserID}
	switch {
	case m.organization == nil:
		return fmt.Errorf("there is no organization %q", seed.OrganizationID)
	case m.user == nil:
		return fmt.Errorf("there is no user %q", seed.UserID)
	case st.memberships[key] != nil:
		return fmt.Errorf("user %q is a member of %q already", key.user, key.organization)
	}
	st.memberships[key] = m
	return nil
}

func (st *store) addSession(i int, seed Session) error {
	s := &session{id: or(seed.ID, fmt.Sprintf("sess_%d", i+1)), created: time.Now(), user: st.users[seed.UserID]}
	switch {
	case s.user == nil:
		return fmt.Errorf("there is no user %q", seed.UserID)
	case st.sessions[s.id] != nil:
		return fmt.Errorf("id %q is taken", s.id)
	}
	cl := st.devBrowsers[seed.DevBrowser]
	token := seed.ClientToken
	if token == "" && cl != nil {
		token = cl.token
	}
	token = or(token, "client_token_"+s.id)
	if cl != nil && st.tokens[token] != cl {
		return errors.New("its dev_browser belongs to another client")
	}
	if cl = st.tokens[token]; cl == nil {
		cl = &device{id: fmt.Sprintf("client_%d", i+1), created: s.created, token: token}
		st.tokens[token] = cl
	}
	if seed.DevBrowser != "" {
		st.devBrowsers[seed.DevBrowser] = cl
	}
	s.client = cl
	cl.sessions = append(cl.sessions, s)
	st.sessions[s.id] = s
	return nil
}

// organization finds one by id or slug.
func (st *store) organization(idOrSlug string) *organization {
	if o := st.organizations[idOrSlug]; o != nil {
		return o
	}
	for _, o := range st.organizations {
		if o.slug == idOrSlug {
			return o
		}
	}
	return nil
}

func newEntity(prefix string, i int, id string, values map[string]metadata.Value) (entity, error) {
	now := time.Now()
	e := entity{
		id:      or(id, fmt.Sprintf("%s_%d", prefix, i+1)),
		seq:     i,
		created: now,
		updated: now,
		meta:    map[string]metadata.Object{},
	}
	for field, v := range values {
		if v.IsZero() {
			v = metadata.Empty()
		}
		o, err := v.Object()
		if err != nil {
			return entity{}, fmt.Errorf("%s: %w", field, err)
		}
		e.meta[field] = o
	}
	return e, nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
