package clerktest

import (
	"maps"
	"net/http"
)

// problem is a failed request, in the shape of Clerk's error list.
type problem struct {
	status  int
	header  http.Header // besides what every answer has
	entries []entry
}

type entry struct {
	Message     string         `json:"message"`
	LongMessage string         `json:"long_message"`
	Code        string         `json:"code"`
	Meta        map[string]any `json:"meta,omitzero"`
}

// fail is a problem with the texts of its code.
func fail(status int, code string) *problem {
	short, long := texts(code)
	return &problem{status: status, entries: []entry{{Message: short, LongMessage: long, Code: code}}}
}

// failLong is fail with a long text of its own.
func failLong(status int, code, long string) *problem {
	p := fail(status, code)
	p.entries[0].LongMessage = long
	return p
}

// failParam is a 422 about one parameter.
func failParam(code, param string) *problem {
	p := fail(http.StatusUnprocessableEntity, code)
	p.entries[0].LongMessage = param + " " + p.entries[0].LongMessage
	p.entries[0].Meta = map[string]any{"param_name": param}
	return p
}

// failQuery is a 422 about a parameter of the query whose form is wrong. Its meta
// is reported to be empty.
func failQuery(code, param string) *problem {
	p := failParam(code, param)
	p.entries[0].Meta = map[string]any{}
	return p
}

// unsupported refuses a parameter that the fake does not model: to ignore it would
// be to answer as if it had been obeyed. The status is one that no client repeats.
func unsupported(param string) *problem {
	p := failLong(http.StatusBadRequest, unsupportedCode, "clerktest does not model the parameter "+param)
	p.entries[0].Meta = map[string]any{"param_name": param}
	return p
}

// unsupportedOperation refuses an operation that Clerk has and the fake lacks.
func unsupportedOperation(op Operation) *problem {
	p := failLong(http.StatusBadRequest, unsupportedCode, "clerktest does not model the operation "+string(op)+": script its answer")
	p.entries[0].Meta = map[string]any{"operation_id": op}
	return p
}

// unsupportedCode is a code of the fake's own, which Clerk does not send.
const unsupportedCode = "clerktest_unsupported"

// answer is the problem as it travels.
func (p *problem) answer(trace string) answer {
	a := jsonAnswer(p.status, map[string]any{"errors": p.entries, "clerk_trace_id": trace})
	maps.Copy(a.header, p.header)
	return a
}

// texts are the short and the long message of a code, the long one of a
// parameter's code without the parameter's name in front.
func texts(code string) (short, long string) {
	switch code {
	case "api_version_invalid":
		short, long = "invalid API version", "Invalid Clerk API version"
	case "authorization_header_format_invalid":
		short, long = "Invalid Authorization header format", "Invalid Authorization header format. Must be 'Bearer <YOUR_API_KEY>'"
	case "clerk_key_invalid":
		short, long = "The provided Clerk Secret Key is invalid.", "The provided Clerk Secret Key is invalid."
	case "authentication_invalid":
		short, long = "Invalid authentication", "Unable to authenticate the request, an active session is needed"
	case "signed_out":
		short, long = "Signed out", "You are signed out"
	case "dev_browser_unauthenticated":
		short, long = "Browser unauthenticated", "Unable to authenticate this browser for the development instance"
	case "origin_authorization_headers_conflict":
		short, long = "Setting both the 'Origin' and 'Authorization' headers is forbidden", "Only one of 'Origin' and 'Authorization' may be sent"
	case "origin_missing":
		short, long = "Origin header missing", "The Origin header has to be sent with this request"
	case "sign_up_cannot_be_updated":
		short, long = "Sign up cannot be updated", "The sign up is complete and cannot be updated"
	case "proxy_request_missing_secret_key":
		short, long = "missing secret key", "A proxy has to pass the secret key in the Clerk-Secret-Key header"
	case "proxy_request_invalid_secret_key":
		short, long = "invalid secret key", "The secret key given with this proxy request is invalid"
	case "organization_not_enabled_in_instance":
		short, long = "access denied", "The organizations feature is not enabled for this instance"
	case "not_a_member_in_organization":
		short, long = "not a member", "The user is not a member of the organization"
	case "already_a_member_in_organization":
		short, long = "already a member", "The user is already a member of the organization"
	case "organization_membership_quota_exceeded":
		short, long = "organization membership quota exceeded", "The organization has all the memberships that it is allowed"
	case "organization_creator_not_found":
		short, long = "creator not found", "There is no user with the id given as the creator's"
	case "resource_not_found":
		short, long = "not found", "The resource was not found"
	case "resource_locked":
		short, long = "resource busy", "This resource is currently being modified by another request. Please try again."
	case "attribute_managed_by_scim":
		short, long = "attribute managed by directory sync", "attribute managed by directory sync"
	case "request_body_invalid":
		short, long = "Request body invalid", "The request body is invalid"
	case "request_body_too_large":
		short, long = "Request body too large", "The request body exceeds the maximum allowed size"
	case "unsupported_content_type":
		short, long = "Content-Type is unsupported", "The Content-Type is unsupported"
	case "too_many_requests":
		short, long = "Too many requests", "Too many requests, retry later"
	case "internal_clerk_error":
		short, long = "Oops, an unexpected error occurred", "There was an internal error"
	case "service_unavailable":
		short, long = "Service unavailable", "Service unavailable"
	case "gateway_timeout":
		short, long = "Gateway Timeout", "A request to another service timed out"
	case "form_param_unknown":
		short, long = "is unknown", "is not a valid parameter for this request"
	case "form_identifier_exists":
		short, long = "is taken", "is taken"
	case "form_param_format_invalid":
		short, long = "is invalid", "has the wrong format"
	case "form_param_max_length_exceeded":
		short, long = "exceeds maximum length", "is too long"
	case "form_password_length_too_short":
		short, long = "is too short", "must be 8 characters or more"
	case "form_param_missing":
		short, long = "is missing", "must be included"
	case "form_param_duplicate":
		short, long = "is duplicate", "included multiple times"
	case "form_param_deprecated":
		short, long = "is deprecated", "is no longer accepted here: write it with the metadata endpoint"
	case "form_param_exceeds_allowed_size":
		short, long = "exceeds the allowed size", "exceeds the allowed size"
	case "form_param_array_size_exceeded":
		short, long = "exceeds maximum size", "holds too many items"
	case unsupportedCode:
		short, long = "not part of clerktest", "not part of clerktest"
	default:
		short, long = "is invalid", "is invalid"
	}
	return short, long
}
