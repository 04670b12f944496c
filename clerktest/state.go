package clerktest

import (
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// User returns a user as the Backend API would answer with it now. It is a copy.
func (c *Clerk) User(id string) (*users.User, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	u := c.store.users.byID[id]
	if u == nil {
		return nil, false
	}
	parsed, err := users.ParseUser(encode(userJSON(u, true)))
	return parsed, err == nil
}

// Organization returns an organization, by id, as the Backend API would answer
// with it now. It is a copy.
func (c *Clerk) Organization(id string) (*organizations.Organization, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.store.organizations.byID[id]
	if o == nil {
		return nil, false
	}
	parsed, err := organizations.ParseOrganization(encode(organizationJSON(o, true)))
	return parsed, err == nil
}

// Membership returns a membership as the Backend API would answer with it now.
// It is a copy.
func (c *Clerk) Membership(organizationID, userID string) (*organizations.Membership, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.store.memberships[member{organizationID, userID}]
	if m == nil {
		return nil, false
	}
	parsed, err := organizations.ParseMembership(encode(membershipJSON(m)))
	return parsed, err == nil
}
