package clerktest

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Request is a request that the instance received, without its credentials.
type Request struct {
	// API is "" for an address that Clerk does not have.
	API API `json:"api"`
	// Operation is Clerk's operationId, even of an operation that the fake does not
	// model; "" for an address that Clerk does not have.
	Operation Operation `json:"operation"`
	// Method is the one sent: POST for a browser's POST …?_method=PATCH.
	Method string `json:"method"`
	// Path is as it was sent, still escaped.
	Path string `json:"path"`
	// Query lacks the values that sign a development browser in; other credentials
	// are "redacted".
	Query url.Values `json:"query"`
	// Header lacks Authorization, Cookie and other credentials.
	Header http.Header `json:"header"`
	// Body stops at the limit of the BodyLimit guess. "redacted" replaces passwords,
	// tokens and other credentials in it, and the whole of a body with one that does not parse.
	Body []byte `json:"-"`
	// Credential says how the credential travelled: "secret key", "native app",
	// "development browser", "browser", or "" for none.
	Credential string `json:"credential"`
	// Status is the answer's; 0 where a fault dropped the connection.
	Status int `json:"status"`
	// Time is when the request came, and Duration how long its answer took, with what a
	// fault waited; 0 until the answer is sent.
	Time     time.Time     `json:"-"`
	Duration time.Duration `json:"-"`
	// Changes are what the request changed, up to 100 of them with 64 KiB of values.
	Changes []Change `json:"changes,omitempty"`
	// MoreChanges is the number of changes that Changes leaves out.
	MoreChanges int `json:"more_changes,omitempty"`
}

// logged is a request in the log. It stays as it is, but for how long it took.
type logged struct {
	Request

	seq  int          // of all requests, from 1
	took atomic.Int64 // nanoseconds; -1 until the answer is sent
}

// answered notes that the answer is sent, or the connection closed.
func (c *Clerk) answered(l *logged) {
	l.took.Store(int64(time.Since(l.Time)))
	c.feed.publish("request", func() any { return l.row() })
}

// copy returns the request with nothing in it that the log shares.
func (l *logged) copy() Request {
	r := l.Request
	r.Duration = time.Duration(max(l.took.Load(), 0))
	r.Query = url.Values(http.Header(r.Query).Clone())
	r.Header = r.Header.Clone()
	r.Body = bytes.Clone(r.Body)
	r.Changes = slices.Clone(r.Changes)
	for i := range r.Changes {
		one := &r.Changes[i]
		one.From, one.To = bytes.Clone(one.From), bytes.Clone(one.To)
	}
	return r
}

// Requests returns copies of the requests received so far, in the order in which the
// instance decided them; with operations, only theirs. The instance logs a request
// before it answers. The log grows until ResetRequests, unless Config.RequestLog bounds
// it.
func (c *Clerk) Requests(operations ...Operation) []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	var seen []Request
	for _, l := range c.logged(operations) {
		seen = append(seen, l.copy())
	}
	return seen
}

// logged returns the requests in the log, those of some operations if there are any.
func (c *Clerk) logged(operations []Operation) []*logged {
	return slices.DeleteFunc(slices.Clone(c.requests), func(l *logged) bool {
		return len(operations) > 0 && !slices.Contains(operations, l.Operation)
	})
}

// ResetRequests empties the request log.
func (c *Clerk) ResetRequests() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = nil
}

func (c *Clerk) log(in *call, status int, edits []edit) *logged {
	header := in.Header.Clone()
	for _, name := range []string{"Authorization", "Cookie", "Clerk-Secret-Key", "Proxy-Authorization", "Referer"} {
		header.Del(name)
	}
	query := in.URL.Query()
	for _, name := range []string{"__dev_session", "__clerk_db_jwt", "__clerk_handshake", "__clerk_ticket", "rotating_token_nonce"} {
		query.Del(name)
	}
	redact(query, []string{redacted})
	how := ""
	if in.api == FrontendAPI {
		how = in.how
	} else if _, ok := bearer(in.Header.Get("Authorization")); ok {
		how = credentialSecretKey
	}
	if most := c.config.RequestLog; most > 0 && len(c.requests) >= most {
		c.requests = slices.Delete(c.requests, 0, len(c.requests)-most+1)
	}
	var did changes
	for _, e := range edits {
		did.addAll(e)
	}
	l := &logged{seq: c.traces, Request: Request{
		API:         in.api,
		Operation:   in.operation,
		Method:      in.Method,
		Path:        in.URL.EscapedPath(),
		Query:       query,
		Header:      header,
		Body:        withoutSecrets(in.Header.Get("Content-Type"), in.body),
		Credential:  how,
		Status:      status,
		Time:        in.began,
		Changes:     did.listed,
		MoreChanges: did.more,
	}}
	l.took.Store(-1)
	c.requests = append(c.requests, l)
	return l
}

// redacted stands for a credential.
const redacted = "redacted"

// withoutSecrets redacts the members of a body that hold a credential. A body without
// credentials stays unchanged, byte for byte.
func withoutSecrets(contentType string, body []byte) []byte {
	if kind, _, _ := mime.ParseMediaType(contentType); kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		switch {
		case err != nil: // it may hold a credential where nothing finds it
			return []byte(redacted)
		case redact(form, []string{redacted}):
			return []byte(form.Encode())
		}
		return body
	}
	if !json.Valid(body) && slices.ContainsFunc(strings.Split(string(body), `"`), isSecret) {
		return []byte(redacted) // JSON that is cut short, for example
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || !redact(members, json.RawMessage(`"`+redacted+`"`)) {
		return body
	}
	return encode(members)
}

// redact replaces the values that hold a credential and reports whether it found any.
func redact[V any](values map[string]V, with V) (found bool) {
	for name := range values {
		if isSecret(name) {
			values[name] = with
			found = true
		}
	}
	return found
}

// isSecret reports whether a parameter of Clerk's holds a credential.
func isSecret(name string) bool {
	return strings.HasSuffix(name, "password") || strings.HasSuffix(name, "_token") ||
		slices.Contains([]string{
			"password_digest", "token", "ticket", "code", "totp_secret", "backup_codes", "code_verifier", "signature", "secret",
		}, name)
}
