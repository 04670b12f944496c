// Package clerkerr declares the error type that every call of this module returns, and
// sentinels to test it with.
//
//	user, err := c.Users.UpdateUserMetadata(ctx, id, params)
//	switch {
//	case errors.Is(err, clerkerr.ErrNotFound):
//		// no such user
//	case errors.Is(err, clerkerr.ErrRateLimited):
//		// slow down; the wait that Clerk asked for is in the *clerkerr.Error
//	}
//
// The text of an error fits a log line: it holds the operation, the status, Clerk's
// error codes, the parameter, the trace id and the outcome of a write. It never holds
// a response body, Clerk's messages (which quote the values that they refuse), a
// metadata value, a key or a query. Body and messages are in fields.
//
// The package does no I/O and imports no other package of this module. Its values are
// safe to read concurrently.
package clerkerr
