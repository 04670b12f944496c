// Package clerkerr holds the one error type that every call of this module
// returns, and the sentinels to test it with.
//
//	user, err := c.Users.UpdateUserMetadata(ctx, id, params)
//	switch {
//	case errors.Is(err, clerkerr.ErrNotFound):
//		// no such user
//	case errors.Is(err, clerkerr.ErrRateLimited):
//		// slow down; the wait that Clerk asked for is in the *clerkerr.Error
//	}
//
// The text of an error is fit for a log line: it holds the operation, the
// status, Clerk's error codes, the parameter, the trace id and what became of a
// write. It never holds a response body, Clerk's message texts (which quote
// the values they complain about), a metadata value, a key or a query. Those
// that are data stay in fields, for the caller who asks for them by name.
//
// The package does no I/O and imports nothing of this module, so that any
// package can import it. Its values are safe to read concurrently.
package clerkerr
