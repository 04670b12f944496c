package riverwrites

import (
	"errors"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// States of a write, as they are stored.
const (
	pending = "pending"
	applied = "applied"
	refused = "refused"
)

// verdict is what became of a request, as it is stored: typed fields, and no value.
type verdict struct {
	state   string // pending: send it again
	outcome string
	status  int
	code    string
	param   string
	traceID string
	text    string

	after time.Duration // Retry-After
	// alone reports that a part of the request could be accepted.
	alone bool
}

// judge decides by the outcome of a call. A credential that Clerk refuses is no fault of a
// write: it is sent again once the operator has put that right.
func judge(err error) verdict {
	v := verdict{state: pending, outcome: clerkerr.OutcomeUnknown.String()}
	if err == nil {
		return verdict{state: applied, outcome: clerkerr.OutcomeApplied.String()}
	}
	v.text = printable(err.Error(), 1024)
	var e *clerkerr.Error
	if !errors.As(err, &e) {
		return v
	}
	v.outcome, v.status, v.after = e.Outcome.String(), e.Status, e.RetryAfter
	v.code, v.param, v.traceID = printable(e.Code(), 128), printable(e.Param(), 128), printable(e.TraceID, 128)
	switch e.Outcome {
	case clerkerr.OutcomeApplied:
		v.state = applied
	case clerkerr.OutcomeNotApplied:
		content := errors.Is(e, clerkerr.ErrInvalid) || errors.Is(e, clerkerr.ErrTooLarge) ||
			errors.Is(e, clerkerr.ErrConflict) && !errors.Is(e, clerkerr.ErrLocked)
		if content || errors.Is(e, clerkerr.ErrNotFound) {
			v.state, v.alone = refused, content
		}
	case clerkerr.OutcomeUnknown: // it may be applied, and is sent again
	}
	return v
}

// printable makes a server's text fit a column and a terminal.
func printable(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}

// backoffMost bounds the wait after failures that ask for none.
const backoffMost = time.Minute

// backoff is the wait after failures in a row: full jitter over twice as long each time, and
// never less than Retry-After.
func backoff(failures int, after time.Duration) time.Duration {
	most := min(time.Second<<min(failures, 6), backoffMost)
	return max(after, time.Duration(rand.Int64N(int64(most)))+time.Second) //nolint:gosec // a jitter
}
