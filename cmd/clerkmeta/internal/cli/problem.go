package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"syscall"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// problem is an error as people and scripts get it.
type problem struct {
	// Message says in one line what is wrong, Hint what to do next.
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Code is the word for the exit code.
	Code string `json:"code"`
	Exit int    `json:"exit_code"`
	// Status, ClerkCode and TraceID are those of the last answer, if one came.
	Status    int    `json:"status,omitempty"`
	ClerkCode string `json:"clerk_code,omitempty"`
	TraceID   string `json:"trace_id,omitempty"`
}

// failure is an error with its exit code, and what to do next if that is known. The text, if
// it has one, replaces that of the error.
type failure struct {
	code int
	err  error
	next string
	text string
}

func (f *failure) Error() string { return cmp.Or(f.text, f.err.Error()) }
func (f *failure) Unwrap() error { return f.err }

func failed(code int, format string, args ...any) *failure {
	return &failure{code: code, err: fmt.Errorf(format, args...)}
}

func (f *failure) hint(format string, args ...any) *failure {
	f.next = fmt.Sprintf(format, args...)
	return f
}

type about struct {
	id  entity.ID
	err error
}

func (a *about) Error() string { return a.err.Error() }
func (a *about) Unwrap() error { return a.err }

// peer is the instance that a run talks to, for errors.
type peer struct {
	host string
	key  string // "live" or "development"
}

// String returns "api.clerk.com (development key)".
func (p *peer) String() string {
	if p.host == "" {
		return "Clerk"
	}
	return p.host + " (" + p.key + " key)"
}

// present returns an error as people and scripts get it. It is the only place that
// chooses the words for errors of the client.
func (p *peer) present(err error) problem {
	said := problem{Exit: exitCode(err)}
	said.Code = exitName(said.Exit)
	text := err.Error()
	if e, ok := errors.AsType[*clerkerr.Error](err); ok {
		var id entity.ID
		if a, ok := errors.AsType[*about](err); ok {
			id = a.id
		}
		var words string
		words, said.Hint = p.words(e, id)
		text = strings.Replace(text, e.Error(), words, 1)
		said.Status, said.ClerkCode, said.TraceID = e.Status, oneLine(e.Code()), oneLine(e.TraceID)
	}
	text = strings.Replace(text, context.Canceled.Error(), "interrupted", 1)
	if f, ok := errors.AsType[*failure](err); ok && f.next != "" {
		said.Hint = f.next
	}
	said.Message, said.Hint = oneLine(text), oneLine(said.Hint)
	return said
}

// words describes an error of the client, and what to do next.
func (p *peer) words(e *clerkerr.Error, id entity.ID) (words, hint string) {
	words, hint = p.cause(e, id)
	if e.Outcome == clerkerr.OutcomeUnknown {
		return "it is unknown whether the write was applied: " + words, "run it again: it reads first, and sends only what still differs"
	}
	if e.Outcome == clerkerr.OutcomeApplied {
		return words + "; the write was applied", hint
	}
	return words, hint
}

func (p *peer) cause(e *clerkerr.Error, id entity.ID) (words, hint string) {
	if id == (entity.ID{}) {
		id.UserID = e.Entity
	}
	answer := fmt.Sprintf(" (status %d)", e.Status)
	if e.Code() != "" {
		answer = fmt.Sprintf(" (status %d, %s)", e.Status, e.Details[0])
	}
	attempts := ""
	if e.Attempts > 1 {
		attempts = fmt.Sprintf(" after %d attempts", e.Attempts)
	}
	switch {
	case errors.Is(e, clerkerr.ErrNotFound) && id != entity.ID{}:
		words = fmt.Sprintf("no %s at %s", id, p)
		if e.Status == 0 { // the answer was a list, and the error may say more
			words += strings.TrimPrefix(e.Err.Error(), clerkerr.ErrNotFound.Error())
		}
		return words, "check the id, and that the key belongs to its instance"
	case e.Status == 0 && e.Attempts == 0:
		return strings.TrimPrefix(e.Error(), "clerk: "+e.Operation+": "), ""
	case errors.Is(e, context.Canceled):
		return "interrupted", ""
	case errors.Is(e, clerkerr.ErrLocalLimit):
		return clerkerr.ErrLocalLimit.Error() + attempts, "run it again, with fewer at once or a higher --rate"
	}
	for _, c := range classes() {
		if c.words == "" || !errors.Is(e, c.is) {
			continue
		}
		if errors.Is(c.is, clerkerr.ErrRateLimited) && e.RetryAfter > 0 {
			c.hint = fmt.Sprintf("run it again in %s", e.RetryAfter)
		}
		return p.String() + " " + c.words + answer + attempts, c.hint
	}
	switch {
	case errors.Is(e, clerkerr.ErrDecode):
		return fmt.Sprintf("the answer from %s was not understood: %v", p, e.Err), "check " + client.EnvAPIURL
	case e.Status != 0 && e.Err == nil:
		return p.String() + " refused the request" + answer, ""
	}
	return p.unreached(e, attempts)
}

func (p *peer) unreached(e *clerkerr.Error, attempts string) (words, hint string) {
	timeout, isTimeout := errors.AsType[net.Error](e.Err)
	_, noName := errors.AsType[*net.DNSError](e.Err)
	hint = "check the network and " + client.EnvAPIURL
	switch {
	case errors.Is(e, syscall.ECONNREFUSED):
		words = "nothing listens at " + p.String()
		if host, _, _ := net.SplitHostPort(p.host); host == "localhost" || net.ParseIP(host).IsLoopback() {
			hint = "start an emulator there (clerkmeta emulate), or check " + client.EnvAPIURL
		}
	case noName:
		words = "the name of " + p.String() + " cannot be resolved"
	case isTimeout && timeout.Timeout() || errors.Is(e, context.DeadlineExceeded):
		words = p.String() + " did not answer in time"
	default:
		words = fmt.Sprintf("no complete answer from %s: %v", p, e.Err)
	}
	return words + attempts, hint
}

// oneLine returns a text in one line, without a secret key that was given in place of
// something else, and with what could control a terminal escaped.
func oneLine(text string) string {
	key := regexp.MustCompile(`(sk_(?:live|test)_)[0-9A-Za-z_-]+`)
	text = key.ReplaceAllString(strings.TrimSpace(text), "${1}(redacted)")
	return visible(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text))
}
