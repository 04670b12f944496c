package api

import (
	"context"
	"fmt"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// Walk yields the entries of the pages of a list one by one. An error of the pages,
// or of a context that ends in between, is the last thing that it yields.
func Walk[E any](ctx context.Context, operation string, pages iter.Seq2[[]*E, error]) iter.Seq2[*E, error] {
	return func(yield func(*E, error) bool) {
		for page, err := range pages {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, entry := range page {
				if err := ended(ctx, operation); err != nil {
					yield(nil, err)
					return
				}
				if !yield(entry, nil) {
					return
				}
			}
		}
	}
}

// ended is the error of a context that has ended; nil while it has not.
func ended(ctx context.Context, operation string) error {
	if err := ctx.Err(); err != nil {
		return &clerkerr.Error{Operation: operation, Outcome: clerkerr.OutcomeNotApplied, Stop: clerkerr.StopCanceled, Err: err}
	}
	return nil
}

// PageSize checks the size of a list's page; 0 is the default.
func (c *Call) PageSize(size int) int {
	const usual, most = 100, 500
	switch {
	case size == 0:
		return usual
	case size < 0 || size > most:
		c.Check(clerkerr.Invalid(c.Operation, "PageSize", fmt.Errorf("is %d; expected 1 to %d, or 0 for %d", size, most, usual)))
	}
	return size
}
