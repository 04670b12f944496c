package clerktest

import (
	"encoding/json"
	"net/http"
	"slices"
)

func (c *Clerk) findUser(id string) (*user, *problem) {
	if u := c.store.users[id]; u != nil {
		return u, nil
	}
	return nil, failLong(http.StatusNotFound, "resource_not_found", "No user was found with id "+id)
}

// findOrganization takes an id or, where the operation does, a slug.
func (c *Clerk) findOrganization(id string, slug bool) (*organization, *problem) {
	o := c.store.organizations[id]
	if slug {
		o = c.store.organization(id)
	}
	if o == nil {
		return nil, failLong(http.StatusNotFound, "resource_not_found", "Given organization not found.")
	}
	return o, nil
}

func (c *Clerk) organizationsEnabled() *problem {
	if c.organizationsDisabled {
		return fail(http.StatusForbidden, "organization_not_enabled_in_instance")
	}
	return nil
}

func (c *Clerk) getUser(in *call) (any, *problem) {
	u, p := c.findUser(in.ids[0])
	if p != nil {
		return nil, p
	}
	return userJSON(u, true), nil
}

func (c *Clerk) writeUser(in *call) (any, *problem) {
	members, p := c.metadataFields(in, publicMetadata, privateMetadata, unsafeMetadata)
	if p != nil {
		return nil, p
	}
	u, p := c.findUser(in.ids[0])
	if p != nil {
		return nil, p
	}
	if p := c.write(&u.entity, members, in.Method == http.MethodPut); p != nil {
		return nil, p
	}
	return userJSON(u, true), nil
}

func (c *Clerk) getOrganization(in *call) (any, *problem) {
	if p := c.organizationsEnabled(); p != nil {
		return nil, p
	}
	o, p := c.findOrganization(in.ids[0], true)
	if p != nil {
		return nil, p
	}
	return organizationJSON(o, true), nil
}

func (c *Clerk) writeOrganization(in *call) (any, *problem) {
	if p := c.organizationsEnabled(); p != nil {
		return nil, p
	}
	members, p := c.metadataFields(in, publicMetadata, privateMetadata)
	if p != nil {
		return nil, p
	}
	o, p := c.findOrganization(in.ids[0], false)
	if p != nil {
		return nil, p
	}
	if p := c.write(&o.entity, members, in.Method == http.MethodPut); p != nil {
		return nil, p
	}
	return organizationJSON(o, true), nil
}

func (c *Clerk) writeMembership(in *call) (any, *problem) {
	if p := c.organizationsEnabled(); p != nil {
		return nil, p
	}
	members, p := c.metadataFields(in, publicMetadata, privateMetadata)
	if p != nil {
		return nil, p
	}
	o, p := c.findOrganization(in.ids[0], false)
	if p != nil {
		return nil, p
	}
	m := c.store.memberships[member{o.id, in.ids[1]}]
	if m == nil {
		status := http.StatusNotFound
		if c.guess(MissingMembership) != "resource_not_found" {
			status = http.StatusForbidden
		}
		return nil, fail(status, c.guess(MissingMembership))
	}
	if p := c.write(&m.entity, members, false); p != nil {
		return nil, p
	}
	return membershipJSON(m), nil
}

// updateUser is Clerk's general update, of which the fake knows the names. It
// is here for what it refuses since 2026-05-12: metadata.
func (c *Clerk) updateUser(in *call) (any, *problem) {
	u, p := c.findUser(in.ids[0])
	if p != nil {
		return nil, p
	}
	if p := c.update(in, &u.entity, u.names(), publicMetadata, privateMetadata, unsafeMetadata); p != nil {
		return nil, p
	}
	return userJSON(u, true), nil
}

func (c *Clerk) updateOrganization(in *call) (any, *problem) {
	if p := c.organizationsEnabled(); p != nil {
		return nil, p
	}
	o, p := c.findOrganization(in.ids[0], false)
	if p != nil {
		return nil, p
	}
	names := map[string]*string{"name": &o.name}
	if p := c.update(in, &o.entity, names, publicMetadata, privateMetadata); p != nil {
		return nil, p
	}
	return organizationJSON(o, true), nil
}

func (u *user) names() map[string]*string {
	return map[string]*string{"first_name": &u.firstName, "last_name": &u.lastName, "username": &u.username}
}

// update sets the named strings from a JSON body; null empties one. The rest of
// Clerk's parameters are not modelled.
func (c *Clerk) update(in *call, e *entity, names map[string]*string, retired ...string) *problem {
	members, p := c.fields(in, false)
	if p != nil {
		return p
	}
	values := map[string]string{}
	for name, raw := range members {
		switch {
		case slices.Contains(retired, name):
			return failParam(c.guess(RetiredFields), name)
		case names[name] == nil:
			return unsupported(name)
		}
		var s *string
		if err := json.Unmarshal(raw, &s); err != nil {
			return failParam("form_param_value_invalid", name)
		}
		values[name] = ""
		if s != nil {
			values[name] = *s
		}
	}
	for name, s := range values {
		*names[name] = s
	}
	e.touch()
	return nil
}
