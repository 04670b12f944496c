package users

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// CreateInvitationParams describe an invitation to the application. What is left zero is
// not sent, except for the address, which Clerk requires.
type CreateInvitationParams struct {
	// EmailAddress is where the invitation goes.
	EmailAddress string
	// PublicMetadata becomes the public metadata of the user who signs up. An invitation
	// carries no other metadata.
	PublicMetadata metadata.Value
	// RedirectURL is the absolute URL that the link of the invitation leads to, for a
	// custom sign-up page.
	RedirectURL string
	// ExpiresInDays is for how many days the invitation is valid, 1 to 365; 0 is Clerk's
	// default, 30.
	ExpiresInDays int
	// WithoutEmail sends no email: pass Invitation.URL on yourself.
	WithoutEmail bool
	// IgnoreExisting invites an address again that has an invitation already, or that
	// belongs to a user.
	IgnoreExisting bool
}

// CreateInvitation invites somebody to the application, with public metadata for the user
// who signs up: POST /v1/invitations. Clerk sends the email unless params say otherwise.
//
// Retries are as for CreateUser. If the outcome is clerkerr.OutcomeUnknown, FindInvitation
// looks for the invitation; without IgnoreExisting an address has one pending invitation at
// most, so that a second attempt cannot create another.
//
// Clerk takes 100 of these calls in an hour; client.WithRateLimit keeps to that. Errors,
// besides those of the transport: clerkerr.ErrInvalidArgument for an address or URL that is
// none, a number of days out of range or metadata that cannot be sent, and
// clerkerr.ErrTooLarge, all before any request; clerkerr.ErrInvalid with code
// duplicate_record for an address that has a pending invitation, and with code
// form_identifier_exists for one that belongs to a user.
func (s *Service) CreateInvitation(ctx context.Context, params CreateInvitationParams) (*Invitation, error) {
	c := s.backend().Call(ctx, "CreateInvitation", "")
	c.Post()
	req, err := bapi.NewCreateInvitationRequest(c.BaseURL, params.body(c, ""))
	return api.Send(ctx, c, req, err, parseInvitation)
}

// maxInvitations is how many invitations Clerk takes in one request.
const maxInvitations = 10

// CreateInvitations invites 1 to 10 people with one request: POST /v1/invitations/bulk.
// It returns the invitations in the order of Clerk's answer, which is that of params (a
// guess), and none with an error. Retries and errors are as for CreateInvitation, with the
// element at fault in the parameter ("invitations[3].email_address"); here Clerk refuses
// the address of a user whatever IgnoreExisting says. It takes 25 of these calls in an
// hour.
func (s *Service) CreateInvitations(ctx context.Context, invitations []CreateInvitationParams) ([]*Invitation, error) {
	c := s.backend().Call(ctx, "CreateInvitations", "")
	c.Post()
	if n := len(invitations); n == 0 || n > maxInvitations {
		c.Check(clerkerr.Invalid(c.Operation, "invitations", fmt.Errorf("has %d elements; expected 1 to %d", n, maxInvitations)))
	}
	body := make(bapi.CreateBulkInvitationsJSONRequestBody, len(invitations))
	for i, params := range invitations {
		body[i] = params.body(c, fmt.Sprintf("invitations[%d].", i))
	}
	req, err := bapi.NewCreateBulkInvitationsRequest(c.BaseURL, body)
	page, err := api.Send(ctx, c, req, err, api.ParseArray(parseInvitation))
	if err != nil {
		return nil, err
	}
	return page.Entries, nil
}

// body checks and encodes an invitation; at comes before the names of parameters.
func (p CreateInvitationParams) body(c *api.Call, at string) bapi.CreateInvitationJSONRequestBody {
	body := bapi.CreateInvitationJSONRequestBody{
		EmailAddress:   c.Email(at+"email_address", p.EmailAddress),
		PublicMetadata: c.New(at+entity.PublicMetadata, p.PublicMetadata),
		RedirectURL:    c.Link(at+"redirect_url", p.RedirectURL),
		ExpiresInDays:  c.Within(at+"expires_in_days", p.ExpiresInDays, 365),
		IgnoreExisting: p.IgnoreExisting,
	}
	if p.WithoutEmail {
		body.Notify = new(false)
	}
	return body
}

// AllInvitationsParams say where AllInvitations begins, what it reads and how. The zero
// value begins with the first invitation that is not revoked.
type AllInvitationsParams struct {
	// Status is "pending", "accepted", "revoked" or "expired"; "" is all but the revoked.
	Status string
	// Query restricts the walk to invitations whose address or id matches.
	Query string
	// Offset is how many invitations to skip, to continue an interrupted walk.
	Offset int
	// PageSize is how many invitations a request reads, 1 to 500; 0 is 100.
	PageSize int
}

// AllInvitations iterates over the invitations to the application, the oldest first: GET
// /v1/invitations by page, one page in memory. Requests, errors and repeated iteration are
// as for All. Clerk has no cursor for invitations: one that leaves the list during the walk
// moves those behind it forward by one, and one of them may be skipped.
func (s *Service) AllInvitations(ctx context.Context, params AllInvitationsParams) iter.Seq2[*Invitation, error] {
	return s.invitations(ctx, "ListInvitations", params)
}

func (s *Service) invitations(ctx context.Context, operation string, params AllInvitationsParams) iter.Seq2[*Invitation, error] {
	return api.Walk(ctx, operation, func(yield func([]*Invitation, error) bool) {
		c := s.backend().Call(ctx, operation, "")
		query := bapi.ListInvitationsParams{OrderBy: new("created_at"), Paginated: new(true)}
		if c.Text("Status", params.Status) != "" {
			query.Status = &params.Status
		}
		if c.Text("Query", params.Query) != "" {
			query.Query = &params.Query
		}
		api.Pages(c, params.Offset, params.PageSize, yield, func(limit, offset int) (*api.Page[Invitation], error) {
			query.Limit, query.Offset = &limit, &offset
			req, err := bapi.NewListInvitationsRequest(c.BaseURL, &query)
			return api.Send(ctx, c, req, err, parseInvitations)
		})
	})
}

// parseInvitations reads a list of invitations: an array, as Clerk's document has it, or
// {data, total_count}, as Clerk's own clients read it when they ask for pages.
func parseInvitations(text []byte) (*api.Page[Invitation], error) {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		return api.ParseArray(parseInvitation)(text)
	}
	return api.ParsePage(parseInvitation)(text)
}

// FindInvitation returns the pending invitation of an address, compared as by Find: GET
// /v1/invitations by page, filtered by Clerk. Without one the error is
// clerkerr.ErrNotFound. After a CreateInvitation of unknown outcome it says whether the
// address has an invitation, not which attempt made it, and nothing of one that is still
// under way.
func (s *Service) FindInvitation(ctx context.Context, emailAddress string) (*Invitation, error) {
	const operation = "FindInvitation"
	c := s.backend().Call(ctx, operation, "")
	c.Email("email_address", emailAddress)
	if err := c.Err(); err != nil {
		return nil, err
	}
	for invitation, err := range s.invitations(ctx, operation, AllInvitationsParams{Status: "pending", Query: emailAddress}) {
		if err != nil {
			return nil, err
		}
		if entity.Fold(invitation.EmailAddress) == entity.Fold(emailAddress) {
			return invitation, nil
		}
	}
	return nil, &clerkerr.Error{Operation: operation, Read: true, Outcome: clerkerr.OutcomeNotApplied, Err: clerkerr.ErrNotFound}
}

// RevokeInvitation revokes a pending invitation and returns it: POST
// /v1/invitations/{invitation_id}/revoke. Its link then no longer works; the person can
// still sign up without it. Like a creation the call is retried only where nothing can have
// been revoked, since Clerk refuses a second revocation. If its outcome is
// clerkerr.OutcomeUnknown, FindInvitation finds out.
//
// Errors, besides those of the transport: clerkerr.ErrInvalidArgument for a bad id,
// clerkerr.ErrNotFound, and clerkerr.ErrInvalid for an invitation that is accepted or
// revoked already.
func (s *Service) RevokeInvitation(ctx context.Context, invitationID string) (*Invitation, error) {
	c := s.backend().Call(ctx, "RevokeInvitation", "")
	c.Post()
	c.Check(entity.CheckID(c.Operation, entity.InvitationID, invitationID))
	req, err := bapi.NewRevokeInvitationRequest(c.BaseURL, invitationID)
	return api.Send(ctx, c, req, err, parseInvitation)
}
