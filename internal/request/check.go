// Package request checks what a caller passes and encodes it, before any I/O.
package request

import (
	"context"
	"errors"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// Context refuses a nil context.
func Context(operation string, ctx context.Context) error { //nolint:revive // the operation comes first in every check
	if ctx == nil {
		return clerkerr.Invalid(operation, "ctx", errors.New("is nil: pass context.Background() at least"))
	}
	return nil
}
