package users

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
)

// opUpdated is the operation of UpdatedSince, as errors and hooks call it.
const opUpdated = "ListUpdatedUsers"

const (
	lastUpdatedFirst = "-updated_at"
	// updatedPage is how many users a request of UpdatedSince reads, and updatedOverlap how
	// many of those the request before it has read.
	updatedPage    = 100
	updatedOverlap = 20
)

// UpdatedSince iterates over the users whose UpdatedAt is since or later, the last one first:
// GET /v1/users by page, one page in memory. Requests, errors and repeated iteration are as
// for All; a zero since is clerkerr.ErrInvalidArgument.
//
// Clerk has no cursor in this order. A user who is updated during the walk moves to the front,
// and another comes a second time; one who is deleted moves others forward. Pages overlap, so
// that none is skipped unless more than 20 leave the list between two requests. To miss no
// update, begin the next walk at the UpdatedAt of the first user of this one.
func (s *Service) UpdatedSince(ctx context.Context, since time.Time) iter.Seq2[*User, error] {
	return api.Walk(ctx, opUpdated, func(yield func([]*User, error) bool) {
		c := s.backend().Call(ctx, opUpdated, "")
		if since.IsZero() {
			c.Check(clerkerr.Invalid(opUpdated, "since", errors.New("is zero: All reads every user")))
		}
		for offset := 0; ; offset += updatedPage - updatedOverlap {
			page, err := list(ctx, c, bapi.GetUserListParams{Limit: new(updatedPage), Offset: &offset, OrderBy: new(lastUpdatedFirst)})
			all := len(page)
			for i, user := range page {
				if user.UpdatedAt.Before(since) {
					page = page[:i]
					break
				}
			}
			if !yield(page, err) || len(page) < all || all < updatedPage {
				return
			}
		}
	})
}
