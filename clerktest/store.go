package clerktest

import (
	"cmp"
	"slices"
	"strconv"
)

// store is the state of the instance. The fake's mutex guards it.
//
// Only its methods add, replace and remove users, organizations and memberships: they
// keep the indexes, and note what changes.
type store struct {
	seq           int
	users         *table[*user]
	identified    map[handle]*user
	claimed       map[handle][]*user
	organizations *table[*organization]
	slugs         map[string]*organization
	memberships   map[member]*membership
	members       orders[*membership]
	invitations   *table[*invitation]
	sessions      *table[*session]   // of every status
	tokens        map[string]*device // every token that is still valid
	devBrowsers   map[string]*device
	edits         []edit // of the operation under way
}

// conflict is the first identifier of u that another user has or that u has twice.
// Without one its kind is "".
func (st *store) conflict(u *user) handle {
	own := map[handle]bool{}
	for _, id := range u.handles() {
		key := id.key()
		if other := st.identified[key]; own[key] || other != nil && other.id != u.id {
			return id
		}
		own[key] = true
	}
	return handle{}
}

// putUser adds a user, or replaces the one with the same id. Its identifiers are free.
func (st *store) putUser(u *user) {
	if old := st.users.byID[u.id]; old != nil {
		st.note(changed, old, old.json(true))
		st.forget(old)
		for _, m := range old.memberships.byID { // they are ordered by names of their users
			clear(m.organization.members.sorted)
		}
		*old = *u // memberships and sessions point to it
		u = old
	} else {
		st.note(made, u, nil)
	}
	st.users.put(u)
	for _, id := range u.handles() {
		st.identified[id.key()] = u
	}
	for _, id := range u.claims() {
		st.claimed[id.key()] = append(st.claimed[id.key()], u)
	}
}

func (st *store) forget(u *user) {
	for _, id := range u.handles() {
		delete(st.identified, id.key())
	}
	for _, id := range u.claims() {
		st.claimed[id.key()] = slices.DeleteFunc(st.claimed[id.key()], func(other *user) bool { return other == u })
	}
}

// holders are the users who have an identifier, verified or not.
func (st *store) holders(id handle) []*user {
	all := slices.Clone(st.claimed[id.key()])
	if u := st.identified[id.key()]; u != nil {
		all = append(all, u)
	}
	return all
}

// removeUser also removes the user's memberships and sessions.
func (st *store) removeUser(u *user) {
	for _, m := range ordered(u.memberships.byID) {
		st.removeMembership(m)
	}
	for _, s := range u.sessions {
		st.note(gone, s, nil)
		st.signOut(s, "removed")
		st.sessions.remove(s)
	}
	st.forget(u)
	st.users.remove(u)
	st.note(gone, u, nil)
}

// organization finds one by id or slug.
func (st *store) organization(idOrSlug string) *organization {
	return cmp.Or(st.organizations.byID[idOrSlug], st.slugs[idOrSlug])
}

// freeSlug makes an unused slug from a name.
func (st *store) freeSlug(name string) string {
	stem := cmp.Or(slugify(name), "organization")
	slug := stem
	for n := 2; st.organization(slug) != nil; n++ {
		slug = stem + "-" + strconv.Itoa(n)
	}
	return slug
}

// putOrganization adds an organization, or replaces the one with the same id. Its slug
// is free.
func (st *store) putOrganization(o *organization) {
	if old := st.organizations.byID[o.id]; old != nil {
		st.note(changed, old, old.json(true))
		delete(st.slugs, old.Slug)
		*old = *o // memberships point to it
		o = old
	} else {
		st.note(made, o, nil)
	}
	st.organizations.put(o)
	st.slugs[o.Slug] = o
}

// removeOrganization also removes the organization's memberships and invitations.
func (st *store) removeOrganization(o *organization) {
	for _, m := range ordered(o.members.byID) {
		st.removeMembership(m)
	}
	for _, s := range st.sessions.byID {
		s.leave(o) // a seed's session may act in it without a membership
	}
	for _, i := range ordered(st.invitations.byID) {
		if i.organization == o {
			st.invitations.remove(i)
			st.note(gone, i, nil)
		}
	}
	delete(st.slugs, o.Slug)
	st.organizations.remove(o)
	st.note(gone, o, nil)
}

func (st *store) newUser() *user {
	u := &user{memberships: newTable(st.members)}
	u.entity = st.fresh("user", u.part())
	return u
}

func (st *store) newMembership(o *organization, u *user, role string) *membership {
	m := &membership{Membership: Membership{OrganizationID: o.id, UserID: u.id, Role: role}, organization: o, user: u}
	m.entity = st.fresh("orgmem", m.part())
	return m
}

// addMembership adds a membership of a user who is not a member yet.
func (st *store) addMembership(m *membership) {
	st.memberships[member{m.OrganizationID, m.UserID}] = m
	m.organization.members.put(m)
	m.user.memberships.put(m)
	clear(st.organizations.sorted) // they are ordered by members
	st.note(made, m, nil)
}

// removeMembership also removes the organization from the user's sessions.
func (st *store) removeMembership(m *membership) {
	delete(st.memberships, member{m.OrganizationID, m.UserID})
	m.organization.members.remove(m)
	m.user.memberships.remove(m)
	clear(st.organizations.sorted)
	for _, s := range m.user.sessions {
		s.leave(m.organization)
	}
	st.note(gone, m, nil)
}

func (st *store) addInvitation(i *invitation) {
	st.invitations.put(i)
	st.note(made, i, nil)
}

// setStatus ends an invitation.
func (st *store) setStatus(i *invitation, status string) {
	st.note(status, i, i.json(true))
	i.Status = status
	i.touch()
}
