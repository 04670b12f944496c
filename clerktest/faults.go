package clerktest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is what goes wrong with one request. And combines faults:
//
//	clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(3*time.Second))
//	clerktest.Answer(504, "gateway_timeout").And(clerktest.Applied())
//	clerktest.Drop().And(clerktest.Applied())
//
// The operation does not run when the fault answers in its place (Answer, AnswerBody) or
// drops the connection (Drop), unless Applied says so. With every other fault it runs
// first. The zero Fault is Pass.
type Fault struct {
	does        effects
	slowHeaders time.Duration
	slowBody    time.Duration
	err         error
}

// effects are what a Fault does besides waiting, in their JSON form.
type effects struct {
	Status      int               `json:"status,omitempty"`
	Code        string            `json:"code,omitempty"`
	Message     string            `json:"message,omitempty"`
	Body        *string           `json:"body,omitempty"`
	ContentType string            `json:"content_type,omitempty"`
	Header      map[string]string `json:"header,omitempty"`
	Applied     bool              `json:"applied,omitempty"`
	Drop        bool              `json:"drop,omitempty"`
	Truncate    bool              `json:"truncate,omitempty"`
	EndlessBody bool              `json:"endless_body,omitempty"`
}

// Pass leaves one request alone and adds the parts to its answer.
func Pass(parts ...Part) Fault { return Fault{}.with(parts) }

// Answer answers with a status and one error that has a code of Clerk's.
func Answer(status int, code string, parts ...Part) Fault {
	return Fault{does: effects{Status: status, Code: code}}.with(parts)
}

// AnswerBody answers with a status and any body, for example the HTML of an edge
// that never reached Clerk.
func AnswerBody(status int, contentType, body string, parts ...Part) Fault {
	return Fault{does: effects{Status: status, ContentType: contentType, Body: &body}}.with(parts)
}

// Part is a part of one answer: of Answer, AnswerBody or Pass. Of two parts that
// set the same header or message, the last counts.
type Part struct{ does effects }

// Message is the message of an Answer's error, short and long, instead of the
// usual one of its code.
func Message(text string) Part { return Part{effects{Message: text}} }

// Header sets a header of the answer.
func Header(name, value string) Part {
	return Part{effects{Header: map[string]string{http.CanonicalHeaderKey(name): value}}}
}

// RetryAfter sets the header Retry-After, in whole seconds, rounded up.
func RetryAfter(d time.Duration) Part { return Header(headerRetryAfter, wholeSeconds(d)) }

const headerRetryAfter = "Retry-After"

func wholeSeconds(d time.Duration) string {
	seconds := int64(d / time.Second)
	if d%time.Second > 0 {
		seconds++
	}
	return strconv.FormatInt(seconds, 10)
}

// Applied runs the operation and discards its answer: the write is done, and the client
// does not know.
func Applied() Fault { return Fault{does: effects{Applied: true}} }

// Drop closes the connection without an answer. Over a socket, net/http itself may
// repeat a GET when a reused connection is dropped.
func Drop() Fault { return Fault{does: effects{Drop: true}} }

// Truncate sends half of the answer's body and closes the connection.
func Truncate() Fault { return Fault{does: effects{Truncate: true}} }

// EndlessBody sends the start of a JSON object and then blanks while the client reads.
func EndlessBody() Fault { return Fault{does: effects{EndlessBody: true}} }

// SlowHeaders waits before the answer is sent.
func SlowHeaders(d time.Duration) Fault { return Fault{slowHeaders: d} }

// SlowBody waits after half of the answer's body. Like SlowHeaders it stops waiting when
// the client disconnects.
func SlowBody(d time.Duration) Fault { return Fault{slowBody: d} }

func (f Fault) with(parts []Part) Fault {
	for _, p := range parts {
		f = f.And(Fault{does: p.does})
	}
	return f
}

// And returns a fault that does what both do. If both set a header, other's counts.
// Script refuses faults that exclude each other: two answers, a dropped connection with
// an answer or a body.
func (f Fault) And(other Fault) Fault {
	a, b := f.does, other.does
	f.err = errors.Join(f.err, other.err)
	if a.Status != 0 && b.Status != 0 {
		f.err = errors.Join(f.err, errors.New("two answers"))
	}
	header := map[string]string{}
	maps.Copy(header, a.Header)
	maps.Copy(header, b.Header)
	f.does = effects{
		Status: cmp.Or(b.Status, a.Status), Code: cmp.Or(b.Code, a.Code), Message: cmp.Or(b.Message, a.Message),
		Body: cmp.Or(b.Body, a.Body), ContentType: cmp.Or(b.ContentType, a.ContentType), Header: header,
		Applied: a.Applied || b.Applied, Drop: a.Drop || b.Drop,
		Truncate: a.Truncate || b.Truncate, EndlessBody: a.EndlessBody || b.EndlessBody,
	}
	f.slowHeaders += other.slowHeaders
	f.slowBody += other.slowBody
	return f
}

// String describes the fault.
func (f Fault) String() string {
	var parts []string
	add := func(holds bool, part string) {
		if holds {
			parts = append(parts, part)
		}
	}
	does := f.does
	add(does.Status != 0, fmt.Sprintf("answer %d %s", does.Status, cmp.Or(does.Code, does.ContentType)))
	add(does.Message != "", "message")
	for _, name := range slices.Sorted(maps.Keys(does.Header)) {
		add(true, "header "+name)
	}
	add(does.Applied, "applied")
	add(does.Drop, "drop")
	add(does.Truncate, "truncate")
	add(does.EndlessBody, "endless body")
	add(f.slowHeaders != 0, "slow headers "+f.slowHeaders.String())
	add(f.slowBody != 0, "slow body "+f.slowBody.String())
	return cmp.Or(strings.Join(parts, ", "), "pass")
}

func (f Fault) check() error {
	does := f.does
	switch {
	case f.err != nil:
		return f.err
	case does.Status != 0 && (does.Status < 200 || does.Status > 599):
		return fmt.Errorf("status %d is outside 200 to 599", does.Status)
	case f.slowHeaders < 0 || f.slowBody < 0:
		return errors.New("a wait is negative")
	case does.Truncate && does.EndlessBody:
		return errors.New("a body cannot be both endless and cut short")
	case does.Drop && (does.Status != 0 || does.Truncate || does.EndlessBody || f.slowBody != 0 || len(does.Header) > 0):
		return errors.New("a dropped connection has no answer")
	case does.Message != "" && does.Code == "":
		return errors.New("a message needs an Answer")
	case does.Applied && does.Status == 0 && !does.Drop:
		return errors.New("Applied needs an Answer or a Drop: every other fault applies the write anyway")
	}
	return nil
}

// runs reports whether the operation runs.
func (f Fault) runs() bool { return f.does.Applied || f.does.Status == 0 && !f.does.Drop }

// alter makes the operation's answer, or no answer at all, the fault's.
func (f Fault) alter(a *answer, trace string) {
	does := f.does
	switch {
	case does.Body != nil:
		*a = answer{status: does.Status, header: http.Header{"Content-Type": {does.ContentType}}, body: []byte(*does.Body)}
	case does.Status != 0:
		p := fail(does.Status, does.Code)
		e := &p.entries[0]
		e.Message, e.LongMessage = cmp.Or(does.Message, e.Message), cmp.Or(does.Message, e.LongMessage)
		*a = p.answer(trace)
	case a.header == nil:
		a.header = http.Header{}
	}
	for name, value := range does.Header {
		a.header.Set(name, value)
	}
}

// send writes the answer as the fault says.
func (f Fault) send(w http.ResponseWriter, r *http.Request, a answer) {
	if wait(r.Context(), f.slowHeaders) != nil || f.does.Drop {
		abort()
	}
	maps.Copy(w.Header(), a.header)
	half := len(a.body) / 2
	if f.does.EndlessBody {
		a.body, half = []byte("{"), 1
	} else {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	// Writes fail when the client has disconnected, which needs no answer.
	if f.does.Truncate || f.does.EndlessBody || f.slowBody > 0 {
		_, _ = w.Write(a.body[:half])
		a.body = a.body[half:]
		_ = http.NewResponseController(w).Flush()
	}
	if wait(r.Context(), f.slowBody) != nil || f.does.Truncate {
		abort()
	}
	for blanks := bytes.Repeat([]byte(" "), 4096); f.does.EndlessBody; {
		if _, err := w.Write(blanks); err != nil {
			abort()
		}
	}
	_, _ = w.Write(a.body)
}

// abort closes the connection.
func abort() {
	panic(http.ErrAbortHandler) //nolint:forbidigo // the way that net/http documents
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
