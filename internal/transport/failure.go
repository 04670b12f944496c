package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

// failure is what an answer that is no success says of itself.
type failure struct {
	details    []clerkerr.Detail
	traceID    string
	retryAfter time.Duration
}

func (f *failure) has(code string) bool {
	for _, d := range f.details {
		if d.Code == code {
			return true
		}
	}
	return false
}

// errorBody is Clerk's error envelope, read leniently: it may come from
// anything between us and Clerk.
type errorBody struct {
	Errors []struct {
		Code        text            `json:"code"`
		Message     text            `json:"message"`
		LongMessage text            `json:"long_message"`
		Meta        json.RawMessage `json:"meta"`
	} `json:"errors"`
	TraceID text `json:"clerk_trace_id"`
}

// text is a JSON string; anything else reads as "", so that one odd field does
// not cost the others.
type text string

// UnmarshalJSON never fails.
func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*t = text(s)
	}
	return nil
}

func parseFailure(h http.Header, raw []byte) failure {
	f := failure{retryAfter: parseRetryAfter(h, time.Now())}
	var body errorBody
	// A body that is not JSON, an edge's HTML say, leaves the status to speak;
	// JSON of another shape is read as far as it goes.
	_ = json.Unmarshal(raw, &body)
	for _, e := range body.Errors {
		d := clerkerr.Detail{
			Code: string(e.Code), Message: string(e.Message), LongMessage: string(e.LongMessage),
			Param: paramName(e.Meta),
		}
		if d != (clerkerr.Detail{}) {
			f.details = append(f.details, d)
		}
	}
	f.traceID = string(body.TraceID)
	return f
}

func paramName(meta json.RawMessage) string {
	var m struct {
		ParamName text `json:"param_name"`
	}
	_ = json.Unmarshal(meta, &m) // no meta, or one of another shape, names nothing
	return string(m.ParamName)
}

// traceID prefers the body's, then the headers that Clerk's own clients read.
func traceID(body string, h http.Header) string {
	for _, id := range []string{body, h.Get(headerTraceID), h.Get(headerRay)} {
		if id != "" {
			return id
		}
	}
	return ""
}

// asError is the error of a call that did not succeed.
func (c *call) asError(ctx context.Context) *clerkerr.Error {
	e := &clerkerr.Error{
		Operation:  c.Operation,
		Status:     c.answered.status,
		Details:    c.answered.failure.details,
		TraceID:    c.answered.failure.traceID,
		RetryAfter: c.answered.failure.retryAfter,
		Attempts:   c.attempts,
		Outcome:    c.outcome,
		Read:       !c.Write,
		Stop:       c.stop,
		Body:       keep(c.answered.body),
	}
	switch {
	case c.rejected != nil:
		e.Err = c.rejected
	case c.stop == clerkerr.StopCanceled:
		e.Err = c.scrub(c.ended(ctx))
	case c.refused:
		e.Err = c.scrub(c.last.err)
	case errors.Is(c.last.err, clerkerr.ErrDecode):
		e.Err = c.last.err
	case c.last.err != nil:
		e.Err = fmt.Errorf("%w: %w", clerkerr.ErrTransport, c.scrub(c.last.err))
	}
	return e
}

// keep copies the start of a body for the error.
func keep(body []byte) clerkerr.Body {
	return bytes.Clone(body[:min(len(body), maxErrorBody)])
}

// scrub takes the URL out of an error, whose query can hold a credential, and
// hides whatever secret is left in its text.
func (c *call) scrub(err error) error {
	for {
		withURL, ok := err.(*url.Error) //nolint:errorlint // one further down is dealt with below
		if !ok || withURL.Err == nil {
			break
		}
		err = withURL.Err
	}
	said := err.Error()
	clean := said
	var withURL *url.Error
	for cause := err; errors.As(cause, &withURL) && withURL.Err != nil; cause = withURL.Err {
		clean = strings.ReplaceAll(clean, withURL.Error(), withURL.Err.Error())
	}
	if query := c.Request.URL.RawQuery; query != "" {
		clean = strings.ReplaceAll(clean, "?"+query, "")
	}
	clean = c.redact(unquoted(clean))
	if clean == said {
		return err
	}
	return &scrubbed{said: clean, cause: func() error { return err }}
}

// unquoted ends an error's text where net/http goes on to quote an answer that
// is no HTTP: it can hold whatever was sent or stored.
func unquoted(text string) string {
	for _, words := range []string{
		"malformed ", "bad Content-Length", "multiple Content-Length headers",
		"unsupported transfer encoding", "too many transfer encodings", "debug=",
	} {
		before, after, found := strings.Cut(text, words)
		if quote := strings.IndexAny(after, `":;[`); found && quote >= 0 {
			return before + words + after[:quote]
		}
	}
	return text
}

// redact hides the call's secrets in a text that someone else wrote.
func (c *call) redact(text string) string {
	for _, s := range c.Secrets {
		if s == "" {
			continue
		}
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			text = strings.ReplaceAll(text, form, "[redacted]")
		}
	}
	return text
}

// redactFailure hides the call's secrets in what prints of an answer.
func (c *call) redactFailure(f *failure) {
	for i, d := range f.details {
		f.details[i].Code, f.details[i].Param = c.redact(d.Code), c.redact(d.Param)
	}
	f.traceID = c.redact(f.traceID)
}

// scrubbed stands for an error whose text held a secret. It compares as that
// error but does not unwrap to it: what walks the chain would print it. What
// prints every field finds a function.
type scrubbed struct {
	said  string
	cause func() error
}

func (s *scrubbed) Error() string { return s.said }

// Is reports whether the cause is target.
func (s *scrubbed) Is(target error) bool { return errors.Is(s.cause(), target) }

// Timeout makes it a net.Error where the cause is one.
func (s *scrubbed) Timeout() bool {
	var cause net.Error
	return errors.As(s.cause(), &cause) && cause.Timeout()
}

// Temporary is the other method of net.Error; its meaning is not defined.
func (s *scrubbed) Temporary() bool { return s.Timeout() }

// Format writes Error() for every verb.
func (s *scrubbed) Format(f fmt.State, verb rune) { secret.Format(f, verb, s.said) }
