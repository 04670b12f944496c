package users

import (
	"context"
	"fmt"
	"iter"
	"slices"

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

// maxFilterIDs is how many ids Clerk takes in one filter.
const maxFilterIDs = 100

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

// AllParams say where All begins and how it reads. The zero value begins with
// the first user.
type AllParams struct {
	// StartingAfter is the id of the user after which to begin, to continue an
	// interrupted walk; "" is the beginning.
	StartingAfter string
	// PageSize is how many users a request reads, 1 to 500; 0 is 100.
	PageSize int
}

// All iterates over all users, the oldest first: GET /v1/users by cursor, one page in
// memory. It makes no request before the iteration begins and none after it ends. An
// error, that of a canceled context included, is the last thing it yields, with a nil
// user. Users who sign up during the walk come at its end; a user who is deleted while
// being the cursor is an error (a guess). Each iteration reads again.
func (s *Service) All(ctx context.Context, params AllParams) iter.Seq2[*User, error] {
	return api.Walk(ctx, opList, func(yield func([]*User, error) bool) {
		c := s.backend().Call(ctx, opList, "")
		size := c.PageSize(params.PageSize)
		if params.StartingAfter != "" {
			c.Check(entity.CheckID(opList, "StartingAfter", params.StartingAfter))
		}
		// The one ordering that cursors work with; users who sign up during a walk come at its end.
		query := bapi.GetUserListParams{Limit: &size, OrderBy: new("created_at")}
		for cursor := params.StartingAfter; ; {
			if cursor != "" {
				query.StartingAfter = &cursor
			}
			page, err := list(ctx, c, query)
			if err == nil && len(page) > 0 && page[len(page)-1].ID == cursor {
				err = &clerkerr.Error{
					Operation: opList, Outcome: clerkerr.OutcomeNotApplied,
					Err: fmt.Errorf("%w: the list does not move on from its cursor", clerkerr.ErrDecode),
				}
			}
			if !yield(page, err) || len(page) < size {
				return
			}
			cursor = page[len(page)-1].ID
		}
	})
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
