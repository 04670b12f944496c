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

// parseFailure reads a failed answer. Anything between us and Clerk may have written its
// body, so what is not JSON or has another shape is skipped.
func parseFailure(h http.Header, raw []byte) clerkerr.Error {
	var body map[string]any
	_ = json.Unmarshal(raw, &body)
	list, _ := body["errors"].([]any)
	f := clerkerr.Error{TraceID: text(body["clerk_trace_id"]), RetryAfter: parseRetryAfter(h, time.Now())}
	for _, item := range list {
		entry, _ := item.(map[string]any)
		meta, _ := entry["meta"].(map[string]any)
		d := clerkerr.Detail{
			Code: text(entry["code"]), Param: text(meta["param_name"]),
			Message: text(entry["message"]), LongMessage: text(entry["long_message"]),
		}
		if d != (clerkerr.Detail{}) {
			f.Details = append(f.Details, d)
		}
	}
	return f
}

// text is a JSON string, "" for any other value.
func text(value any) string {
	s, _ := value.(string)
	return s
}

// asError returns the error of a call that did not succeed; rejected is why its success
// answer was not understood.
func (c *call) asError(ctx context.Context, rejected error) *clerkerr.Error {
	e := c.answered.failure
	e.Operation, e.Status, e.Attempts = c.Operation, c.answered.status, c.attempts
	e.Outcome, e.Read, e.Stop = c.outcome, !c.Write, c.stop
	e.Body = bytes.Clone(c.answered.body[:min(len(c.answered.body), maxErrorBody)])
	switch {
	case rejected != nil:
		e.Err = rejected
	case c.stop == clerkerr.StopCanceled:
		e.Err = c.scrub(c.ended(ctx))
	case c.refused:
		e.Err = c.scrub(c.last.err)
	case errors.Is(c.last.err, clerkerr.ErrDecode):
		e.Err = c.last.err
	case c.last.err != nil:
		e.Err = fmt.Errorf("%w: %w", clerkerr.ErrTransport, c.scrub(c.last.err))
	}
	return &e
}

// scrub removes from an error the URL, whose query can hold a credential, and
// replaces the secrets that are left in its text.
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
	return &scrubbed{secret.New(err, clean)}
}

// unquoted cuts an error's text where net/http quotes an answer that is not HTTP, since
// that can hold data.
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

// redact replaces the call's secret in text.
func (c *call) redact(text string) string {
	if c.Secret == "" {
		return text
	}
	for _, form := range []string{c.Secret, url.QueryEscape(c.Secret), url.PathEscape(c.Secret)} {
		text = strings.ReplaceAll(text, form, "[redacted]")
	}
	return text
}

// redactFailure replaces the call's secret in what prints of an answer.
func (c *call) redactFailure(f *clerkerr.Error) {
	for i, d := range f.Details {
		f.Details[i].Code, f.Details[i].Param = c.redact(d.Code), c.redact(d.Param)
	}
	f.TraceID = c.redact(f.TraceID)
}

// scrubbed replaces an error whose text held a secret. It is that error to errors.Is, but
// does not unwrap to it: code that walks the chain would print it.
type scrubbed struct{ secret.Value[error] }

func (s *scrubbed) Error() string { return s.String() }

// Is reports whether the cause is target.
func (s *scrubbed) Is(target error) bool { return errors.Is(secret.Reveal(s.Value), target) }

// Timeout makes it a net.Error where the cause is one.
func (s *scrubbed) Timeout() bool {
	var cause net.Error
	return errors.As(secret.Reveal(s.Value), &cause) && cause.Timeout()
}

// Temporary is the other method of net.Error; its meaning is not defined.
func (s *scrubbed) Temporary() bool { return s.Timeout() }
