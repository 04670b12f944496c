package users

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/backend"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
)

// The operations of GetMany and All, as errors and hooks call them.
const (
	opGetMany = "GetMany"
	opList    = "ListUsers"
)

// maxFilterIDs is how many ids Clerk takes in one filter.
const maxFilterIDs = 100

// byCreation is the one ordering that cursors work with; ascending, so that
// users who sign up meanwhile come at the end.
const byCreation = "created_at"

// GetMany reads many users by their ids: GET /v1/users, 100 ids a request, one
// request after the other. It returns the users that exist in the order of ids,
// and the ids of those that do not. An id that occurs twice is returned twice.
//
// An id that begins with "+" or "-" is refused, with every id that GetUser
// refuses, before any request: in a filter it would mean "include" or "exclude".
// Where a request fails nothing is returned but the error.
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

// byID reads the users that exist.
func (s *Service) byID(ctx context.Context, ids []string) (map[string]*User, error) {
	if err := request.Context(opGetMany, ctx); err != nil {
		return nil, err
	}
	for i, id := range ids {
		if err := entity.CheckFilterID(opGetMany, fmt.Sprintf("ids[%d]", i), id); err != nil {
			return nil, err
		}
	}
	users := make(map[string]*User, len(ids))
	for chunk := range slices.Chunk(distinct(ids), maxFilterIDs) {
		page, err := s.list(ctx, opGetMany, bapi.GetUserListParams{UserID: chunk, Limit: ptr(maxFilterIDs)})
		if err != nil {
			return nil, err
		}
		for _, user := range page {
			users[user.ID] = user
		}
	}
	return users, nil
}

func distinct(ids []string) []string {
	sorted := slices.Clone(ids)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// AllParams say where All begins and how it reads. The zero value begins with
// the first user.
type AllParams struct {
	// StartingAfter is the id of the user after which to begin, to go on with a
	// walk that was broken off; "" is the beginning.
	StartingAfter string
	// PageSize is how many users a request reads, 1 to 500; 0 is 100.
	PageSize int
}

// All walks over all users, the oldest first: GET /v1/users by cursor, one page
// in memory. It makes no request before the walk begins and none after it ends.
// An error is the last thing that it yields, with a nil user; breaking the loop
// and cancelling the context end it as well. Users who sign up during the walk
// come at its end; a user who is deleted just when it is the cursor is an error
// (a guess). The sequence can be walked more than once, and then reads again.
func (s *Service) All(ctx context.Context, params AllParams) iter.Seq2[*User, error] {
	const operation = opList
	return func(yield func(*User, error) bool) {
		size, err := checkAll(ctx, operation, params)
		if err != nil {
			yield(nil, err)
			return
		}
		query := bapi.GetUserListParams{Limit: &size, OrderBy: ptr(byCreation)}
		for cursor := params.StartingAfter; ; {
			if cursor != "" {
				query.StartingAfter = &cursor
			}
			page, err := s.list(ctx, operation, query)
			if err == nil && len(page) > 0 && page[len(page)-1].ID == cursor {
				err = &clerkerr.Error{
					Operation: operation, Outcome: clerkerr.OutcomeNotApplied,
					Err: fmt.Errorf("%w: the list does not move on from its cursor", clerkerr.ErrDecode),
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, user := range page {
				if err := request.Ended(operation, ctx); err != nil {
					yield(nil, err)
					return
				}
				if !yield(user, nil) {
					return
				}
			}
			if len(page) < size {
				return
			}
			cursor = page[len(page)-1].ID
		}
	}
}

func checkAll(ctx context.Context, operation string, params AllParams) (size int, err error) {
	if err := request.Context(operation, ctx); err != nil {
		return 0, err
	}
	if params.StartingAfter != "" {
		if err := entity.CheckID(operation, "StartingAfter", params.StartingAfter); err != nil {
			return 0, err
		}
	}
	return request.PageSize(operation, params.PageSize)
}

func (s *Service) list(ctx context.Context, operation string, query bapi.GetUserListParams) ([]*User, error) {
	req, err := bapi.NewGetUserListRequest(s.api.BaseURL, &query)
	page, err := backend.Get(ctx, s.api, operation, req, err, parseUsers)
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
	users := make([]*User, 0, len(entries))
	for _, entry := range entries {
		user, err := ParseUser(entry)
		if err != nil {
			return nil, err
		}
		users = append(users, user)
	}
	return &users, nil
}

func ptr[T any](v T) *T { return &v }
