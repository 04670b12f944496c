package clerktest

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// seedError says which part of a seed is invalid. addAll sets list and index.
type seedError struct {
	list  string // "users" and so on
	index int
	field string // "" for the whole part
	err   error
}

func (e *seedError) Error() string {
	return fmt.Sprintf("%s %d: %v", strings.TrimSuffix(e.list, "s"), e.index+1, e.err)
}

func (e *seedError) Unwrap() error { return e.err }

func bad(field, format string, args ...any) *seedError {
	return &seedError{field: field, err: fmt.Errorf(format, args...)}
}

func taken(field, value string) *seedError { return bad(field, "%s %q is taken", field, value) }

// addAll adds the parts of a list up to the first error.
func addAll[T any](list string, parts []T, add func(int, T) *seedError) error {
	for i, part := range parts {
		if err := add(i, part); err != nil {
			err.list, err.index = list, i
			return err
		}
	}
	return nil
}

// newStore returns the state that a seed describes, or a *seedError.
func newStore(seed Seed) (*store, error) {
	st := &store{
		users:         newTable(userOrders()),
		identified:    map[handle]*user{},
		claimed:       map[handle][]*user{},
		organizations: newTable(organizationOrders()),
		slugs:         map[string]*organization{},
		memberships:   map[member]*membership{},
		members:       membershipOrders(),
		invitations:   newTable(invitationOrders()),
		sessions:      newTable(sessionOrders()),
		tokens:        map[string]*device{},
		devBrowsers:   map[string]*device{},
	}
	membershipIDs := map[string]bool{}
	err := cmp.Or(
		addAll("webhooks", seed.Webhooks, checkWebhook),
		addAll("users", seed.Users, st.seedUser),
		addAll("organizations", seed.Organizations, st.seedOrganization),
		addAll("memberships", seed.Memberships, func(i int, m Membership) *seedError {
			return st.seedMembership(i, m, membershipIDs)
		}),
		addAll("invitations", seed.Invitations, st.seedInvitation),
		addAll("sessions", seed.Sessions, st.seedSession),
	)
	st.edits = nil
	return st, err
}

func (st *store) seedUser(i int, seed User) *seedError {
	u := &user{User: seed, memberships: newTable(st.members)}
	u.cloneLists()
	if err := st.init(&u.entity, "user", i, seed.part()); err != nil {
		return err
	}
	if err := u.checkLists(); err != nil {
		return err
	}
	if st.users.byID[u.id] != nil {
		return taken("id", u.id)
	}
	switch id := st.conflict(u); id.kind {
	case "":
	case "email_address":
		return taken("email_addresses", id.value)
	case "phone_number":
		return taken("phone_numbers", id.value)
	default:
		return taken(id.kind, id.value)
	}
	st.putUser(u)
	return nil
}

// checkLists checks the addresses and numbers.
func (u *user) checkLists() *seedError {
	for _, list := range []struct {
		field, called string
		values        []string
		valid         func(string) bool
	}{
		{"email_addresses", "an email address", u.EmailAddresses, isEmail},
		{"unverified_email_addresses", "an email address", u.UnverifiedEmailAddresses, isEmail},
		{"phone_numbers", "a phone number such as +15550100", u.PhoneNumbers, isPhone},
		{"unverified_phone_numbers", "a phone number such as +15550100", u.UnverifiedPhoneNumbers, isPhone},
	} {
		for _, value := range list.values {
			if !list.valid(value) {
				return bad(list.field, "%q is not %s", value, list.called)
			}
		}
	}
	return nil
}

// cloneLists gives the user slices that nothing else has.
func (u *User) cloneLists() {
	for _, list := range []*[]string{&u.EmailAddresses, &u.UnverifiedEmailAddresses, &u.PhoneNumbers, &u.UnverifiedPhoneNumbers} {
		*list = slices.Clone(*list)
	}
}

func (st *store) seedOrganization(i int, seed Organization) *seedError {
	o := &organization{Organization: seed, members: newTable(st.members)}
	if err := st.init(&o.entity, "org", i, seed.part()); err != nil {
		return err
	}
	o.Slug, o.Name = cmp.Or(seed.Slug, o.id), cmp.Or(seed.Name, o.id)
	switch { // requests name an organization by id or slug
	case st.organization(o.id) != nil:
		return taken("id", o.id)
	case st.organization(o.Slug) != nil:
		return taken("slug", o.Slug)
	case o.MaxAllowedMemberships < 0:
		return bad("max_allowed_memberships", "max_allowed_memberships is negative")
	}
	st.putOrganization(o)
	return nil
}

func (st *store) seedMembership(i int, seed Membership, ids map[string]bool) *seedError {
	m := &membership{
		Membership:   seed,
		organization: st.organizations.byID[seed.OrganizationID],
		user:         st.users.byID[seed.UserID],
	}
	if err := st.init(&m.entity, "orgmem", i, seed.part()); err != nil {
		return err
	}
	m.Role = cmp.Or(seed.Role, "org:member")
	switch {
	case ids[m.id]:
		return taken("id", m.id)
	case m.organization == nil:
		return bad("organization_id", "organization %q does not exist", seed.OrganizationID)
	case m.user == nil:
		return bad("user_id", "user %q does not exist", seed.UserID)
	case st.memberships[member{seed.OrganizationID, seed.UserID}] != nil:
		return bad("", "user %q is already a member of %q", seed.UserID, seed.OrganizationID)
	}
	ids[m.id] = true
	st.addMembership(m)
	return nil
}

func (st *store) seedSession(i int, seed Session) *seedError {
	s := &session{user: st.users.byID[seed.UserID], organization: st.organizations.byID[seed.ActiveOrganizationID]}
	s.id, s.created = cmp.Or(seed.ID, fmt.Sprintf("sess_%d", i+1)), cmp.Or(seed.CreatedAt, time.Now().UnixMilli())
	s.status = cmp.Or(seed.Status, signedIn)
	switch {
	case !isSessionStatus(s.status):
		return bad("status", "%q is no status of a session", s.status)
	case s.user == nil:
		return bad("user_id", "user %q does not exist", seed.UserID)
	case st.sessions.byID[s.id] != nil:
		return taken("id", s.id)
	case s.organization == nil && seed.ActiveOrganizationID != "":
		return bad("active_organization_id", "organization %q does not exist", seed.ActiveOrganizationID)
	case s.status != signedIn && seed.Active:
		return bad("active", "a session that is %s is no client's current one", s.status)
	case !s.onClient() && seed.ClientToken+seed.DevBrowser != "":
		return bad("status", "a session that is %s has neither client_token nor dev_browser", s.status)
	}
	clientID := cmp.Or(seed.ClientID, fmt.Sprintf("client_%d", i+1))
	if !s.onClient() {
		s.updated = cmp.Or(seed.UpdatedAt, s.created)
		s.client = &device{entity: entity{id: clientID}}
		st.addSession(s)
		return nil
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
		cl = st.addDevice(clientID, token)
	}
	if seed.DevBrowser != "" && st.devBrowsers[seed.DevBrowser] == nil {
		st.addDevBrowser(seed.DevBrowser, cl)
	}
	status := s.status
	st.signIn(cl, s)
	s.status, s.updated = status, cmp.Or(seed.UpdatedAt, s.updated)
	if seed.Active {
		cl.active = s
	}
	return nil
}

// init sets an entity to the common fields of the i-th part of a list.
func (st *store) init(e *entity, prefix string, i int, seed part) *seedError {
	st.seq++
	*e = entity{
		id:      cmp.Or(*seed.id, fmt.Sprintf("%s_%d", prefix, i+1)),
		seq:     st.seq,
		created: cmp.Or(*seed.created, time.Now().UnixMilli()),
		meta:    map[string]metadata.Object{},
	}
	e.updated = cmp.Or(*seed.updated, e.created)
	for field, v := range seed.metadata {
		o, err := seedObject(*v)
		if err != nil {
			return bad(field, "%s: %w", field, err)
		}
		e.meta[field] = o
	}
	return nil
}

// fresh returns an entity made now, with the metadata fields of an empty part.
func (st *store) fresh(prefix string, of part) (e entity) {
	*of.id = prefix + "_" + rand.Text()
	_ = st.init(&e, "", 0, of) // the rest of the part is empty, which is valid
	return e
}
