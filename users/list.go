package users

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// The operations of GetMany and All, as errors and hooks call them.
const (
	opGetMany = "GetMany"
	opList    = "ListUsers"
)

const (
	// maxFilterIDs is how many ids Clerk takes in one filter.
	maxFilterIDs = 100
	// maxPageSize is how many users Clerk returns at most.
	maxPageSize = 500
)

// GetMany returns many users by their ids: GET /v1/users, 100 ids a request, one
// request after the other. It returns the users that exist in the order of ids,
// and the ids of those that do not. An id that occurs twice is returned twice.
//
// An id that GetUser refuses is refused before any request, and so is one that begins
// with "+" or "-": in a filter it would mean "include" or "exclude". If a request fails,
// GetMany returns its error alone.
func (s *Service) GetMany(ctx context.Context, ids []string) (found []*User, missing []string, err error) {
	users, err := s.byID(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		if user, ok := users[id]; ok {
			found = append(found, user)
		} else {
			missing = append(missing, id)
		}
	}
	return found, missing, nil
}

// each yields the users in the order of ids, and an error for one that does not exist.
func (s *Service) each(ctx context.Context, ids []string) iter.Seq2[*User, error] {
	return func(yield func(*User, error) bool) {
		found, err := s.byID(ctx, ids)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, id := range ids {
			user, exists := found[id]
			if !exists {
				err = &clerkerr.Error{Operation: opGetMany, Entity: id, Read: true, Outcome: clerkerr.OutcomeNotApplied, Err: clerkerr.ErrNotFound}
			}
			if !yield(user, err) {
				return
			}
			err = nil
		}
	}
}

// byID reads the users that exist.
func (s *Service) byID(ctx context.Context, ids []string) (map[string]*User, error) {
	c := s.backend().Call(ctx, opGetMany, "")
	for i, id := range ids {
		c.Check(entity.CheckFilterID(opGetMany, fmt.Sprintf("ids[%d]", i), id))
	}
	users := make(map[string]*User, len(ids))
	distinct := slices.Compact(slices.Sorted(slices.Values(ids)))
	for chunk := range slices.Chunk(distinct, maxFilterIDs) {
		page, err := list(ctx, c, bapi.GetUserListParams{UserID: chunk, Limit: new(maxFilterIDs)})
		if err != nil {
			return nil, err
		}
		for _, user := range page {
			users[user.ID] = user
		}
	}
	return users, c.Err()
}

// AllParams say where All begins, which users it reads and how. The zero value begins
// with the first of all users.
type AllParams struct {
	// StartingAfter is the id of the user after which to begin, to continue an
	// interrupted walk; "" is the beginning.
	StartingAfter string
	// PageSize is how many users a request reads, 1 to 500; 0 is 100.
	PageSize int
	// NewestFirst turns the order round. Users who sign up during the walk are then not in
	// it. Clerk has other orders, in which a long walk skips and repeats users: a cursor
	// works with the time of creation alone.
	NewestFirst bool
	// Filter restricts the walk.
	Filter Filter
}

// Filter selects users. A user passes if each field that is not zero holds.
type Filter struct {
	// OrganizationIDs selects the members of any of these organizations, at most 100.
	OrganizationIDs []string
	// CreatedAfter and CreatedBefore bound the time of creation; neither includes itself.
	CreatedAfter, CreatedBefore time.Time
	// LastActiveAfter and LastActiveBefore bound the time of the last activity, which Clerk
	// keeps with the precision of a day; neither includes itself. Whether users who were
	// never active pass LastActiveBefore is not published.
	LastActiveAfter, LastActiveBefore time.Time
}

// apply checks the filter and puts it into a query.
func (f Filter) apply(c *api.Call, query *bapi.GetUserListParams) {
	if n := len(f.OrganizationIDs); n > maxFilterIDs {
		c.Check(clerkerr.Invalid(c.Operation, "OrganizationIDs", fmt.Errorf("has %d ids, at most %d are allowed", n, maxFilterIDs)))
	}
	for i, id := range f.OrganizationIDs {
		c.Check(entity.CheckFilterID(c.Operation, fmt.Sprintf("OrganizationIDs[%d]", i), id))
	}
	query.OrganizationID = f.OrganizationIDs
	query.CreatedAtAfter, query.CreatedAtBefore = between(c, "Created", f.CreatedAfter, f.CreatedBefore)
	query.LastActiveAtAfter, query.LastActiveAtBefore = between(c, "LastActive", f.LastActiveAfter, f.LastActiveBefore)
}

// between returns bounds in Clerk's milliseconds, nil for none. No time of Clerk's, which
// are whole milliseconds, lies between a bound and the one returned.
func between(c *api.Call, name string, after, before time.Time) (from, to *int64) {
	if !after.IsZero() && !before.IsZero() && !after.Before(before) {
		c.Check(clerkerr.Invalid(c.Operation, name+"Before", fmt.Errorf("is not later than %sAfter, so that no user passes", name)))
	}
	if !after.IsZero() {
		from = new(after.UnixMilli())
	}
	if !before.IsZero() {
		to = new(before.Add(time.Millisecond - time.Nanosecond).UnixMilli())
	}
	return from, to
}

const (
	oldestFirst = "created_at"
	newestFirst = "-created_at"
)

// All iterates over all users, the oldest first unless params say otherwise: GET /v1/users
// by cursor, one page in memory. It makes no request before the iteration begins and none
// after it ends. An error, that of a canceled context included, is the last thing it yields,
// with a nil user. Users who sign up during the walk come at its end; a user who is deleted
// while being the cursor is an error (a guess). Each iteration reads again.
func (s *Service) All(ctx context.Context, params AllParams) iter.Seq2[*User, error] {
	return api.Walk(ctx, opList, func(yield func([]*User, error) bool) {
		c := s.backend().Call(ctx, opList, "")
		query := bapi.GetUserListParams{Limit: new(c.PageSize(params.PageSize)), OrderBy: new(oldestFirst)}
		if params.NewestFirst {
			query.OrderBy = new(newestFirst)
		}
		params.Filter.apply(c, &query)
		if params.StartingAfter != "" {
			c.Check(entity.CheckID(opList, "StartingAfter", params.StartingAfter))
			query.StartingAfter = &params.StartingAfter
		}
		pages(ctx, c, query)(yield)
	})
}

// pages yields the pages of a list of users by cursor, from the one that query asks for. Its
// order is one of those that cursors work with. An error is the last thing that it yields.
func pages(ctx context.Context, c *api.Call, query bapi.GetUserListParams) iter.Seq2[[]*User, error] {
	return func(yield func([]*User, error) bool) {
		for {
			page, err := list(ctx, c, query)
			if err == nil && len(page) > 0 && query.StartingAfter != nil && page[len(page)-1].ID == *query.StartingAfter {
				err = &clerkerr.Error{
					Operation: c.Operation, Outcome: clerkerr.OutcomeNotApplied,
					Err: fmt.Errorf("%w: the list does not move on from its cursor", clerkerr.ErrDecode),
				}
			}
			if !yield(page, err) || len(page) < *query.Limit {
				return
			}
			query.StartingAfter = new(page[len(page)-1].ID) // a pointer into the user would hold the page
		}
	}
}

func list(ctx context.Context, c *api.Call, query bapi.GetUserListParams) ([]*User, error) {
	req, err := bapi.NewGetUserListRequest(c.BaseURL, &query)
	page, err := api.Send(ctx, c, req, err, parseUsers)
	if err != nil {
		return nil, err
	}
	return *page, nil
}

func parseUsers(text []byte) (*[]*User, error) {
	entries, err := answer.Elements(text)
	if err != nil {
		return nil, fmt.Errorf("%w: list of users: %w", clerkerr.ErrDecode, err)
	}
	users, err := answer.Each(entries, ParseUser)
	return &users, err
}
