package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// The exit codes, one for each kind of error that a script can treat separately. Users
// rely on them: they do not change.
const (
	// ExitOK is for success, an end by signal included.
	ExitOK = 0
	// ExitFailure is for a failure without another code.
	ExitFailure = 1
	// ExitUsage is for an unknown command or flag, or a flag's value that is not allowed.
	ExitUsage = 2
	// ExitFile is for a file that cannot be read or is refused.
	ExitFile = 3
	// ExitListen is for an address that cannot be listened on.
	ExitListen = 4
	// ExitNotFound is for a user, organization or membership that does not exist.
	ExitNotFound = 5
	// ExitUnauthorized is for a key that is missing, is no key or is refused.
	ExitUnauthorized = 6
	// ExitInvalid is for values that cannot be sent, are too large or that Clerk refuses.
	ExitInvalid = 7
	// ExitConflict is for a state that does not allow the write.
	ExitConflict = 8
	// ExitRateLimited is for a rate limit, Clerk's or the client's, without room in time.
	ExitRateLimited = 9
	// ExitUnavailable is for Clerk not answering or failing, with nothing written.
	ExitUnavailable = 10
	// ExitUnknown is for a write that may or may not have been applied.
	ExitUnknown = 11
	// ExitDeclined is for a write that the user declined, or could not be asked about.
	ExitDeclined = 12
	// ExitDifferent is for a difference that diff --exit-code found.
	ExitDifferent = 13
	// ExitPartly is for changes that were not applied, or of a plan cannot be made.
	ExitPartly = 14
	// ExitInterrupted is for a command that a signal ended before it was done.
	ExitInterrupted = 130
)

// exit is an exit code with a word for scripts and its meaning.
type exit struct {
	code          int
	name, meaning string
}

// exits is every exit code.
func exits() []exit {
	return []exit{
		{ExitOK, "ok", "done"},
		{ExitFailure, "failed", "failed"},
		{ExitUsage, "usage", "wrong use"},
		{ExitFile, "file", "a file was refused"},
		{ExitListen, "listen", "the address cannot be listened on"},
		{ExitNotFound, "not_found", "not found"},
		{ExitUnauthorized, "unauthorized", "the key is missing or refused"},
		{ExitInvalid, "invalid", "invalid or too large"},
		{ExitConflict, "conflict", "conflict"},
		{ExitRateLimited, "rate_limited", "rate limited"},
		{ExitUnavailable, "unavailable", "Clerk cannot be reached or is at fault"},
		{ExitUnknown, "unknown", "it is unknown whether the write was applied"},
		{ExitDeclined, "declined", "the write was declined"},
		{ExitDifferent, "different", "different (diff --exit-code)"},
		{ExitPartly, "partly", "some changes were not applied (plan, apply)"},
		{ExitInterrupted, "interrupted", "interrupted"},
	}
}

// exitName returns the word for an exit code.
func exitName(code int) string {
	all := exits()
	return all[slices.IndexFunc(all, func(e exit) bool { return e.code == code })].name
}

// exitHelp is the help topic.
func exitHelp() string {
	var b strings.Builder
	b.WriteString("What the exit codes mean. They do not change.\n\n")
	for _, e := range exits() {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.meaning)
	}
	b.WriteString(`
Of Clerk's statuses 401 and 403 are 6; 400, 413, 415 and 422 are 7; 409 is 8; 429 is 9.
After 11, run the command again: it reads first.`)
	return b.String()
}

// exitCode returns the exit code for an error.
func exitCode(err error) int {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	e, ofClient := errors.AsType[*clerkerr.Error](err)
	switch {
	case ofClient && e.Outcome == clerkerr.OutcomeUnknown: // whatever the cause
		return ExitUnknown
	case errors.Is(err, context.Canceled):
		return ExitInterrupted
	case !ofClient:
		return ExitFailure
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
	unavailable := errors.Is(err, clerkerr.ErrServer) || errors.Is(err, clerkerr.ErrTransport)
	if unavailable && e.Outcome != clerkerr.OutcomeApplied {
		return ExitUnavailable
	}
	return ExitFailure
}
