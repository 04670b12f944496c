package clerktest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxBulk is how many invitations one request makes at most.
const maxBulk = 10

func (c *Clerk) createInvitation(in *call) (any, *problem) {
	i, p := c.readInvitation(c.params(in), nil, nil)
	if p != nil {
		return nil, p
	}
	c.store.addInvitation(i)
	return i.json(true), nil
}

func (c *Clerk) createInvitations(in *call) (any, *problem) {
	return c.bulk(in, nil)
}

func (c *Clerk) createOrganizationInvitation(in *call, o *organization) (any, *problem) {
	i, p := c.readInvitation(c.params(in), o, nil)
	if p != nil {
		return nil, p
	}
	c.store.addInvitation(i)
	return i.json(true), nil
}

func (c *Clerk) createOrganizationInvitations(in *call, o *organization) (any, *problem) {
	data, p := c.bulk(in, o)
	if p != nil {
		return nil, p
	}
	return map[string]any{"data": data, "total_count": len(data)}, nil
}

// bulk makes all invitations of a body, or none.
func (c *Clerk) bulk(in *call, o *organization) ([]any, *problem) {
	if p := c.contentType(in, "application/json"); p != nil {
		return nil, p
	}
	var elements []fields
	if err := json.Unmarshal(in.body, &elements); err != nil {
		return nil, fail(http.StatusBadRequest, "request_body_invalid")
	}
	switch n := len(elements); {
	case n == 0:
		return nil, failParam("form_param_missing", "email_address")
	case n > maxBulk:
		return nil, failParam("form_param_array_size_exceeded", "email_address")
	}
	var made []*invitation
	for _, members := range elements {
		i, p := c.readInvitation(&params{c: c, in: in, members: members, meta: fields{}}, o, made)
		if p != nil {
			return nil, p
		}
		if o == nil && c.owner(i) != nil {
			return nil, failParam("form_identifier_exists", "email_address") // whatever ignore_existing says
		}
		made = append(made, i)
	}
	var shown []any
	for _, i := range made {
		c.store.addInvitation(i)
		shown = append(shown, i.json(true))
	}
	return shown, nil
}

// readInvitation reads an invitation to the application or an organization, and checks it
// against those that there are and those made by the same request.
func (c *Clerk) readInvitation(b *params, o *organization, made []*invitation) (*invitation, *problem) {
	const most = 365
	var seed Invitation
	var days int
	var again bool
	b.need("email_address", &seed.EmailAddress)
	if seed.EmailAddress != "" && !isEmail(seed.EmailAddress) {
		b.fail(failParam("form_param_format_invalid", "email_address"))
	}
	take(b, "redirect_url", &seed.RedirectURL)
	ignored[bool](b, "notify")
	if take(b, "expires_in_days", &days) && (days < 1 || days > most) {
		b.fail(failParam("form_param_value_invalid", "expires_in_days"))
	}
	if o == nil {
		take(b, "ignore_existing", &again)
		b.template()
		b.metadata(publicMetadata)
	} else {
		b.need("role", &seed.Role)
		take(b, "inviter_user_id", &seed.InviterUserID)
		b.metadata(publicMetadata, privateMetadata)
	}
	if p := b.rest(); p != nil {
		return nil, p
	}
	if days > 0 {
		seed.ExpiresAt = time.Now().UnixMilli() + int64(days)*day.Milliseconds()
	}
	i := c.store.newInvitation(o, seed)
	twice := slices.ContainsFunc(made, func(other *invitation) bool { return other.isPending(i.EmailAddress) })
	if p := c.invitable(i, twice || c.store.invited(o, i.EmailAddress) != nil, again); p != nil {
		return nil, p
	}
	return i, b.save(&i.entity, true)
}

// template checks the name of the email's template.
func (b *params) template() {
	var template string
	if take(b, "template_slug", &template) && !slices.Contains([]string{"", "invitation", "waitlist_invitation"}, template) {
		b.fail(failParam("form_param_value_invalid", "template_slug"))
	}
}

// owner is the user who has the address of an invitation, nil if there is none.
func (c *Clerk) owner(i *invitation) *user {
	return c.store.identified[handle{"email_address", i.EmailAddress}.key()]
}

// invitable refuses an invitation of an address that has one, or is that of a user or a
// member; again allows both for invitations to the application.
func (c *Clerk) invitable(i *invitation, hasOne, again bool) *problem {
	owner, o := c.owner(i), i.organization
	if o == nil {
		switch {
		case again:
			return nil
		case hasOne:
			return fail(http.StatusBadRequest, "duplicate_record")
		case owner != nil:
			return failParam("form_identifier_exists", "email_address")
		}
		return nil
	}
	switch {
	case i.InviterUserID != "" && c.store.memberships[member{o.id, i.InviterUserID}] == nil:
		return fail(http.StatusForbidden, "not_a_member_in_organization")
	case owner != nil && c.store.memberships[member{o.id, owner.id}] != nil:
		return fail(http.StatusBadRequest, "already_a_member_in_organization")
	case hasOne:
		return fail(http.StatusBadRequest, "organization_invitation_not_unique")
	}
	return nil
}

// listInvitations answers with an array, as documented, or with data and total_count where
// pages are asked for, as Clerk's own clients read it.
func (c *Clerk) listInvitations(in *call) (any, *problem) {
	f := c.invitationFilter(in, nil)
	f.part("query", func(i *invitation, has func(string) bool) bool {
		return i.id == in.query.Get("query") || has(i.EmailAddress)
	})
	if in.query.Get("status") == "" {
		f.add(func(i *invitation) bool { return i.Status != revoked })
	}
	return listOrPage(c, c.store.invitations, f, (*invitation).json, "order_by")
}

func (c *Clerk) listOrganizationInvitations(in *call, o *organization) (any, *problem) {
	f := c.invitationFilter(in, o)
	if address := f.text("email_address"); address != "" {
		f.add(func(i *invitation) bool { return strings.EqualFold(i.EmailAddress, address) })
	}
	return countedList(c, c.store.invitations, f, (*invitation).json, "order_by")
}

// invitationFilter filters those to the application or an organization by their status.
func (c *Clerk) invitationFilter(in *call, o *organization) *filters[*invitation] {
	f := &filters[*invitation]{query: query{in: in}}
	f.add(func(i *invitation) bool { return i.organization == o })
	if status := f.text("status"); status != "" {
		if !slices.Contains([]string{pending, accepted, revoked, expired}, status) {
			f.fail(failQuery("form_param_value_invalid", "status"))
		}
		f.add(func(i *invitation) bool { return i.status() == status })
	}
	return f
}

func (c *Clerk) findInvitation(in *call) (*invitation, *problem) {
	i := c.store.invitations.byID[in.ids[0]]
	if i != nil && i.organization != nil {
		i = nil
	}
	return found(i, "No invitation was found with id "+in.ids[0])
}

func (c *Clerk) findOrganizationInvitation(in *call) (*invitation, *problem) {
	o, p := c.pathOrganization(in)
	if p != nil {
		return nil, p
	}
	i := c.store.invitations.byID[in.ids[1]]
	if i != nil && i.organization != o {
		i = nil
	}
	return found(i, "No invitation was found with id "+in.ids[1])
}

func (c *Clerk) revokeInvitation(_ *call, i *invitation) (any, *problem) {
	switch i.Status {
	case accepted:
		return nil, fail(http.StatusBadRequest, "invitation_already_accepted")
	case revoked:
		return nil, fail(http.StatusBadRequest, "invitation_already_revoked")
	}
	return c.revoke(i), nil
}

func (c *Clerk) revokeOrganizationInvitation(in *call, i *invitation) (any, *problem) {
	if body := bytes.TrimSpace(in.body); len(body) > 0 {
		b := c.params(in)
		ignored[string](b, "requesting_user_id")
		if p := b.rest(); p != nil {
			return nil, p
		}
	}
	if i.status() != pending {
		return nil, fail(http.StatusNotFound, "organization_invitation_not_pending")
	}
	return c.revoke(i), nil
}

func (c *Clerk) revoke(i *invitation) map[string]any {
	c.store.setStatus(i, revoked)
	return i.json(true)
}
