package clerktest

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The states of an invitation.
const (
	pending  = "pending"
	accepted = "accepted"
	revoked  = "revoked"
	expired  = "expired"
)

// invitation is one to the application or, if it has an organization, to that.
type invitation struct {
	entity
	Invitation
	organization *organization
	acceptedBy   string // the user's id
}

// status is the state now: a pending invitation expires without an event.
func (i *invitation) status() string {
	if i.Status == pending && i.ExpiresAt <= time.Now().UnixMilli() {
		return expired
	}
	return i.Status
}

// isPending reports whether it invites an address now.
func (i *invitation) isPending(address string) bool {
	return i.status() == pending && strings.EqualFold(i.EmailAddress, address)
}

// ticket is the secret in the link of the invitation.
func (i *invitation) ticket() string { return "ticket_" + i.id }

// link is the address in the email. The fake serves no pages: without a redirect URL the
// link leads to no host.
func (i *invitation) link() string {
	to, err := url.Parse(cmp.Or(i.RedirectURL, inProcess+"/v1/tickets/accept"))
	if err != nil {
		to = &url.URL{}
	}
	query := to.Query()
	query.Set("__clerk_ticket", i.ticket())
	to.RawQuery = query.Encode()
	return to.String()
}

// json is an Invitation or an OrganizationInvitation.
func (i *invitation) json(private bool) map[string]any {
	m := map[string]any{
		"object": "invitation", "email_address": i.EmailAddress, "status": i.status(), "url": i.link(), "expires_at": i.ExpiresAt,
		"revoked": i.Status == revoked,
	}
	if o := i.organization; o != nil {
		delete(m, "revoked")
		m["object"] = "organization_invitation"
		m["organization_id"] = o.id
		m["role"], m["role_name"] = i.Role, strings.TrimPrefix(i.Role, "org:")
		if private {
			m["inviter_id"], m["public_inviter_data"] = nullable(i.InviterUserID), nil
		}
	}
	i.addTo(m, private)
	return m
}

// ownInvitationJSON is an OrganizationInvitation as the person who is invited sees it.
func ownInvitationJSON(i *invitation) map[string]any {
	m := i.json(false)
	o := i.organization
	m["public_organization_data"] = map[string]any{
		"id": o.id, "name": o.Name, "slug": o.Slug, "has_image": false, "image_url": "https://img.example.com/default.png",
	}
	return m
}

func invitationOrders() orders[*invitation] {
	return orders[*invitation]{
		"created_at":    created[*invitation],
		"email_address": byText(func(i *invitation) string { return i.EmailAddress }),
		"expires_at":    func(a, b *invitation) int { return cmp.Compare(a.ExpiresAt, b.ExpiresAt) },
	}
}

// newInvitation returns an invitation that is not stored yet; o is nil for one to the
// application.
func (st *store) newInvitation(o *organization, seed Invitation) *invitation {
	i := &invitation{Invitation: seed, organization: o}
	prefix := "inv"
	if o != nil {
		prefix, i.OrganizationID = "orginv", o.id
	}
	i.entity = st.fresh(prefix, new(Invitation).part())
	i.settle()
	return i
}

// settle removes what an invitation to the application does not have, and sets when it
// expires unless that is given.
func (i *invitation) settle() {
	const days = 30
	if i.organization == nil {
		delete(i.meta, privateMetadata)
	}
	i.Status = cmp.Or(i.Status, pending)
	i.ExpiresAt = cmp.Or(i.ExpiresAt, i.created+days*day.Milliseconds())
}

func (st *store) seedInvitation(n int, seed Invitation) *seedError {
	i := &invitation{Invitation: seed, organization: st.organizations.byID[seed.OrganizationID]}
	prefix := "inv"
	if i.organization != nil {
		prefix = "orginv"
		i.Role = cmp.Or(seed.Role, "org:member")
	}
	if err := st.init(&i.entity, prefix, n, seed.part()); err != nil {
		return err
	}
	switch {
	case st.invitations.byID[i.id] != nil:
		return taken("id", i.id)
	case i.organization == nil && seed.OrganizationID != "":
		return bad("organization_id", "organization %q does not exist", seed.OrganizationID)
	case i.organization == nil && seed.PrivateMetadata != nil:
		return bad("private_metadata", "an invitation without an organization has no private metadata")
	case i.organization == nil && seed.Role+seed.InviterUserID != "":
		return bad("role", "an invitation without an organization has no role and no inviter")
	case !isEmail(seed.EmailAddress):
		return bad("email_address", "%q is not an email address", seed.EmailAddress)
	case !slices.Contains([]string{"", pending, accepted, revoked, expired}, seed.Status):
		return bad("status", "status %q is unknown; expected pending, accepted, revoked or expired", seed.Status)
	}
	i.settle()
	st.addInvitation(i)
	return nil
}

// invited returns the invitation of an address to the application or an organization that
// is pending, nil if there is none.
func (st *store) invited(o *organization, address string) *invitation {
	for _, i := range st.invitations.byID {
		if i.organization == o && i.isPending(address) {
			return i
		}
	}
	return nil
}

// join accepts an invitation for a user: the metadata of one to the application lands on
// the user, that of one to an organization on a new membership.
func (c *Clerk) join(i *invitation, u *user) *problem {
	if i.organization == nil {
		c.store.note(changed, u, u.json(true))
		u.meta[publicMetadata] = i.meta[publicMetadata]
	} else {
		if p := c.joinable(i.organization, u); p != nil {
			return p
		}
		m := c.store.newMembership(i.organization, u, i.Role)
		m.meta[publicMetadata], m.meta[privateMetadata] = i.meta[publicMetadata], i.meta[privateMetadata]
		c.store.addMembership(m)
	}
	i.acceptedBy = u.id
	c.store.setStatus(i, accepted)
	return nil
}
