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

// failLong is fail with another long text.
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

// unsupported refuses a parameter that the fake does not model: ignoring it would
// look like obeying it. No client repeats a request after this status.
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

// texts returns the short and the long message of a code. The long one of a
// parameter's code follows the parameter's name.
func texts(code string) (short, long string) {
	known := map[string][2]string{
		"api_version_invalid":                    {"invalid API version", "Invalid Clerk API version"},
		"authorization_header_format_invalid":    {"Invalid Authorization header format", "Invalid Authorization header format. Must be 'Bearer <YOUR_API_KEY>'"},
		"clerk_key_invalid":                      {"The provided Clerk Secret Key is invalid.", "The provided Clerk Secret Key is invalid."},
		"authentication_invalid":                 {"Invalid authentication", "Unable to authenticate the request, an active session is needed"},
		"signed_out":                             {"Signed out", "You are signed out"},
		"dev_browser_unauthenticated":            {"Browser unauthenticated", "Unable to authenticate this browser for the development instance"},
		"origin_authorization_headers_conflict":  {"Setting both the 'Origin' and 'Authorization' headers is forbidden", "Only one of 'Origin' and 'Authorization' may be sent"},
		"origin_missing":                         {"Origin header missing", "The Origin header has to be sent with this request"},
		"sign_up_cannot_be_updated":              {"Sign up cannot be updated", "The sign up is complete and cannot be updated"},
		"proxy_request_missing_secret_key":       {"missing secret key", "A proxy has to pass the secret key in the Clerk-Secret-Key header"},
		"proxy_request_invalid_secret_key":       {"invalid secret key", "The secret key given with this proxy request is invalid"},
		"organization_not_enabled_in_instance":   {"access denied", "The organizations feature is not enabled for this instance"},
		"not_a_member_in_organization":           {"not a member", "The user is not a member of the organization"},
		"already_a_member_in_organization":       {"already a member", "The user is already a member of the organization"},
		"organization_membership_quota_exceeded": {"organization membership quota exceeded", "The organization has all the memberships that it is allowed"},
		"organization_creator_not_found":         {"creator not found", "There is no user with the id given as the creator's"},
		"resource_not_found":                     {"not found", "The resource was not found"},
		"resource_locked":                        {"resource busy", "This resource is currently being modified by another request. Please try again."},
		"attribute_managed_by_scim":              {"attribute managed by directory sync", "attribute managed by directory sync"},
		"request_body_invalid":                   {"Request body invalid", "The request body is invalid"},
		"request_body_too_large":                 {"Request body too large", "The request body exceeds the maximum allowed size"},
		"unsupported_content_type":               {"Content-Type is unsupported", "The Content-Type is unsupported"},
		"too_many_requests":                      {"Too many requests", "Too many requests, retry later"},
		"internal_clerk_error":                   {"Oops, an unexpected error occurred", "There was an internal error"},
		"service_unavailable":                    {"Service unavailable", "Service unavailable"},
		"gateway_timeout":                        {"Gateway Timeout", "A request to another service timed out"},
		"form_param_unknown":                     {"is unknown", "is not a valid parameter for this request"},
		"form_identifier_exists":                 {"is taken", "is taken"},
		"form_param_format_invalid":              {"is invalid", "has the wrong format"},
		"form_param_max_length_exceeded":         {"exceeds maximum length", "is too long"},
		"form_password_length_too_short":         {"is too short", "must be 8 characters or more"},
		"form_param_missing":                     {"is missing", "must be included"},
		"form_param_duplicate":                   {"is duplicate", "included multiple times"},
		"form_param_deprecated":                  {"is deprecated", "is no longer accepted here: write it with the metadata endpoint"},
		"form_param_exceeds_allowed_size":        {"exceeds the allowed size", "exceeds the allowed size"},
		"form_param_array_size_exceeded":         {"exceeds maximum size", "holds too many items"},
		unsupportedCode:                          {"not part of clerktest", "not part of clerktest"},
	}
	if of, ok := known[code]; ok {
		return of[0], of[1]
	}
	return "is invalid", "is invalid"
}
