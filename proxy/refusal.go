package proxy

import (
	"cmp"
	"errors"
	"net/http"
)

// Codes of the proxy's own errors, in Clerk's shape and beside Clerk's codes.
const (
	// CodeConfigurationError, status 500: the request lacks what the operator's front
	// must set, or its public host is the upstream's, which would loop.
	CodeConfigurationError = "proxy_configuration_error"
	// CodeOverloaded, status 503 with a Retry-After: forms hold all of
	// Config.MaxFormMemory.
	CodeOverloaded = "proxy_overloaded"
	// CodePathMismatch, status 400: the request is not under the proxy's prefix, or its
	// path cannot be passed on unchanged.
	CodePathMismatch = "proxy_path_mismatch"
	// CodeRequestFailed, status 502: no answer came from the upstream; status 408 or 400:
	// the client's body did not arrive in time, or ended early.
	CodeRequestFailed = "proxy_request_failed"
	// CodeRequestBodyTooLarge, status 413: the body is over a limit.
	CodeRequestBodyTooLarge = "request_body_too_large"
	// CodeRouteNotAllowed, status 403: Routes does not include the request.
	CodeRouteNotAllowed = "proxy_route_not_allowed"
	// CodeUnsafeMetadataRefused, status 422: a Policy refused a write of unsafe metadata,
	// which did not reach Clerk.
	CodeUnsafeMetadataRefused = "unsafe_metadata_refused"
)

// refusal is one of the proxy's own answers, and encodes as one of Clerk's errors.
type refusal struct {
	status int
	reason string // for logs: one of a few texts, nothing of the request's

	Code        string `json:"code"`
	Message     string `json:"message"`
	LongMessage string `json:"long_message,omitempty"`
	Meta        meta   `json:"meta,omitzero"`
}

type meta struct {
	ParamName string `json:"param_name"`
}

// because returns a copy with a reason that only logs show.
func (r *refusal) because(reason string) *refusal {
	no := *r
	no.reason = reason
	return &no
}

// explain returns a copy with a reason that the client sees, too.
func (r *refusal) explain(reason string) *refusal {
	no := r.because(reason)
	no.LongMessage = reason
	return no
}

var (
	misconfigured = &refusal{status: http.StatusInternalServerError, Code: CodeConfigurationError, Message: "The proxy is not configured correctly"}
	mismatch      = &refusal{status: http.StatusBadRequest, Code: CodePathMismatch, Message: "The path is not one of the proxy's"}
	notAllowed    = &refusal{status: http.StatusForbidden, Code: CodeRouteNotAllowed, Message: "The proxy does not pass on this request"}
	tooLarge      = &refusal{status: http.StatusRequestEntityTooLarge, Code: CodeRequestBodyTooLarge, Message: "The request's body is too large"}
	unreachable   = &refusal{status: http.StatusBadGateway, Code: CodeRequestFailed, Message: "Clerk could not be reached"}
	slowBody      = &refusal{
		status: http.StatusRequestTimeout, Code: CodeRequestFailed,
		Message: "The request's body did not arrive in time", reason: "the client's body did not arrive in time",
	}
	brokenBody = &refusal{
		status: http.StatusBadRequest, Code: CodeRequestFailed,
		Message: "The request's body could not be read", reason: "the client's body ended early",
	}
	overloaded = &refusal{
		status: http.StatusServiceUnavailable, Code: CodeOverloaded, Message: "The proxy is reading too many forms",
		LongMessage: "Try again in a moment.", reason: "the forms being read take all of MaxFormMemory",
	}
	byPolicy = &refusal{
		status: http.StatusUnprocessableEntity, Code: CodeUnsafeMetadataRefused, Meta: meta{unsafeMetadata},
		Message:     "This change of unsafe_metadata is not allowed",
		LongMessage: "The application does not allow this change of unsafe_metadata.", reason: "a policy failed",
	}
)

// Refusals with codes of Clerk's catalogue, of what has more than one reading.
var (
	unreadable  = &refusal{status: http.StatusBadRequest, Code: "malformed_request_parameters", Message: "The request's parameters cannot be read in one way only"}
	badBody     = &refusal{status: http.StatusBadRequest, Code: "request_body_invalid", Message: "The request's body cannot be read"}
	unsupported = &refusal{status: http.StatusUnsupportedMediaType, Code: "unsupported_content_type", Message: "The Content-Type is not supported"}
)

// badField refuses the field's name or value. why can quote a key: no log holds it.
func badField(code, why string) *refusal {
	return &refusal{
		status: http.StatusUnprocessableEntity, Code: code, Meta: meta{unsafeMetadata},
		Message: "The parameter unsafe_metadata cannot be read", LongMessage: why, reason: "unsafe_metadata cannot be read",
	}
}

// refusedBy returns the answer to a policy's error, or nil. It shows what Refuse made alone.
func refusedBy(err error) *refusal {
	if err == nil {
		return nil
	}
	said, ok := errors.AsType[*refusedError](err)
	if !ok {
		return byPolicy
	}
	no := byPolicy.because("a policy refused")
	no.LongMessage = cmp.Or(said.message, no.LongMessage)
	return no
}

// answer writes a small JSON document that no cache keeps.
func answer(w http.ResponseWriter, method string, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json") // Clerk's clients take no charset
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if method != http.MethodHead {
		_, _ = w.Write(body) // a client that has left needs none
	}
}
