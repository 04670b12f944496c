package clerkerr

import (
	"errors"
	"net/http"
)

// Sentinels name what went wrong by its meaning. Test for them with errors.Is; an error
// can satisfy several.
var (
	// ErrInvalidArgument: this module refused the call before any request but a read. The
	// error satisfies ErrInvalid too.
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrNothingToWrite: this module refused a write of nothing, before any request.
	ErrNothingToWrite = errors.New("nothing to write")
	// ErrInvalid: this module or Clerk (statuses 400, 415 and 422) refused the request
	// as faulty. Sending it again does not help.
	ErrInvalid = errors.New("invalid request")
	// ErrTooLarge: the metadata or the request is over a size limit of this module or
	// of Clerk (status 413, CodeExceedsAllowedSize).
	ErrTooLarge = errors.New("too large")
	// ErrUnauthorized: Clerk refused the key or the end user's credential (status 401),
	// or me.FromRequest found no credential.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrCredentialConflict: the request carries credentials that contradict each other, by
	// me.FromRequest or Clerk (CodeOriginConflict). The error satisfies ErrInvalid too.
	ErrCredentialConflict = errors.New("conflicting credentials")
	// ErrForbidden: the credential is valid but does not allow this (status 403).
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound: the user, organization or membership does not exist (status 404, or
	// a membership that the list of an organization lacks).
	ErrNotFound = errors.New("not found")
	// ErrConflict: the state of the resource does not allow the write (status 409).
	ErrConflict = errors.New("conflict")
	// ErrLocked: another request modifies the resource (CodeResourceLocked).
	ErrLocked = errors.New("resource locked")
	// ErrManaged: directory sync owns the attribute (CodeManagedBySCIM).
	ErrManaged = errors.New("attribute managed by directory sync")
	// ErrRateLimited: too many requests (status 429); Error.RetryAfter is the wait.
	ErrRateLimited = errors.New("rate limited")
	// ErrLocalLimit: the client's own rate limit (client.WithRateLimit) has no room
	// before the call's deadline. The call failed without waiting. Error.Attempts counts
	// the attempts before.
	ErrLocalLimit = errors.New("no room under the client's rate limit before the deadline")
	// ErrConcurrentChange: someone else wrote between the read and the write of a
	// Modify with FailOnConcurrentChange. Its own write was applied.
	ErrConcurrentChange = errors.New("concurrent change")
	// ErrServer: a fault of the server (any 5xx status).
	ErrServer = errors.New("server error")
	// ErrRedirect: the answer is a redirect (any 3xx status), which no credential follows.
	ErrRedirect = errors.New("redirect refused")
	// ErrTransport: no complete answer came: the connection failed, an attempt took too
	// long or the body was cut short.
	ErrTransport = errors.New("no complete answer")
	// ErrDecode: a success answer was not understood. Error.Outcome says whether a write
	// was applied; it usually was.
	ErrDecode = errors.New("answer not understood")
	// ErrResponseTooLarge: a success answer is longer than this module reads. The error
	// satisfies ErrDecode too.
	ErrResponseTooLarge = errors.New("answer too large")
)

// Error codes of Clerk's catalogue that a sentinel depends on.
const (
	// CodeResourceLocked comes with status 409 while another request modifies the
	// resource: the only 409 that is retried.
	CodeResourceLocked = "resource_locked"
	// CodeManagedBySCIM comes with status 409 for an attribute that directory sync owns.
	CodeManagedBySCIM = "attribute_managed_by_scim"
	// CodeExceedsAllowedSize comes with status 422 for metadata over the size limit.
	CodeExceedsAllowedSize = "form_param_exceeds_allowed_size"
	// CodeOriginConflict comes from the Frontend API with status 400 for a request with
	// both an Origin and an Authorization header.
	CodeOriginConflict = "origin_authorization_headers_conflict"
)

// Is reports whether e has the meaning of a sentinel, for errors.Is, which reaches
// causes through Unwrap.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrInvalidArgument:
		return e.refused
	case ErrInvalid:
		return e.refused || e.Status == http.StatusBadRequest ||
			e.Status == http.StatusUnsupportedMediaType || e.Status == http.StatusUnprocessableEntity
	case ErrTooLarge:
		return e.Status == http.StatusRequestEntityTooLarge || e.HasCode(CodeExceedsAllowedSize)
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrCredentialConflict:
		return e.HasCode(CodeOriginConflict)
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrConflict:
		return e.Status == http.StatusConflict
	case ErrLocked:
		return e.HasCode(CodeResourceLocked)
	case ErrManaged:
		return e.HasCode(CodeManagedBySCIM)
	case ErrRateLimited:
		return e.Status == http.StatusTooManyRequests
	case ErrServer:
		return e.Status >= 500 && e.Status <= 599
	case ErrRedirect:
		return e.Status >= 300 && e.Status <= 399
	}
	return false
}
