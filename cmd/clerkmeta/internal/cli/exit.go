package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// The exit codes, one for each kind of error that a script can treat separately. Users
// rely on them: they do not change. The table in exits has their meanings.
const (
	ExitOK           = 0
	ExitFailure      = 1
	ExitUsage        = 2
	ExitFile         = 3
	ExitListen       = 4
	ExitNotFound     = 5
	ExitUnauthorized = 6
	ExitInvalid      = 7
	ExitConflict     = 8
	ExitRateLimited  = 9
	ExitUnavailable  = 10
	ExitUnknown      = 11
	ExitDeclined     = 12
	ExitDifferent    = 13
	ExitPartly       = 14
	ExitInterrupted  = 130
)

// exit is an exit code with a word for scripts and its meaning.
type exit struct {
	code          int
	name, meaning string
}

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
		{ExitPartly, "partly", "some changes were not applied (plan, apply, undo, transform)"},
		{ExitInterrupted, "interrupted", "interrupted"},
	}
}

func exitName(code int) string {
	all := exits()
	return all[slices.IndexFunc(all, func(e exit) bool { return e.code == code })].name
}

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

// class is how the command reports a class of the client's errors: with an exit code, and
// with words that follow the name of the instance.
type class struct {
	is          error
	code        int
	words, hint string
}

// classes are in the order of precedence.
func classes() []class {
	return []class{
		{clerkerr.ErrNotFound, ExitNotFound, "does not have it", "check the ids, the key and " + client.EnvAPIURL},
		{clerkerr.ErrUnauthorized, ExitUnauthorized, "refused the key", "check that the key is complete and belongs to this instance; the dashboard has it under API keys"},
		{clerkerr.ErrForbidden, ExitUnauthorized, "does not allow this with the key", ""},
		{clerkerr.ErrLocalLimit, ExitRateLimited, "", ""},
		{clerkerr.ErrTooLarge, ExitInvalid, "refused the write as too large", ""},
		{clerkerr.ErrInvalid, ExitInvalid, "refused the request as invalid", ""},
		{clerkerr.ErrConflict, ExitConflict, "does not allow the change now", ""},
		{clerkerr.ErrRateLimited, ExitRateLimited, "limits the rate", "run it again later"},
		{clerkerr.ErrServer, ExitUnavailable, "failed", "run it again later"},
		{clerkerr.ErrTransport, ExitUnavailable, "", ""},
		{clerkerr.ErrRedirect, ExitFailure, "answered with a redirect, which is not followed", "check " + client.EnvAPIURL},
	}
}

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
	all := classes()
	i := slices.IndexFunc(all, func(c class) bool { return errors.Is(err, c.is) })
	if i < 0 || all[i].code == ExitUnavailable && e.Outcome == clerkerr.OutcomeApplied {
		return ExitFailure
	}
	return all[i].code
}
