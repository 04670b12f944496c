package clerktest

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// faultScript is what a client posts to faults, and the form in which faults are listed.
type faultScript struct {
	Operation Operation   `json:"operation"`
	Faults    []faultJSON `json:"faults"`
}

// faultJSON is a Fault as JSON; the empty object is Pass.
type faultJSON struct {
	Status        int               `json:"status,omitempty"`
	Code          string            `json:"code,omitempty"`
	Message       string            `json:"message,omitempty"`
	Body          *string           `json:"body,omitempty"`
	ContentType   string            `json:"content_type,omitempty"`
	Header        map[string]string `json:"header,omitempty"`
	RetryAfter    *int64            `json:"retry_after,omitempty"`
	Applied       bool              `json:"applied,omitempty"`
	Drop          bool              `json:"drop,omitempty"`
	Truncate      bool              `json:"truncate,omitempty"`
	EndlessBody   bool              `json:"endless_body,omitempty"`
	SlowHeadersMS int64             `json:"slow_headers_ms,omitempty"`
	SlowBodyMS    int64             `json:"slow_body_ms,omitempty"`
}

const headerRetryAfter = "Retry-After"

// maxWaitMS bounds what a script may make a client wait: an hour.
const maxWaitMS = 3_600_000

func (c *Clerk) controlScript(r *http.Request) (any, *refusal) {
	text, refused := readBody(r, maxScript)
	if refused != nil {
		return nil, refused
	}
	var script faultScript
	if err := decodeStrictly(text, &script); err != nil {
		return nil, badRequest("%v", err)
	}
	if script.Operation == "" {
		return nil, badRequest(`"operation" is missing: name one, or "*" for every request`)
	}
	faults := make([]Fault, len(script.Faults))
	for i, f := range script.Faults {
		fault, err := f.fault()
		if err != nil {
			return nil, badRequest("fault %d: %v", i+1, err)
		}
		faults[i] = fault
	}
	if err := c.Script(script.Operation, faults...); err != nil {
		return nil, badRequest("%s", strings.TrimPrefix(err.Error(), "clerktest: "))
	}
	return c.controlFaults(r)
}

// controlFaults answers with the faults left, the oldest first, in the form in
// which they can be posted again.
func (c *Clerk) controlFaults(*http.Request) (any, *refusal) {
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

func (c *Clerk) controlForgetFaults(r *http.Request) (any, *refusal) {
	c.mu.Lock()
	c.scripts = nil
	c.mu.Unlock()
	return c.controlFaults(r)
}

// fault checks what Script cannot: which members exclude each other, and numbers that a
// Duration or an answer cannot hold.
func (j faultJSON) fault() (Fault, error) {
	switch {
	case j.Status != 0 && j.Code == "" && j.Body == nil:
		return Fault{}, fmt.Errorf("status %d needs a code of Clerk's, or a body", j.Status)
	case j.Status == 0 && (j.Code != "" || j.Body != nil):
		return Fault{}, fmt.Errorf("a code or a body needs a status")
	case j.Code != "" && j.Body != nil:
		return Fault{}, fmt.Errorf("a code and a body cannot go together: the code makes the body")
	case j.ContentType != "" && j.Body == nil:
		return Fault{}, fmt.Errorf("a content_type needs a body")
	case j.SlowHeadersMS < 0, j.SlowHeadersMS > maxWaitMS, j.SlowBodyMS < 0, j.SlowBodyMS > maxWaitMS:
		return Fault{}, fmt.Errorf("a wait is from 0 to %d ms", maxWaitMS)
	case j.RetryAfter != nil && (*j.RetryAfter < 0 || *j.RetryAfter > math.MaxInt32):
		return Fault{}, fmt.Errorf("retry_after is in whole seconds from 0 to %d", math.MaxInt32)
	}
	var parts []Part
	if j.Message != "" {
		parts = append(parts, Message(j.Message))
	}
	for name, value := range j.Header {
		if !isToken(name) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			return Fault{}, fmt.Errorf("the header %q has a name or a value that cannot be sent", name)
		}
		parts = append(parts, Header(name, value))
	}
	if j.RetryAfter != nil {
		parts = append(parts, RetryAfter(time.Duration(*j.RetryAfter)*time.Second))
	}
	f := Pass(parts...)
	switch {
	case j.Code != "":
		f = Answer(j.Status, j.Code, parts...)
	case j.Body != nil:
		f = AnswerBody(j.Status, cmp.Or(j.ContentType, "application/json"), *j.Body, parts...)
	}
	for _, other := range []struct {
		wanted bool
		fault  Fault
	}{
		{j.Applied, Applied()},
		{j.Drop, Drop()},
		{j.Truncate, Truncate()},
		{j.EndlessBody, EndlessBody()},
		{j.SlowHeadersMS > 0, SlowHeaders(time.Duration(j.SlowHeadersMS) * time.Millisecond)},
		{j.SlowBodyMS > 0, SlowBody(time.Duration(j.SlowBodyMS) * time.Millisecond)},
	} {
		if other.wanted {
			f = f.And(other.fault)
		}
	}
	return f, nil
}

// json is the inverse of fault.
func (f Fault) json() faultJSON {
	j := faultJSON{
		Status: f.status, Code: f.code, Message: f.message, ContentType: f.contentType,
		Applied: f.applied, Drop: f.drop, Truncate: f.truncate, EndlessBody: f.endless,
		SlowHeadersMS: f.slowHeaders.Milliseconds(), SlowBodyMS: f.slowBody.Milliseconds(),
	}
	if f.status != 0 && f.code == "" {
		body := string(f.body)
		j.Body = &body
	}
	for name := range f.header {
		value := f.header.Get(name)
		if seconds, err := strconv.ParseInt(value, 10, 64); err == nil && name == headerRetryAfter {
			j.RetryAfter = &seconds
			continue
		}
		if j.Header == nil {
			j.Header = map[string]string{}
		}
		j.Header[name] = value
	}
	return j
}

// isToken reports whether a text is a valid header name (RFC 9110).
func isToken(name string) bool {
	const allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return name != "" && strings.Trim(name, allowed) == ""
}
