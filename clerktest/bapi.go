package clerktest

import (
	"cmp"
	"net/http"
	"strconv"
)

func (c *Clerk) organizationsEnabled() *problem {
	if c.organizationsDisabled {
		return fail(http.StatusForbidden, "organization_not_enabled_in_instance")
	}
	return nil
}

const noOrganization = "Given organization not found."

// findOrganization returns the organization with an id or a slug.
func (c *Clerk) findOrganization(idOrSlug string) (*organization, *problem) {
	return found(c.store.organization(idOrSlug), noOrganization)
}

// pathOrganization returns the organization whose id, not its slug, is in the path.
func (c *Clerk) pathOrganization(in *call) (*organization, *problem) {
	return found(c.store.organizations.byID[in.ids[0]], noOrganization)
}

func (c *Clerk) getOrganization(in *call) (any, *problem) {
	if p := in.only("include_members_count"); p != nil {
		return nil, p
	}
	show, p := showOrganization(in)
	if p != nil {
		return nil, p
	}
	o, p := c.findOrganization(in.ids[0])
	if p != nil {
		return nil, p
	}
	return show(o), nil
}

// showOrganization returns how a request has organizations shown: with or without the
// number of their members.
func showOrganization(in *call) (func(*organization) map[string]any, *problem) {
	counts, p := in.flag("include_members_count")
	if p != nil || counts == nil || !*counts {
		return (*organization).json, p
	}
	return func(o *organization) map[string]any {
		m := o.json()
		m["members_count"] = o.members.len()
		return m
	}, nil
}

// organization reads what can be set when an organization is made and later.
func (b *params) organization(o *organization) {
	const longest = 256
	take(b, "name", &o.name)
	b.required("name", o.name)
	if len([]rune(o.name)) > longest {
		b.fail(failParam("form_param_max_length_exceeded", "name"))
	}
	if take(b, "slug", &o.slug) && !isSlug(o.slug) {
		b.fail(failParam("form_param_format_invalid", "slug"))
	}
	take(b, "max_allowed_memberships", &o.most)
	if o.most < 0 {
		b.fail(failParam("form_param_value_invalid", "max_allowed_memberships"))
	}
	b.moment("created_at", &o.created)
}

func (c *Clerk) createOrganization(in *call) (any, *problem) {
	o := &organization{entity: c.store.fresh("org", publicMetadata, privateMetadata), members: newTable(c.store.members)}
	b := c.params(in)
	b.organization(o)
	take(b, "created_by", &o.createdBy)
	b.metadata(publicMetadata, privateMetadata)
	if p := b.rest("role_set_key"); p != nil {
		return nil, p
	}
	creator := c.store.users.byID[o.createdBy]
	switch {
	case o.createdBy != "" && creator == nil:
		return nil, fail(http.StatusBadRequest, "organization_creator_not_found")
	case o.slug == "":
		o.slug = c.store.freeSlug(o)
	}
	if p := c.saveOrganization(o, b); p != nil {
		return nil, p
	}
	if creator != nil {
		c.join(o, creator, "org:admin")
	}
	return o.json(), nil
}

// saveOrganization checks and stores an organization that was made or changed,
// or does nothing.
func (c *Clerk) saveOrganization(o *organization, b *params) *problem {
	if other := c.store.organization(o.slug); other != nil && other.id != o.id {
		return failParam("form_identifier_exists", "slug")
	}
	old := c.store.organizations.byID[o.id]
	if p := c.write(&o.entity, b.meta, old == nil || c.guess(OlderUpdate) == "replaced"); p != nil {
		return p
	}
	if old != nil {
		c.store.replaceOrganization(old, *o)
		return nil
	}
	o.updated = o.created
	c.store.insertOrganization(o)
	return nil
}

// updateOrganization is Clerk's general update; see updateUser.
func (c *Clerk) updateOrganization(in *call, o *organization) (any, *problem) {
	changed := *o
	b := c.params(in)
	b.organization(&changed)
	b.general(in, publicMetadata, privateMetadata)
	b.required("slug", changed.slug)
	if p := b.rest("admin_delete_enabled", "role_set_key"); p != nil {
		return nil, p
	}
	return shown(o, c.saveOrganization(&changed, b))
}

func (c *Clerk) deleteOrganization(_ *call, o *organization) (any, *problem) {
	c.store.removeOrganization(o)
	return deletedJSON("organization", o.id), nil
}

// freeSlug makes a slug of the name that nothing has yet.
func (st *store) freeSlug(o *organization) string {
	stem := cmp.Or(slugify(o.name), "organization")
	slug := stem
	for n := 2; st.organization(slug) != nil; n++ {
		slug = stem + "-" + strconv.Itoa(n)
	}
	return slug
}
