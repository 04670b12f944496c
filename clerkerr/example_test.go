package clerkerr_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// Errors are distinguished by their meaning.
func Example() {
	gone := &clerkerr.Error{Operation: "GetUser", Status: 404, Details: []clerkerr.Detail{{Code: "resource_not_found"}}}
	limited := &clerkerr.Error{Operation: "GetUser", Status: 429, RetryAfter: 7 * time.Second}

	for _, err := range []error{fmt.Errorf("loading the account: %w", gone), limited} {
		var e *clerkerr.Error
		switch {
		case errors.Is(err, clerkerr.ErrNotFound):
			fmt.Println("no such user")
		case errors.Is(err, clerkerr.ErrRateLimited) && errors.As(err, &e):
			fmt.Println("try again in", e.RetryAfter)
		}
	}
	// Output:
	// no such user
	// try again in 7s
}
