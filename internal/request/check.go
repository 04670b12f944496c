// Package request checks what a caller passes and encodes it, before any I/O.
package request

import (
	"context"
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// Context refuses a nil context.
func Context(operation string, ctx context.Context) error { //nolint:revive // the operation comes first in every check
	if ctx == nil {
		return clerkerr.Invalid(operation, "ctx", errors.New("is nil: pass context.Background() at least"))
	}
	return nil
}

// Ended is the error of a walk whose context has ended; nil while it has not.
func Ended(operation string, ctx context.Context) error { //nolint:revive // the operation comes first in every check
	if err := ctx.Err(); err != nil {
		return &clerkerr.Error{Operation: operation, Outcome: clerkerr.OutcomeNotApplied, Stop: clerkerr.StopCanceled, Err: err}
	}
	return nil
}

// PageSize checks the size of a list's page; 0 is the default.
func PageSize(operation string, size int) (int, error) {
	const usual, most = 100, 500
	switch {
	case size == 0:
		return usual, nil
	case size < 0 || size > most:
		return 0, clerkerr.Invalid(operation, "PageSize", fmt.Errorf("is %d, allowed is 1 to %d, and 0 for %d", size, most, usual))
	default:
		return size, nil
	}
}
