package clerktest

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

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
