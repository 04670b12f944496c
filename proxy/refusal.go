package proxy

import (
	"encoding/json"
	"net/http"
)

// Codes of the proxy's own errors, in Clerk's shape and beside Clerk's codes.
const (
	// CodeConfigurationError, status 500: the request lacks what the operator's
	// front must set, or its X-Forwarded-Host is the upstream itself, which would
	// loop.
	CodeConfigurationError = "proxy_configuration_error"
	// CodeOverloaded, status 503 with a Retry-After: the forms that policies are
	// reading hold all of Config.MaxFormMemory.
	CodeOverloaded = "proxy_overloaded"
	// CodePathMismatch, status 400: the request is not under the proxy's prefix, or
	// its path cannot be passed on unchanged.
	CodePathMismatch = "proxy_path_mismatch"
	// CodeRequestFailed, status 502: no answer came from the upstream; status 408
	// or 400: the client's body did not come in time, or broke off.
	CodeRequestFailed = "proxy_request_failed"
	// CodeRequestBodyTooLarge, status 413: the body is over a limit.
	CodeRequestBodyTooLarge = "request_body_too_large"
	// CodeRouteNotAllowed, status 403: Routes does not include the request.
	CodeRouteNotAllowed = "proxy_route_not_allowed"
)

// refusal is one of the proxy's own answers.
type refusal struct {
	status      int
	code        string
	message     string
	longMessage string
	param       string
	reason      string // for logs: one of a few texts, nothing of the request's
	retryAfter  string // "" for none
}

// retryAfter is in seconds. Most forms take less time.
const retryAfter = "1"

func misconfigured(reason string) *refusal {
	return &refusal{
		status: http.StatusInternalServerError, code: CodeConfigurationError,
		message: "The proxy is not configured correctly", reason: reason,
	}
}

func mismatch(reason string) *refusal {
	return &refusal{
		status: http.StatusBadRequest, code: CodePathMismatch,
		message: "The path is not one of the proxy's", reason: reason,
	}
}

func notAllowed() *refusal {
	return &refusal{
		status: http.StatusForbidden, code: CodeRouteNotAllowed,
		message: "The proxy does not pass on this request",
	}
}

func tooLarge() *refusal {
	return &refusal{
		status: http.StatusRequestEntityTooLarge, code: CodeRequestBodyTooLarge,
		message: "The request's body is too large",
	}
}

func failed(status int, message, reason string) *refusal {
	return &refusal{status: status, code: CodeRequestFailed, message: message, reason: reason}
}

// body returns the refusal in the shape of Clerk's errors.
func (r *refusal) body() []byte {
	type meta struct {
		ParamName string `json:"param_name"`
	}
	type entry struct {
		Code        string `json:"code"`
		Message     string `json:"message"`
		LongMessage string `json:"long_message,omitempty"`
		Meta        *meta  `json:"meta,omitempty"`
	}
	e := entry{Code: r.code, Message: r.message, LongMessage: r.longMessage}
	if r.param != "" {
		e.Meta = &meta{r.param}
	}
	encoded, _ := json.Marshal(map[string][]entry{"errors": {e}}) // strings always encode
	return encoded
}

// answer writes a small JSON document that no cache keeps.
func answer(w http.ResponseWriter, method string, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json") // Clerk's clients take no charset
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if method != http.MethodHead {
		_, _ = w.Write(body) //nolint:gosec // JSON that no browser takes for a page; a client that has left needs none
	}
}
