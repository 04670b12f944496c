package clerktest

import (
	"cmp"
	_ "embed" // for the schema
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type scripted struct {
	operation Operation
	fault     Fault
}

// Script applies one fault to each of the next requests of an operation, or of
// AnyOperation, in order; after the last one, requests pass again. If scripts for an
// operation and for AnyOperation both have a fault for a request, the one scripted first
// applies. AnswerBody can answer an operation that the fake does not model.
//
// It returns an error, and scripts nothing, for an operation that Clerk does not have, a
// fault whose parts contradict each other, and a call without faults.
func (c *Clerk) Script(op Operation, faults ...Fault) error {
	if !known(op) {
		return fmt.Errorf("clerktest: operation %q is unknown", op)
	}
	if len(faults) == 0 {
		return fmt.Errorf("clerktest: no fault for %s", op)
	}
	for _, f := range faults {
		if err := f.check(); err != nil {
			return fmt.Errorf("clerktest: fault %q for %s: %w", f, op, err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range faults {
		c.scripts = append(c.scripts, scripted{op, f})
	}
	c.feed.mark(markFaults)
	return nil
}

// Unused describes the scripted faults that have met no request yet, and the scripted
// deliveries that have met no event.
func (c *Clerk) Unused() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var left []string
	for _, s := range c.scripts {
		left = append(left, fmt.Sprintf("%s: %s", s.operation, s.fault))
	}
	for _, d := range c.scriptedDeliveries {
		left = append(left, fmt.Sprintf("event: %s", d))
	}
	return left
}

// take removes and returns the next fault for an operation.
func (c *Clerk) take(op Operation) Fault {
	for i, s := range c.scripts {
		if s.operation == op || s.operation == AnyOperation {
			c.scripts = slices.Delete(c.scripts, i, i+1)
			c.feed.mark(markFaults)
			return s.fault
		}
	}
	return Pass()
}

// faultsSchema describes a faultScript.
//
//go:embed faults.schema.json
var faultsSchema string

// faultScript is what a client posts to faults, and the form in which faults are listed.
type faultScript struct {
	Operation Operation   `json:"operation"`
	Faults    []faultJSON `json:"faults"`
}

// faultJSON is a Fault as JSON; the empty object is Pass.
type faultJSON struct {
	effects
	RetryAfter    *int64 `json:"retry_after,omitempty"`
	SlowHeadersMS int64  `json:"slow_headers_ms,omitempty"`
	SlowBodyMS    int64  `json:"slow_body_ms,omitempty"`
}

func (c *Clerk) controlScript(_ url.Values, body []byte) (any, error) {
	var script faultScript
	if _, err := readDocument(body, faultsSchema, &script); err != nil {
		return nil, err
	}
	faults := make([]Fault, len(script.Faults))
	for i, f := range script.Faults {
		var err error
		if faults[i], err = f.fault(); err != nil {
			return nil, fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	if err := c.Script(script.Operation, faults...); err != nil {
		return nil, err
	}
	return c.controlFaults(nil, nil)
}

// controlFaults answers with the faults left, the oldest first, in the form in
// which they can be posted again.
func (c *Clerk) controlFaults(url.Values, []byte) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := []faultScript{}
	for _, s := range c.scripts {
		if n := len(left); n == 0 || left[n-1].Operation != s.operation {
			left = append(left, faultScript{Operation: s.operation})
		}
		last := &left[len(left)-1]
		last.Faults = append(last.Faults, s.fault.json())
	}
	return map[string]any{"left": left}, nil
}

func (c *Clerk) controlForgetFaults(url.Values, []byte) (any, error) {
	c.mu.Lock()
	c.scripts = nil
	c.mu.Unlock()
	c.feed.mark(markFaults)
	return c.controlFaults(nil, nil)
}

// fault checks what neither the schema nor Script can: which members exclude each
// other, and headers.
func (j faultJSON) fault() (Fault, error) {
	f := Fault{
		does:        j.effects,
		slowHeaders: time.Duration(j.SlowHeadersMS) * time.Millisecond,
		slowBody:    time.Duration(j.SlowBodyMS) * time.Millisecond,
	}
	switch {
	case j.Status != 0 && j.Code == "" && j.Body == nil:
		return f, fmt.Errorf("status %d needs a code of Clerk's, or a body", j.Status)
	case j.Status == 0 && (j.Code != "" || j.Body != nil):
		return f, errors.New("a code or a body needs a status")
	case j.Code != "" && j.Body != nil:
		return f, errors.New("a code and a body cannot go together: the code makes the body")
	case j.ContentType != "" && j.Body == nil:
		return f, errors.New("a content_type needs a body")
	case j.Body != nil:
		f.does.ContentType = cmp.Or(j.ContentType, "application/json")
	}
	f.does.Header = map[string]string{}
	for name, value := range j.Header {
		if !isToken(name) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			return f, fmt.Errorf("the header %q has a name or a value that cannot be sent", name)
		}
		f.does.Header[http.CanonicalHeaderKey(name)] = value
	}
	if j.RetryAfter != nil {
		f.does.Header[headerRetryAfter] = strconv.FormatInt(*j.RetryAfter, 10)
	}
	return f, nil
}

// json is the inverse of fault.
func (f Fault) json() faultJSON {
	j := faultJSON{effects: f.does, SlowHeadersMS: f.slowHeaders.Milliseconds(), SlowBodyMS: f.slowBody.Milliseconds()}
	if j.Status != 0 && j.Code == "" {
		j.Body = cmp.Or(j.Body, new(""))
	}
	j.Header = map[string]string{}
	for name, value := range f.does.Header {
		if seconds, err := strconv.ParseInt(value, 10, 64); err == nil && name == headerRetryAfter {
			j.RetryAfter = &seconds
		} else {
			j.Header[name] = value
		}
	}
	return j
}

// isToken reports whether a text is a valid header name (RFC 9110).
func isToken(name string) bool {
	const allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return name != "" && strings.Trim(name, allowed) == ""
}
