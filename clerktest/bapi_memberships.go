package clerktest

import "net/http"

func (c *Clerk) findMembership(in *call) (*membership, *problem) {
	o, p := c.pathOrganization(in)
	if p != nil {
		return nil, p
	}
	if m := c.store.memberships[member{o.id, in.ids[1]}]; m != nil {
		return m, nil
	}
	status := http.StatusNotFound
	if c.guess(MissingMembership) != "resource_not_found" {
		status = http.StatusForbidden
	}
	return nil, fail(status, c.guess(MissingMembership))
}

func (c *Clerk) createMembership(in *call, o *organization) (any, *problem) {
	var userID, role string
	b := c.params(in)
	take(b, "user_id", &userID)
	b.required("user_id", userID)
	take(b, "role", &role)
	b.required("role", role)
	b.metadata(publicMetadata, privateMetadata)
	if p := b.rest(); p != nil {
		return nil, p
	}
	u, p := c.findUser(userID)
	if p != nil {
		return nil, p
	}
	switch {
	case c.store.memberships[member{o.id, u.id}] != nil:
		return nil, fail(http.StatusBadRequest, "already_a_member_in_organization")
	case o.most > 0 && o.members.len() >= o.most:
		return nil, fail(http.StatusForbidden, "organization_membership_quota_exceeded")
	}
	m := &membership{entity: c.store.fresh("orgmem", publicMetadata, privateMetadata), organization: o, user: u, role: role}
	if p := c.write(&m.entity, b.meta, true); p != nil {
		return nil, p
	}
	m.updated = m.created
	c.store.insertMembership(m)
	return m.json(), nil
}

// join makes a user a member who is not one yet.
func (c *Clerk) join(o *organization, u *user, role string) {
	c.store.insertMembership(&membership{
		entity: c.store.fresh("orgmem", publicMetadata, privateMetadata), organization: o, user: u, role: role,
	})
}

func (c *Clerk) updateMembership(in *call, m *membership) (any, *problem) {
	var role string
	b := c.params(in)
	take(b, "role", &role)
	b.required("role", role)
	if p := b.rest(); p != nil {
		return nil, p
	}
	m.role = role
	m.touch()
	return m.json(), nil
}

// deleteMembership answers with what it was.
func (c *Clerk) deleteMembership(_ *call, m *membership) (any, *problem) {
	c.store.removeMembership(m)
	return m.json(), nil
}
