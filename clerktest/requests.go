package clerktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
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
}

// Requests returns copies of the requests received so far, in the order in which the
// instance decided them; with operations, only theirs. The instance logs a request
// before it answers. The log grows until ResetRequests, unless Config.RequestLog bounds
// it.
func (c *Clerk) Requests(operations ...Operation) []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	var seen []Request
	for _, r := range c.requests {
		if len(operations) == 0 || slices.Contains(operations, r.Operation) {
			r.Query = url.Values(http.Header(r.Query).Clone())
			r.Header = r.Header.Clone()
			r.Body = bytes.Clone(r.Body)
			seen = append(seen, r)
		}
	}
	return seen
}

// ResetRequests empties the request log.
func (c *Clerk) ResetRequests() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = nil
}

func (c *Clerk) log(in *call, status int) {
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
	c.requests = append(c.requests, Request{
		API:        in.api,
		Operation:  in.operation,
		Method:     in.Method,
		Path:       in.URL.EscapedPath(),
		Query:      query,
		Header:     header,
		Body:       withoutSecrets(in.Header.Get("Content-Type"), in.body),
		Credential: how,
		Status:     status,
	})
}

// redacted stands for a credential.
const redacted = "redacted"

// requestJSON is a Request as JSON. BodyBase64 replaces a Body that is not UTF-8.
type requestJSON struct {
	Request
	Body       string `json:"body"`
	BodyBase64 []byte `json:"body_base64,omitempty"`
}

func (c *Clerk) controlRequests(query url.Values, _ []byte) (any, error) {
	var operations []Operation
	for name, values := range query {
		if name != "operation" {
			return nil, fmt.Errorf("parameter %q is unknown: requests takes operation", name)
		}
		for _, value := range values {
			op := Operation(value)
			switch {
			case !known(op):
				return nil, fmt.Errorf("operation %q is unknown", value)
			case op != AnyOperation:
				operations = append(operations, op)
			}
		}
	}
	requests := []requestJSON{}
	for _, seen := range c.Requests(operations...) {
		requests = append(requests, seen.json())
	}
	return map[string]any{"requests": requests}, nil
}

func (c *Clerk) controlForgetRequests(url.Values, []byte) (any, error) {
	c.ResetRequests()
	return c.controlRequests(nil, nil)
}

func (r Request) json() requestJSON {
	if !utf8.Valid(r.Body) {
		return requestJSON{Request: r, BodyBase64: r.Body}
	}
	return requestJSON{Request: r, Body: string(r.Body)}
}

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
