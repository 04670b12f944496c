package organizations

import (
	"context"
	"fmt"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// The operations of All and AllMemberships, as errors and hooks call them.
const (
	opList            = "ListOrganizations"
	opListMemberships = "ListOrganizationMemberships"
)

// byCreation orders lists so that what is created during a walk comes at its end.
const byCreation = "created_at"

// AllParams say where a walk begins, what it reads and how. The zero value begins with
// the first of all entries.
type AllParams struct {
	// Offset is how many entries to skip, to continue an interrupted walk.
	Offset int
	// PageSize is how many entries a request reads, 1 to 500; 0 is 100.
	PageSize int
	// UserIDs restricts a walk to the organizations of which any of these users is a
	// member, or to the memberships of these users; at most 100. Users who do not exist
	// are skipped.
	UserIDs []string
}

// check checks the filter.
func (p AllParams) check(c *api.Call) {
	const most = 100
	if n := len(p.UserIDs); n > most {
		c.Check(clerkerr.Invalid(c.Operation, "UserIDs", fmt.Errorf("has %d ids, at most %d are allowed", n, most)))
	}
	for i, id := range p.UserIDs {
		c.Check(entity.CheckFilterID(c.Operation, fmt.Sprintf("UserIDs[%d]", i), id))
	}
}

// All iterates over all organizations, the oldest first: GET /v1/organizations by page,
// one page in memory. Requests, errors and repeated iteration are as for All of package
// users.
//
// Clerk has no cursor for organizations: one that is deleted during the walk moves those
// behind it forward by one, and one of them may be skipped.
func (s *Service) All(ctx context.Context, params AllParams) iter.Seq2[*Organization, error] {
	return api.Walk(ctx, opList, func(yield func([]*Organization, error) bool) {
		c := s.backend().Call(ctx, opList, "")
		params.check(c)
		api.Pages(c, params.Offset, params.PageSize, yield, func(limit, offset int) (*api.Page[Organization], error) {
			req, err := bapi.NewListOrganizationsRequest(c.BaseURL,
				&bapi.ListOrganizationsParams{UserID: params.UserIDs, Limit: &limit, Offset: &offset, OrderBy: new(byCreation)})
			return api.Send(ctx, c, req, err, api.ParsePage(ParseOrganization))
		})
	})
}

// AllMemberships iterates over the memberships of an organization, the oldest first:
// GET /v1/organizations/{organization_id}/memberships by page. Everything else is as
// for All.
func (s *Service) AllMemberships(ctx context.Context, organizationID string, params AllParams) iter.Seq2[*Membership, error] {
	return api.Walk(ctx, opListMemberships, func(yield func([]*Membership, error) bool) {
		c := s.call(ctx, opListMemberships, organizationID)
		params.check(c)
		api.Pages(c, params.Offset, params.PageSize, yield, func(limit, offset int) (*api.Page[Membership], error) {
			req, err := bapi.NewListOrganizationMembershipsRequest(c.BaseURL, organizationID,
				&bapi.ListOrganizationMembershipsParams{UserID: params.UserIDs, Limit: &limit, Offset: &offset, OrderBy: new(byCreation)})
			return api.Send(ctx, c, req, err, api.ParsePage(ParseMembership))
		})
	})
}
