package clerktest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
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
// The operation itself does not run when the fault answers in its place (Answer,
// AnswerBody) or drops the connection (Drop), unless Applied says so. With every
// other fault it runs first. The zero Fault is Pass.
type Fault struct {
	name        string
	status      int
	code        string
	message     string
	body        []byte
	contentType string
	header      http.Header
	applied     bool
	drop        bool
	truncate    bool
	endless     bool
	slowHeaders time.Duration
	slowBody    time.Duration
	err         error
}

// Pass lets one request through and adds the parts to its answer.
func Pass(parts ...Part) Fault { return Fault{}.with(parts) }

// Answer answers with a status and one error with a code of Clerk's.
func Answer(status int, code string, parts ...Part) Fault {
	return Fault{name: fmt.Sprintf("answer %d %s", status, code), status: status, code: code}.with(parts)
}

// AnswerBody answers with a status and any body, for example the HTML of an edge
// that never reached Clerk.
func AnswerBody(status int, contentType, body string, parts ...Part) Fault {
	f := Fault{name: fmt.Sprintf("answer %d %s", status, contentType), status: status, contentType: contentType, body: []byte(body)}
	return f.with(parts)
}

// Part is a part of one answer: of Answer, AnswerBody or Pass. Of two parts that
// set the same header or message, the last counts.
type Part struct{ fault Fault }

// Message is the message of an Answer's error, short and long, instead of the
// usual one of its code.
func Message(text string) Part { return Part{Fault{name: "message", message: text}} }

// Header sets a header of the answer.
func Header(name, value string) Part {
	return Part{Fault{name: "header " + name, header: http.Header{http.CanonicalHeaderKey(name): {value}}}}
}

// RetryAfter sets the header Retry-After, in whole seconds, rounded up.
func RetryAfter(d time.Duration) Part {
	seconds := int64(d / time.Second)
	if d%time.Second > 0 {
		seconds++
	}
	return Header(headerRetryAfter, strconv.FormatInt(seconds, 10))
}

// Applied runs the operation and discards its answer: the write is done and the
// client does not learn of it.
func Applied() Fault { return Fault{name: "applied", applied: true} }

// Drop closes the connection without an answer. Over a socket, net/http itself may
// repeat a GET when a reused connection is dropped.
func Drop() Fault { return Fault{name: "drop", drop: true} }

// Truncate sends half of the answer's body and closes the connection.
func Truncate() Fault { return Fault{name: "truncate", truncate: true} }

// EndlessBody sends the start of a JSON object and then blanks for as long as
// the client reads.
func EndlessBody() Fault { return Fault{name: "endless body", endless: true} }

// SlowHeaders waits before the answer is sent.
func SlowHeaders(d time.Duration) Fault {
	return Fault{name: "slow headers " + d.String(), slowHeaders: d}
}

// SlowBody waits after half of the answer's body. Like SlowHeaders it gives up
// when the client goes away.
func SlowBody(d time.Duration) Fault {
	return Fault{name: "slow body " + d.String(), slowBody: d}
}

func (f Fault) with(parts []Part) Fault {
	for _, p := range parts {
		f = f.And(p.fault)
	}
	return f
}

// And returns a fault that does what both do; of a header that both set, other's
// counts. Faults that exclude each other (two answers, a dropped connection with an
// answer or a body) are an error of Script.
func (f Fault) And(other Fault) Fault {
	f.err = errors.Join(f.err, other.err)
	if f.status != 0 && other.status != 0 {
		f.err = errors.Join(f.err, errors.New("two answers"))
	}
	f.name = strings.Trim(f.name+", "+other.name, ", ")
	if other.status != 0 {
		f.status, f.code, f.body, f.contentType = other.status, other.code, other.body, other.contentType
	}
	f.message = cmp.Or(other.message, f.message)
	if other.header != nil {
		header := http.Header{}
		maps.Copy(header, f.header)
		maps.Copy(header, other.header)
		f.header = header
	}
	f.applied = f.applied || other.applied
	f.drop = f.drop || other.drop
	f.truncate = f.truncate || other.truncate
	f.endless = f.endless || other.endless
	f.slowHeaders += other.slowHeaders
	f.slowBody += other.slowBody
	return f
}

// String describes the fault.
func (f Fault) String() string { return cmp.Or(f.name, "pass") }

func (f Fault) check() error {
	switch {
	case f.err != nil:
		return f.err
	case f.status != 0 && (f.status < 200 || f.status > 599):
		return fmt.Errorf("status %d is outside 200 to 599", f.status)
	case f.slowHeaders < 0 || f.slowBody < 0:
		return errors.New("a wait is negative")
	case f.truncate && f.endless:
		return errors.New("a body cannot be both endless and cut short")
	case f.drop && (f.status != 0 || f.truncate || f.endless || f.slowBody != 0 || f.header != nil):
		return errors.New("a dropped connection has no answer")
	case f.message != "" && f.code == "":
		return errors.New("a message needs an Answer")
	case f.applied && f.status == 0 && !f.drop:
		return errors.New("Applied needs an Answer or a Drop: every other fault applies the write anyway")
	}
	return nil
}

// runs reports whether the operation itself runs.
func (f Fault) runs() bool { return f.applied || (f.status == 0 && !f.drop) }

// alter makes the operation's answer, or no answer at all, the fault's.
func (f Fault) alter(a *answer, trace string) {
	switch {
	case f.contentType != "" || f.body != nil:
		*a = answer{status: f.status, header: http.Header{"Content-Type": {f.contentType}}, body: f.body}
	case f.status != 0:
		p := fail(f.status, f.code)
		if f.message != "" {
			p.entries[0].Message, p.entries[0].LongMessage = f.message, f.message
		}
		*a = p.answer(trace)
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	maps.Copy(a.header, f.header)
}

// send writes the answer as the fault says.
func (f Fault) send(w http.ResponseWriter, r *http.Request, a answer) {
	if wait(r.Context(), f.slowHeaders) != nil || f.drop {
		abort()
	}
	maps.Copy(w.Header(), a.header)
	if !f.endless {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	first, rest := a.body, []byte(nil)
	switch {
	case f.endless:
		first = []byte("{")
	case f.truncate, f.slowBody > 0:
		half := len(a.body) / 2
		first, rest = a.body[:half], a.body[half:]
	}
	// A client that went away makes writes fail; there is nothing left to do.
	_, _ = w.Write(first)
	if f.endless || rest != nil {
		_ = http.NewResponseController(w).Flush()
	}
	if wait(r.Context(), f.slowBody) != nil || f.truncate {
		abort()
	}
	for blanks := bytes.Repeat([]byte(" "), 4096); f.endless; {
		if _, err := w.Write(blanks); err != nil {
			abort()
		}
	}
	_, _ = w.Write(rest)
}

// abort closes the connection.
func abort() {
	panic(http.ErrAbortHandler) //nolint:forbidigo // the way that net/http documents
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
