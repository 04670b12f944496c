package clerktest

import (
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// User returns a copy of a user as the Backend API would show it now.
func (c *Clerk) User(id string) (*users.User, bool) {
	return parsed(c, users.ParseUser, func() *user { return c.store.users.byID[id] })
}

// Organization returns a copy of an organization, by id, as the Backend API would show
// it now.
func (c *Clerk) Organization(id string) (*organizations.Organization, bool) {
	return parsed(c, organizations.ParseOrganization, func() *organization { return c.store.organizations.byID[id] })
}

// Membership returns a copy of a membership as the Backend API would show it now.
func (c *Clerk) Membership(organizationID, userID string) (*organizations.Membership, bool) {
	return parsed(c, organizations.ParseMembership, func() *membership { return c.store.memberships[member{organizationID, userID}] })
}

// parsed returns the row that find returns, as a client parses it.
func parsed[T row, R any](c *Clerk, parse func([]byte) (*R, error), find func() T) (*R, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := find()
	if v == *new(T) {
		return nil, false
	}
	r, err := parse(encode(v.json()))
	return r, err == nil
}
