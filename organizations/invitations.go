package organizations

import (
	"context"
	"fmt"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// CreateOrganizationInvitationParams describe an invitation to an organization. What is
// left zero is not sent, except for the address and the role, which Clerk requires.
type CreateOrganizationInvitationParams struct {
	// EmailAddress is where the invitation goes.
	EmailAddress string
	// Role is the role of the member-to-be, such as "org:member".
	Role string
	// PublicMetadata and PrivateMetadata become those of the membership.
	PublicMetadata, PrivateMetadata metadata.Value
	// InviterUserID is the id of the member who invites, an administrator; "" is none.
	InviterUserID string
	// RedirectURL is the absolute URL that the link of the invitation leads to.
	RedirectURL string
	// ExpiresInDays is for how many days the invitation is valid, 1 to 365; 0 is Clerk's
	// default, 30.
	ExpiresInDays int
	// WithoutEmail sends no email: pass Invitation.URL on yourself.
	WithoutEmail bool
}

// CreateOrganizationInvitation invites somebody to an organization, with metadata for the
// membership: POST /v1/organizations/{organization_id}/invitations. Clerk sends the email
// unless params say otherwise.
//
// Retries are as for CreateUser of package users. An address has one pending invitation to
// an organization at most: if the outcome is clerkerr.OutcomeUnknown, FindInvitation finds
// it, and a second attempt cannot create another.
//
// Clerk takes 250 of these calls in an hour; client.WithRateLimit keeps to that. Errors,
// besides those of the transport: clerkerr.ErrInvalidArgument for an id, address, role or
// URL that is none, a number of days out of range or metadata that cannot be sent, and
// clerkerr.ErrTooLarge, all before any request; clerkerr.ErrNotFound; clerkerr.ErrInvalid
// with code organization_invitation_not_unique for an address that has a pending
// invitation, and with code already_a_member_in_organization for a member's.
func (s *Service) CreateOrganizationInvitation(ctx context.Context, organizationID string, params CreateOrganizationInvitationParams) (*Invitation, error) {
	c := s.invite(ctx, "CreateOrganizationInvitation", organizationID)
	req, err := bapi.NewCreateOrganizationInvitationRequest(c.BaseURL, organizationID, params.body(c, ""))
	return api.Send(ctx, c, req, err, parseInvitation)
}

// maxInvitations is how many invitations Clerk takes in one request.
const maxInvitations = 10

// CreateOrganizationInvitations invites 1 to 10 people to an organization with one
// request: POST /v1/organizations/{organization_id}/invitations/bulk. It returns the
// invitations in the order of Clerk's answer, which is that of params (a guess), and none
// with an error. Retries and errors are as for CreateOrganizationInvitation, with the
// element at fault in the parameter ("invitations[3].role"). Clerk takes 50 of these calls
// in an hour.
func (s *Service) CreateOrganizationInvitations(ctx context.Context, organizationID string, invitations []CreateOrganizationInvitationParams) ([]*Invitation, error) {
	c := s.invite(ctx, "CreateOrganizationInvitations", organizationID)
	if n := len(invitations); n == 0 || n > maxInvitations {
		c.Check(clerkerr.Invalid(c.Operation, "invitations", fmt.Errorf("has %d elements; expected 1 to %d", n, maxInvitations)))
	}
	body := make(bapi.CreateOrganizationInvitationBulkJSONRequestBody, len(invitations))
	for i, params := range invitations {
		body[i] = params.body(c, fmt.Sprintf("invitations[%d].", i))
	}
	req, err := bapi.NewCreateOrganizationInvitationBulkRequest(c.BaseURL, organizationID, body)
	page, err := api.Send(ctx, c, req, err, api.ParsePage(parseInvitation))
	if err != nil {
		return nil, err
	}
	return page.Entries, nil
}

// invite begins a call that invites to an organization. A limiter counts it for the
// operation, not for the organization.
func (s *Service) invite(ctx context.Context, operation, organizationID string) *api.Call {
	c := s.backend().Call(ctx, operation, "")
	c.Post()
	c.Check(entity.CheckOrganizationID(operation, organizationID))
	return c
}

// body checks and encodes an invitation; at comes before the names of parameters.
func (p CreateOrganizationInvitationParams) body(c *api.Call, at string) bapi.CreateOrganizationInvitationJSONRequestBody {
	if p.InviterUserID != "" {
		c.Check(entity.CheckID(c.Operation, at+"inviter_user_id", p.InviterUserID))
	}
	body := bapi.CreateOrganizationInvitationJSONRequestBody{
		EmailAddress:    c.Email(at+"email_address", p.EmailAddress),
		Role:            c.Required(at+"role", p.Role),
		PublicMetadata:  c.New(at+entity.PublicMetadata, p.PublicMetadata),
		PrivateMetadata: c.New(at+entity.PrivateMetadata, p.PrivateMetadata),
		InviterUserID:   p.InviterUserID,
		RedirectURL:     c.Link(at+"redirect_url", p.RedirectURL),
		ExpiresInDays:   c.Within(at+"expires_in_days", p.ExpiresInDays, 365),
	}
	if p.WithoutEmail {
		body.Notify = new(false)
	}
	return body
}

// AllInvitationsParams say where AllInvitations begins, what it reads and how. The zero
// value begins with the first invitation.
type AllInvitationsParams struct {
	// Status is "pending", "accepted", "revoked" or "expired"; "" is all.
	Status string
	// EmailAddress restricts the walk to the invitations of an address.
	EmailAddress string
	// Offset is how many invitations to skip, to continue an interrupted walk.
	Offset int
	// PageSize is how many invitations a request reads, 1 to 500; 0 is 100.
	PageSize int
}

// AllInvitations iterates over the invitations to an organization, the oldest first: GET
// /v1/organizations/{organization_id}/invitations by page. Clerk leaves out those that a
// domain of the organization caused. Everything else is as for All.
func (s *Service) AllInvitations(ctx context.Context, organizationID string, params AllInvitationsParams) iter.Seq2[*Invitation, error] {
	return s.invitations(ctx, "ListOrganizationInvitations", organizationID, params)
}

func (s *Service) invitations(ctx context.Context, operation, organizationID string, params AllInvitationsParams) iter.Seq2[*Invitation, error] {
	return api.Walk(ctx, operation, func(yield func([]*Invitation, error) bool) {
		c := s.call(ctx, operation, organizationID)
		query := bapi.ListOrganizationInvitationsParams{OrderBy: new(byCreation)}
		if c.Text("Status", params.Status) != "" {
			query.Status = &params.Status
		}
		if params.EmailAddress != "" {
			query.EmailAddress = new(c.Email("EmailAddress", params.EmailAddress))
		}
		api.Pages(c, params.Offset, params.PageSize, yield, func(limit, offset int) (*api.Page[Invitation], error) {
			query.Limit, query.Offset = &limit, &offset
			req, err := bapi.NewListOrganizationInvitationsRequest(c.BaseURL, organizationID, &query)
			return api.Send(ctx, c, req, err, api.ParsePage(parseInvitation))
		})
	})
}

// FindInvitation returns the pending invitation of an address to an organization, compared
// without regard to the case of A to Z: GET /v1/organizations/{organization_id}/invitations by page,
// filtered by Clerk. Without one the error is clerkerr.ErrNotFound. After a
// CreateOrganizationInvitation of unknown outcome it says whether the address has an
// invitation, not which attempt made it, and nothing of one that is still under way.
func (s *Service) FindInvitation(ctx context.Context, organizationID, emailAddress string) (*Invitation, error) {
	const operation = "FindInvitation"
	c := s.call(ctx, operation, organizationID)
	c.Email("email_address", emailAddress)
	if err := c.Err(); err != nil {
		return nil, err
	}
	for invitation, err := range s.invitations(ctx, operation, organizationID, AllInvitationsParams{Status: "pending", EmailAddress: emailAddress}) {
		if err != nil {
			return nil, err
		}
		if entity.Fold(invitation.EmailAddress) == entity.Fold(emailAddress) {
			return invitation, nil
		}
	}
	return nil, &clerkerr.Error{Operation: operation, Read: true, Outcome: clerkerr.OutcomeNotApplied, Err: clerkerr.ErrNotFound}
}

// RevokeOrganizationInvitation revokes a pending invitation to an organization and returns
// it: POST /v1/organizations/{organization_id}/invitations/{invitation_id}/revoke. Like a
// creation the call is retried only where nothing can have been revoked, since Clerk refuses
// a second revocation. If its outcome is clerkerr.OutcomeUnknown, FindInvitation finds out.
//
// Errors, besides those of the transport: clerkerr.ErrInvalidArgument for a bad id, and
// clerkerr.ErrNotFound for an invitation that does not exist or is not pending.
func (s *Service) RevokeOrganizationInvitation(ctx context.Context, organizationID, invitationID string) (*Invitation, error) {
	c := s.backend().Call(ctx, "RevokeOrganizationInvitation", "")
	c.Post()
	c.Check(entity.CheckOrganizationID(c.Operation, organizationID))
	c.Check(entity.CheckID(c.Operation, entity.InvitationID, invitationID))
	req, err := bapi.NewRevokeOrganizationInvitationRequest(c.BaseURL, organizationID, invitationID, bapi.RevokeOrganizationInvitationJSONRequestBody{})
	return api.Send(ctx, c, req, err, parseInvitation)
}
