package clerktest

import (
	"cmp"
	"slices"
	"strings"
)

// Everything that adds, changes or removes a user, an organization or a
// membership goes through here: it keeps the store's indexes.

// handle is an identifier that only one user can have.
type handle struct{ kind, value string }

// key is equal for handles that Clerk takes for the same.
func (h handle) key() handle {
	if h.kind != "external_id" {
		h.value = fold(h.value)
	}
	return h
}

// handles are a user's identifiers, besides the id.
func (u *user) handles() []handle {
	all := []handle{{"username", u.username}, {"external_id", u.externalID}}
	for _, address := range u.emails {
		all = append(all, handle{"email_address", address})
	}
	return slices.DeleteFunc(all, func(h handle) bool { return h.value == "" })
}

// fold makes texts equal that differ in the case of their letters only.
func fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

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

// insertUser adds a user whose identifiers are free.
func (st *store) insertUser(u *user) {
	st.users.add(u)
	for _, id := range u.handles() {
		st.identified[id.key()] = u
	}
}

// change does what changes a user, whose new identifiers are free.
func (u *user) change(st *store, do func() *problem) *problem {
	settle := []func(){st.users.changing(u)}
	for _, m := range u.memberships.byID { // they are ordered by names of their users
		settle = append(settle, m.organization.members.changing(m))
	}
	for _, id := range u.handles() {
		delete(st.identified, id.key())
	}
	p := do()
	for _, id := range u.handles() {
		st.identified[id.key()] = u
	}
	for _, changed := range settle {
		changed()
	}
	return p
}

// removeUser takes the user's memberships and sessions along.
func (st *store) removeUser(u *user) {
	for _, m := range u.memberships.byID {
		st.removeMembership(m)
	}
	for _, s := range u.sessions {
		st.signOut(s, "removed")
	}
	for _, id := range u.handles() {
		delete(st.identified, id.key())
	}
	st.users.remove(u)
}

// organization finds one by id or slug.
func (st *store) organization(idOrSlug string) *organization {
	if o := st.organizations.byID[idOrSlug]; o != nil {
		return o
	}
	return st.slugs[idOrSlug]
}

// insertOrganization adds an organization whose slug is free.
func (st *store) insertOrganization(o *organization) {
	st.organizations.add(o)
	st.slugs[o.slug] = o
}

// replaceOrganization makes an organization, whose new slug is free, another.
func (st *store) replaceOrganization(o *organization, with organization) {
	settle := st.organizations.changing(o)
	delete(st.slugs, o.slug)
	*o = with // memberships point to it
	st.slugs[o.slug] = o
	settle()
}

// removeOrganization takes the organization's memberships along.
func (st *store) removeOrganization(o *organization) {
	for _, m := range o.members.byID { // o.members goes as a whole
		st.forgetMembership(m)
	}
	for _, s := range st.sessions {
		if s.organization == o {
			s.organization = nil
		}
	}
	delete(st.slugs, o.slug)
	st.organizations.remove(o)
}

// insertMembership makes a user a member who is not one yet.
func (st *store) insertMembership(m *membership) {
	settle := st.organizations.changing(m.organization) // they are ordered by members
	st.memberships[member{m.organization.id, m.user.id}] = m
	m.organization.members.add(m)
	m.user.memberships.add(m)
	settle()
}

// removeMembership removes a membership, and the organization from the sessions
// that act in it.
func (st *store) removeMembership(m *membership) {
	settle := st.organizations.changing(m.organization)
	m.organization.members.remove(m)
	settle()
	st.forgetMembership(m)
	for _, s := range m.user.sessions {
		if s.organization == m.organization {
			s.organization = nil
		}
	}
}

// forgetMembership removes a membership from everywhere but its organization.
func (st *store) forgetMembership(m *membership) {
	delete(st.memberships, member{m.organization.id, m.user.id})
	m.user.memberships.remove(m)
}

// Times are compared as answers show them.
func created[T row](a, b T) int {
	return cmp.Compare(a.base().created.UnixMilli(), b.base().created.UnixMilli())
}

func updated[T row](a, b T) int {
	return cmp.Compare(a.base().updated.UnixMilli(), b.base().updated.UnixMilli())
}

// byText orders by a text.
func byText[T row](of func(T) string) func(a, b T) int {
	return func(a, b T) int { return cmp.Compare(of(a), of(b)) }
}

func userOrders() orders[*user] {
	return orders[*user]{
		"created_at": created[*user], "updated_at": updated[*user],
		"first_name":    byText(func(u *user) string { return u.firstName }),
		"last_name":     byText(func(u *user) string { return u.lastName }),
		"username":      byText(func(u *user) string { return u.username }),
		"email_address": byText((*user).email),
		"phone_number":  nil, "web3wallet": nil, "last_active_at": nil, "last_sign_in_at": nil,
	}
}

func organizationOrders() orders[*organization] {
	return orders[*organization]{
		"created_at":    created[*organization],
		"name":          byText(func(o *organization) string { return o.name }),
		"members_count": func(a, b *organization) int { return cmp.Compare(a.members.len(), b.members.len()) },
	}
}

func membershipOrders() orders[*membership] {
	return orders[*membership]{
		"created_at":    created[*membership],
		"first_name":    byText(func(m *membership) string { return m.user.firstName }),
		"last_name":     byText(func(m *membership) string { return m.user.lastName }),
		"username":      byText(func(m *membership) string { return m.user.username }),
		"email_address": byText(func(m *membership) string { return m.user.email() }),
		"phone_number":  nil,
	}
}
