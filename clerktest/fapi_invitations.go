package clerktest

import (
	"fmt"
	"net/http"
	"strings"
)

// byTicket returns the invitation of a ticket, which a sign-up may use.
func (c *Clerk) byTicket(ticket string) (*invitation, *problem) {
	id, ok := strings.CutPrefix(ticket, "ticket_")
	i := c.store.invitations.byID[id]
	if !ok || i == nil {
		return nil, fail(http.StatusBadRequest, "ticket_invalid_code")
	}
	revokedCode, acceptedCode, existsCode := "revoked_invitation", "invitation_already_accepted", "invitation_account_exists"
	if i.organization != nil {
		revokedCode, acceptedCode = "organization_invitation_revoked_code", "organization_invitation_already_accepted"
		existsCode = "organization_invitation_identification_already_exists"
	}
	switch i.status() {
	case revoked:
		return nil, fail(http.StatusBadRequest, revokedCode)
	case accepted:
		return nil, fail(http.StatusBadRequest, acceptedCode)
	case expired:
		return nil, fail(http.StatusBadRequest, "ticket_expired_code")
	}
	if c.owner(i) != nil {
		return nil, fail(http.StatusBadRequest, existsCode)
	}
	if i.organization.isFull() {
		return nil, fail(http.StatusForbidden, quotaExceeded)
	}
	return i, nil
}

// listOwnInvitations answers with the invitations to organizations of the user's addresses.
func (c *Clerk) listOwnInvitations(in *call, s *session) (any, *problem) {
	f := &filters[*invitation]{query: query{in: in}}
	f.add(func(i *invitation) bool {
		return i.organization != nil && containsFold(s.user.EmailAddresses, i.EmailAddress)
	})
	if status := f.text("status"); status != "" {
		f.add(func(i *invitation) bool { return i.status() == status })
	}
	page, p := countedList(c, c.store.invitations, f, func(i *invitation, _ bool) map[string]any { return ownInvitationJSON(i) })
	return wrapped(page, s.client), p
}

// acceptInvitation makes the signed-in user a member, with the metadata of the invitation.
func (c *Clerk) acceptInvitation(in *call, s *session) (any, *problem) {
	i := c.store.invitations.byID[in.ids[0]]
	switch {
	case i == nil, i.organization == nil, !containsFold(s.user.EmailAddresses, i.EmailAddress):
		return nil, failLong(http.StatusNotFound, "organization_invitation_not_found", "No invitation was found with id "+in.ids[0])
	case i.status() != pending:
		return nil, fail(http.StatusNotFound, "organization_invitation_not_pending")
	}
	if p := c.join(i, s.user); p != nil {
		return nil, p
	}
	return wrapped(ownInvitationJSON(i), s.client), nil
}

// AcceptInvitation accepts a pending invitation, as the person who is invited would, and
// returns that user's id. An invitation to the application makes a user with its address
// and public metadata; one to an organization makes the user with its address, a new one if
// there is none, a member with its metadata. It errors on an invitation that does not exist
// or is not pending, on one to the application whose address a user has, and on one to an
// organization that the user is a member of or that is full.
func (c *Clerk) AcceptInvitation(id string) (userID string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.settle(nil)
	i := c.store.invitations.byID[id]
	switch {
	case i == nil:
		return "", fmt.Errorf("clerktest: invitation %q does not exist", id)
	case i.status() != pending:
		return "", fmt.Errorf("clerktest: invitation %q is %s; expected pending", id, i.status())
	}
	u := c.owner(i)
	if u != nil && i.organization == nil {
		return "", fmt.Errorf("clerktest: user %q has the address of invitation %q", u.id, id)
	}
	if u == nil && i.organization.isFull() {
		return "", fmt.Errorf("clerktest: organization %q has all the members that it may have", i.OrganizationID)
	}
	if u == nil {
		u = c.store.newUser()
		u.EmailAddresses = []string{i.EmailAddress}
		c.store.putUser(u)
	}
	if p := c.join(i, u); p != nil {
		return "", fmt.Errorf("clerktest: user %q cannot join %q: %s", u.id, i.OrganizationID, p.entries[0].Message)
	}
	return u.id, nil
}
