package clerktest

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// call is a request and what the instance knows of it.
type call struct {
	*http.Request
	route
	ids     []string
	query   url.Values
	how     string // how the end user's credential travels, "" for none
	token   string // that credential
	body    []byte
	tooLong bool        // body stops at the limit
	client  *device     // whose token a Frontend API request carries
	reply   http.Header // what the operation adds to its answer
	trace   string
	began   time.Time
}

// answer is what the client receives.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// jsonAnswer has no charset in its Content-Type, because official clients take only
// application/json for JSON.
func jsonAnswer(status int, v any) answer {
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: encode(v)}
}

// ServeHTTP answers one request of either API. A fault that drops the
// connection panics with http.ErrAbortHandler, as net/http documents.
func (c *Clerk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if preflight(w, r) {
		return
	}
	in := &call{Request: r, query: r.URL.Query(), reply: http.Header{}, began: time.Now()}
	in.how, in.token = in.credential()
	in.find()
	body, err := io.ReadAll(io.LimitReader(r.Body, c.number(BodyLimit)+1))
	if err != nil {
		abort() // the client is gone
	}
	in.body = body
	if limit := c.number(BodyLimit); int64(len(body)) > limit {
		in.body, in.tooLong = body[:limit], true
	}
	f, a, seen := c.decide(in)
	defer c.answered(seen) // a fault that closes the connection panics
	f.send(w, r, a)
}

// decide runs the operation unless the next fault in the script replaces it, and logs the
// request. It does not wait: it holds the lock.
func (c *Clerk) decide(in *call) (Fault, answer, *logged) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.traces++
	in.trace = fmt.Sprintf("%032x", c.traces)
	if in.api == FrontendAPI {
		in.client = c.clientOf(in)
	}
	f := c.take(in.operation)
	var a answer
	if f.runs() {
		a = c.run(in)
		maps.Copy(a.header, in.reply)
	}
	f.alter(&a, in.trace)
	a.header.Set("Clerk-Trace-Id", in.trace)
	if c.config.Rotation && in.client != nil && !f.does.Drop {
		in.reply = a.header // a fault may have replaced the answer
		c.rotate(in)
	}
	cors(in.Request, a.header)
	if f.does.Drop {
		a.status = 0
	}
	return f, a, c.log(in, a.status, c.settle(in.Request))
}

func (c *Clerk) run(in *call) answer {
	switch {
	case in.operation == "":
		// Which code Clerk sends here is not published.
		return fail(http.StatusNotFound, "resource_not_found").answer(in.trace)
	case in.handle == nil:
		return unsupported("operation", "operation_id", string(in.operation)).answer(in.trace)
	}
	p := c.check(in)
	if p == nil {
		var v any
		if v, p = in.handle(c, in); p == nil {
			return jsonAnswer(http.StatusOK, v)
		}
	}
	return p.answer(in.trace)
}

// check is what every operation checks before its parameters.
func (c *Clerk) check(in *call) *problem {
	p := checkVersion(in)
	switch {
	case p != nil:
	case in.api == FrontendAPI:
		p = c.checkFrontend(in)
	default:
		p = c.checkBackend(in)
	}
	switch {
	case p != nil:
	case in.tooLong:
		return failLong(http.StatusRequestEntityTooLarge, "request_body_too_large",
			fmt.Sprintf("The request body exceeds the maximum allowed size of %d bytes.", c.number(BodyLimit)))
	case strings.Contains(in.path, "/organization"): // /v1/organizations and /v1/users/*/organization_memberships
		return c.organizationsEnabled()
	}
	return p
}

// checkVersion checks the version, which is in the header or in the query, not in both.
// The Frontend API also accepts versions newer than any published document, which
// current browser clients send. The only effect of a version is in retired.
func checkVersion(in *call) *problem {
	header, query := in.Header.Get("Clerk-API-Version"), in.query.Get("__clerk_api_version")
	if header != "" && query != "" {
		return failLong(http.StatusBadRequest, "api_version_invalid", "Invalid Clerk API version: sent in the header and in the query")
	}
	switch v := header + query; {
	case v == "", v == "2021-02-05", v == "2024-10-01", v == "2025-04-10", v == "2025-11-10", v == newest:
		return nil
	case in.api == FrontendAPI && v > newest:
		if _, err := time.Parse(time.DateOnly, v); err == nil {
			return nil
		}
	}
	return failLong(http.StatusBadRequest, "api_version_invalid", "Invalid Clerk API version: unknown")
}

// newest is the newest version with a published document.
const newest = "2026-05-12"

// retired reports whether the request's version, like the newest, takes metadata in the
// metadata endpoints only.
func (c *Clerk) retired(in *call) bool {
	v := in.Header.Get("Clerk-API-Version") + in.query.Get("__clerk_api_version")
	if v == "" {
		return c.guess(MissingVersion) == "newest"
	}
	return v >= newest
}

// guess is the answer to a guess.
func (c *Clerk) guess(name GuessName) string { return (*c.guesses.Load())[name] }

// number is the answer to a guess whose answers are all numbers.
func (c *Clerk) number(name GuessName) int64 {
	n, _ := strconv.ParseInt(c.guess(name), 10, 64)
	return n
}
