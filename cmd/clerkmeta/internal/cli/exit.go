package cli

import (
	"context"
	"errors"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// The exit codes of the commands that talk to Clerk, one for each kind of error
// that a script would treat in its own way. Like the others they do not change.
const (
	// ExitNotFound is for a user, organization or membership that does not exist.
	ExitNotFound = 5
	// ExitUnauthorized is for a key that is missing, is no key or is refused.
	ExitUnauthorized = 6
	// ExitInvalid is for what cannot be sent or was found faulty by Clerk, what
	// is too large included.
	ExitInvalid = 7
	// ExitConflict is for what does not allow the write as things stand.
	ExitConflict = 8
	// ExitRateLimited is for a rate limit, Clerk's or our own, that left no room
	// in time.
	ExitRateLimited = 9
	// ExitUnavailable is for a Clerk that did not answer or was at fault, where
	// nothing was written.
	ExitUnavailable = 10
	// ExitUnknown is for a write that may or may not have been applied.
	ExitUnknown = 11
	// ExitDeclined is for a write that the user declined, or could not be asked about.
	ExitDeclined = 12
	// ExitDifferent is for a difference that diff --exit-code found.
	ExitDifferent = 13
	// ExitInterrupted is for a command that a signal ended before it was done.
	ExitInterrupted = 130
)

// exitCodes is the exit codes in help texts.
const exitCodes = `Exit codes: 0 done, 1 failed, 2 wrong use, 3 a file was refused, 4 the address
cannot be listened on, 5 not found, 6 the key is missing or refused, 7 invalid
or too large, 8 conflict, 9 rate limited, 10 Clerk cannot be reached or is at
fault, 11 it is unknown whether the write was applied, 12 the write was
declined, 13 different (diff --exit-code), 14 some changes were not applied (plan,
apply), 130 interrupted.`

// exitCode returns the exit code for an error.
func exitCode(err error) int {
	var f *failure
	if errors.As(err, &f) {
		return f.code
	}
	var e *clerkerr.Error
	if !errors.As(err, &e) {
		if errors.Is(err, context.Canceled) {
			return ExitInterrupted
		}
		return ExitFailure
	}
	// What became of a write matters more than why its answer did not come.
	if e.Outcome == clerkerr.OutcomeUnknown {
		return ExitUnknown
	}
	if errors.Is(err, context.Canceled) {
		return ExitInterrupted
	}
	for _, kind := range []struct {
		is   error
		code int
	}{
		{clerkerr.ErrNotFound, ExitNotFound},
		{clerkerr.ErrUnauthorized, ExitUnauthorized},
		{clerkerr.ErrForbidden, ExitUnauthorized},
		{clerkerr.ErrInvalid, ExitInvalid},
		{clerkerr.ErrTooLarge, ExitInvalid},
		{clerkerr.ErrConflict, ExitConflict},
		{clerkerr.ErrRateLimited, ExitRateLimited},
		{clerkerr.ErrLocalLimit, ExitRateLimited},
	} {
		if errors.Is(err, kind.is) {
			return kind.code
		}
	}
	if e.Outcome == clerkerr.OutcomeApplied {
		return ExitFailure
	}
	if errors.Is(err, clerkerr.ErrServer) || errors.Is(err, clerkerr.ErrTransport) {
		return ExitUnavailable
	}
	return ExitFailure
}
