package proxy

import (
	"errors"
	"net/http"
)

// CodeUnsafeMetadataRefused, status 422: a Policy refused a write of unsafe metadata.
// The code is the proxy's own; the write did not reach Clerk.
const CodeUnsafeMetadataRefused = "unsafe_metadata_refused"

// refusedBy returns the answer to a policy's error, or nil. It shows only what Refuse
// has made: the text of any other error can hold anything.
func refusedBy(err error) *refusal {
	if err == nil {
		return nil
	}
	no := &refusal{
		status: http.StatusUnprocessableEntity, code: CodeUnsafeMetadataRefused, param: unsafeMetadata,
		message:     "This change of unsafe_metadata is not allowed",
		longMessage: "The application does not allow this change of unsafe_metadata.",
		reason:      "a policy failed",
	}
	var said *refusedError
	if errors.As(err, &said) {
		no.reason = "a policy refused"
		if said.message != "" {
			no.longMessage = said.message
		}
	}
	return no
}

// The other codes are from Clerk's catalogue, for what Clerk refuses too or might read
// in another way than the policies.

func unreadable(why string) *refusal {
	return &refusal{
		status: http.StatusBadRequest, code: "malformed_request_parameters",
		message: "The request's parameters cannot be read in one way only", longMessage: why, reason: why,
	}
}

func badBody(why string) *refusal {
	return &refusal{
		status: http.StatusBadRequest, code: "request_body_invalid",
		message: "The request's body cannot be read", longMessage: why, reason: why,
	}
}

// badField is about the field's name or value. why can quote a key of the
// client's: it goes back to the client and into no log.
func badField(code, why string) *refusal {
	return &refusal{
		status: http.StatusUnprocessableEntity, code: code, param: unsafeMetadata,
		message: "The parameter unsafe_metadata cannot be read", longMessage: why, reason: "unsafe_metadata cannot be read",
	}
}

func unsupportedBody() *refusal {
	const why = "A body must be application/x-www-form-urlencoded in UTF-8, with one Content-Type and not compressed."
	return &refusal{
		status: http.StatusUnsupportedMediaType, code: "unsupported_content_type",
		message: "The Content-Type is not supported", longMessage: why, reason: why,
	}
}

// overloaded answers a form that exceeds the room.
func overloaded() *refusal {
	return &refusal{
		status: http.StatusServiceUnavailable, code: CodeOverloaded, retryAfter: retryAfter,
		message: "The proxy is reading too many forms", longMessage: "Try again in a moment.", reason: "the forms being read take all of MaxFormMemory",
	}
}
