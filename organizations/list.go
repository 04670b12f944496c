package organizations

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/backend"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
)

// The operations of All and AllMemberships, as errors and hooks call them.
const (
	opList            = "ListOrganizations"
	opListMemberships = "ListOrganizationMemberships"
)

// byCreation orders lists so that what is created meanwhile comes at the end.
const byCreation = "created_at"

// AllParams say where a walk begins and how it reads. The zero value begins with
// the first entry.
type AllParams struct {
	// Offset is how many entries to skip, to go on with a walk that was broken
	// off.
	Offset int
	// PageSize is how many entries a request reads, 1 to 500; 0 is 100.
	PageSize int
}

// All walks over all organizations, the oldest first: GET /v1/organizations by
// page, one page in memory. It makes no request before the walk begins and none
// after it ends. An error is the last thing that it yields, with a nil
// organization; breaking the loop and cancelling the context end it as well.
//
// Clerk has no cursor for organizations: one that is deleted during the walk
// moves those behind it forward by one, and one of them may be skipped.
func (s *Service) All(ctx context.Context, params AllParams) iter.Seq2[*Organization, error] {
	return walk(ctx, opList, params, func(limit, offset int) (*page[Organization], error) {
		req, err := bapi.NewListOrganizationsRequest(s.api.BaseURL,
			&bapi.ListOrganizationsParams{Limit: &limit, Offset: &offset, OrderBy: ptr(byCreation)})
		return backend.Get(ctx, s.api, opList, req, err, parsePage(ParseOrganization))
	})
}

// AllMemberships walks over the memberships of an organization, the oldest
// first: GET /v1/organizations/{organization_id}/memberships by page. Everything
// else is as for All.
func (s *Service) AllMemberships(ctx context.Context, organizationID string, params AllParams) iter.Seq2[*Membership, error] {
	if err := entity.CheckOrganizationID(opListMemberships, organizationID); err != nil {
		return func(yield func(*Membership, error) bool) { yield(nil, err) }
	}
	return walk(ctx, opListMemberships, params, func(limit, offset int) (*page[Membership], error) {
		req, err := bapi.NewListOrganizationMembershipsRequest(s.api.BaseURL, organizationID,
			&bapi.ListOrganizationMembershipsParams{Limit: &limit, Offset: &offset, OrderBy: ptr(byCreation)})
		return backend.Get(ctx, s.api, opListMemberships, req, err, parsePage(ParseMembership))
	})
}

// page is {data, total_count}.
type page[T any] struct {
	data []*T
	// total is 0 where the answer did not say.
	total int64
}

// isLast reports whether nothing follows the page that ends at offset.
func (p *page[T]) isLast(offset, size int) bool {
	if p.total > 0 {
		return len(p.data) == 0 || int64(offset) >= p.total
	}
	return len(p.data) < size
}

func walk[T any](ctx context.Context, operation string, params AllParams, read func(limit, offset int) (*page[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		size, err := checkAll(ctx, operation, params)
		if err != nil {
			yield(nil, err)
			return
		}
		for offset := params.Offset; ; {
			p, err := read(size, offset)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, entry := range p.data {
				if err := request.Ended(operation, ctx); err != nil {
					yield(nil, err)
					return
				}
				if !yield(entry, nil) {
					return
				}
			}
			offset += len(p.data)
			if p.isLast(offset, size) {
				return
			}
		}
	}
}

func checkAll(ctx context.Context, operation string, params AllParams) (size int, err error) {
	if err := request.Context(operation, ctx); err != nil {
		return 0, err
	}
	if params.Offset < 0 {
		return 0, clerkerr.Invalid(operation, "Offset", fmt.Errorf("is %d, allowed is 0 or more", params.Offset))
	}
	return request.PageSize(operation, params.PageSize)
}

// parsePage reads {data, total_count}; each entry keeps its raw text.
func parsePage[T any](parse func([]byte) (*T, error)) func([]byte) (*page[T], error) {
	return func(text []byte) (*page[T], error) {
		p := &page[T]{}
		var entries []json.RawMessage
		err := answer.Read(text, func(m answer.Member) error {
			switch string(m.Name) {
			case "data":
				return m.Elements(&entries)
			case "total_count":
				return m.Int(&p.total)
			default:
				return nil
			}
		})
		if err == nil && entries == nil {
			err = errors.New(`field "data" is missing`)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: list: %w", clerkerr.ErrDecode, err)
		}
		for _, entry := range entries {
			v, err := parse(entry)
			if err != nil {
				return nil, err
			}
			p.data = append(p.data, v)
		}
		return p, nil
	}
}

func ptr[T any](v T) *T { return &v }
