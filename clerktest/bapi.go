package clerktest

import (
	"cmp"
	"net/http"
)

func (c *Clerk) organizationsEnabled() *problem {
	if c.config.OrganizationsDisabled {
		return fail(http.StatusForbidden, "organization_not_enabled_in_instance")
	}
	return nil
}

// findOrganization returns the organization with an id or a slug.
func (c *Clerk) findOrganization(idOrSlug string) (*organization, *problem) {
	return found(c.store.organization(idOrSlug), "Given organization not found.")
}

// pathOrganization returns the organization whose id, not its slug, is in the path.
func (c *Clerk) pathOrganization(in *call) (*organization, *problem) {
	return found(c.store.organizations.byID[in.ids[0]], "Given organization not found.")
}

func (c *Clerk) getOrganization(in *call) (any, *problem) {
	q := &query{in: in}
	show := showOrganization(q)
	if p := q.rest(); p != nil {
		return nil, p
	}
	o, p := c.findOrganization(in.ids[0])
	if p != nil {
		return nil, p
	}
	return show(o, true), nil
}

// showOrganization returns how a request shows organizations: with or without the number
// of their members.
func showOrganization(q *query) func(*organization, bool) map[string]any {
	counts := q.flag("include_members_count")
	return func(o *organization, private bool) map[string]any {
		m := o.json(private)
		if counts != nil && *counts {
			m["members_count"] = o.members.len()
		}
		return m
	}
}

// organization reads what can be set when an organization is made and later.
func (b *params) organization(o *organization) {
	const longest = 256
	b.need("name", &o.Name)
	if len([]rune(o.Name)) > longest {
		b.fail(failParam("form_param_max_length_exceeded", "name"))
	}
	if take(b, "slug", &o.Slug) && !isSlug(o.Slug) {
		b.fail(failParam("form_param_format_invalid", "slug"))
	}
	take(b, "max_allowed_memberships", &o.MaxAllowedMemberships)
	if o.MaxAllowedMemberships < 0 {
		b.fail(failParam("form_param_value_invalid", "max_allowed_memberships"))
	}
	b.moment("created_at", &o.created)
}

func (c *Clerk) createOrganization(in *call) (any, *problem) {
	o := &organization{members: newTable(c.store.members)}
	o.entity = c.store.fresh("org", o.part())
	b := c.params(in)
	b.organization(o)
	take(b, "created_by", &o.CreatedBy)
	b.metadata(publicMetadata, privateMetadata)
	creator := c.store.users.byID[o.CreatedBy]
	if o.CreatedBy != "" && creator == nil {
		b.fail(fail(http.StatusBadRequest, "organization_creator_not_found"))
	}
	o.Slug = cmp.Or(o.Slug, c.store.freeSlug(o.Name))
	p := c.saveOrganization(o, b, "role_set_key")
	if p == nil && creator != nil {
		c.store.addMembership(c.store.newMembership(o, creator, "org:admin"))
	}
	return o.json(true), p
}

// saveOrganization stores an organization that was made or changed, unless the request
// has a problem.
func (c *Clerk) saveOrganization(o *organization, b *params, unmodelled ...string) *problem {
	if other := c.store.organization(o.Slug); other != nil && other.id != o.id {
		b.fail(failParam("form_identifier_exists", "slug"))
	}
	p := b.save(&o.entity, c.store.organizations.byID[o.id] == nil, unmodelled...)
	if p == nil {
		c.store.putOrganization(o)
	}
	return p
}

// updateOrganization is Clerk's general update; see updateUser.
func (c *Clerk) updateOrganization(in *call, o *organization) (any, *problem) {
	changed := *o
	b := c.params(in)
	b.organization(&changed)
	b.general(publicMetadata, privateMetadata)
	b.required("slug", changed.Slug)
	p := c.saveOrganization(&changed, b, "admin_delete_enabled", "role_set_key")
	return o.json(true), p
}

func (c *Clerk) deleteOrganization(_ *call, o *organization) (any, *problem) {
	c.store.removeOrganization(o)
	return deletedJSON("organization", o.id), nil
}

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

const quotaExceeded = "organization_membership_quota_exceeded"

// joinable refuses a membership of a member, and one in a full organization.
func (c *Clerk) joinable(o *organization, u *user) *problem {
	switch {
	case c.store.memberships[member{o.id, u.id}] != nil:
		return fail(http.StatusBadRequest, "already_a_member_in_organization")
	case o.isFull():
		return fail(http.StatusForbidden, quotaExceeded)
	}
	return nil
}

// isFull reports whether the organization has all the members that it may have; nil has
// no limit.
func (o *organization) isFull() bool {
	return o != nil && o.MaxAllowedMemberships > 0 && o.members.len() >= o.MaxAllowedMemberships
}

func (c *Clerk) createMembership(in *call, o *organization) (any, *problem) {
	var userID, role string
	b := c.params(in)
	b.need("user_id", &userID)
	b.need("role", &role)
	b.metadata(publicMetadata, privateMetadata)
	if p := b.rest(); p != nil {
		return nil, p
	}
	u, p := c.findUser(userID)
	if p != nil {
		return nil, p
	}
	if p := c.joinable(o, u); p != nil {
		return nil, p
	}
	m := c.store.newMembership(o, u, role)
	p = b.save(&m.entity, true)
	if p == nil {
		c.store.addMembership(m)
	}
	return m.json(true), p
}

func (c *Clerk) updateMembership(in *call, m *membership) (any, *problem) {
	var role string
	b := c.params(in)
	b.need("role", &role)
	if p := b.rest(); p != nil {
		return nil, p
	}
	c.store.note(changed, m, m.json(true))
	m.Role = role
	m.touch()
	return m.json(true), nil
}

// deleteMembership answers with the membership that it removed.
func (c *Clerk) deleteMembership(_ *call, m *membership) (any, *problem) {
	c.store.removeMembership(m)
	return m.json(true), nil
}
