package claims

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// shortestMaxAge is the least maxAge: tokens name the second in which they are issued.
const shortestMaxAge = time.Second

// Require returns a middleware like For's for routes that act on metadata, such as a role:
// the T in the handler is no older than maxAge. A token that was issued longer ago is not
// believed, and the user is read again: from Config.Source, if it confirmed the user within
// maxAge, else from Config.Users.
//
// The cost: a user who was seen is read at most once in maxAge and process, so users seen
// per maxAge are reads per maxAge. 1000 users who are active at once and a maxAge of 10 s
// are 100 requests per second, which is all that a production instance may send. Tokens
// live for a minute: a maxAge of a minute costs almost nothing.
//
// What is guaranteed, for any number of processes:
//
//   - A write that Clerk answered is seen by every request that is passed on more than
//     maxAge later. maxAge counts from the second in the token, or from the start of the
//     read. A read that takes longer than maxAge is not used: the request is refused with
//     503.
//   - What this process has read is not undone by an older token.
//   - Requests of one user share one read at a time, and a read that fails passes nobody.
//   - A user who was deleted is refused like an invalid token.
//
// What is not:
//
//   - The clocks of this host and of Clerk count: by as much as this host's is slow, a
//     token is believed for longer. Tokens from the future are not believed.
//   - Clerk is believed: that its reads see every write that it answered before, and that a
//     token has the metadata of the second that it names, are guesses.
//   - A handler that runs for long works with what it was given.
//   - The session is not read again: after a sign-out or a ban its tokens are valid until
//     they expire.
//
// maxAge is at least a second, and Config.Users is required. Use one middleware for all
// routes of a T: each has a memory of its own, of one entry for a user seen in maxAge. The
// error satisfies clerkerr.ErrInvalidArgument.
func Require[T any](v *Verifier, maxAge time.Duration) (func(http.Handler) http.Handler, error) {
	shape, err := prepared[T](v)
	switch {
	case err != nil:
		return nil, err
	case maxAge < shortestMaxAge:
		return nil, invalid("maxAge", fmt.Errorf("is %v: at least %v is required", maxAge, shortestMaxAge))
	case v.config.Users == nil:
		return nil, invalid("Config.Users", errors.New("is nil: Require reads users, such as with client.Client.Users"))
	}
	reads := newReader(v.config, maxAge, shape)
	return v.middleware(func(ctx context.Context, s *Session) (context.Context, error) {
		known, err := reads.user(ctx, s)
		switch {
		case err != nil:
			return nil, err
		case known != nil:
			return with[T](ctx, known.object)
		}
		return withClaims[T](ctx, s, shape)
	}), nil
}
