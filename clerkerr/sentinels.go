package clerkerr

import (
	"errors"
	"net/http"
)

// Sentinels name what went wrong by its meaning. Test for them with errors.Is;
// one error can satisfy several (a locked resource is a conflict as well).
var (
	// ErrInvalidArgument: the call was refused by this module, before any
	// request was sent (or any but the read, where a call reads first). Every
	// such error satisfies ErrInvalid too.
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrNothingToWrite: a write was called without anything to write. It was
	// refused before any request was sent.
	ErrNothingToWrite = errors.New("nothing to write")
	// ErrInvalid: the request was found faulty, by this module or by Clerk
	// (statuses 400, 415 and 422). Sending it again will not help.
	ErrInvalid = errors.New("invalid request")
	// ErrTooLarge: the metadata or the whole request is over a size limit, as
	// told by this module or by Clerk (status 413, code
	// form_param_exceeds_allowed_size).
	ErrTooLarge = errors.New("too large")
	// ErrUnauthorized: the key or the end user's credential was not accepted
	// (status 401), or me.FromRequest found no credential.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrCredentialConflict: the request carries credentials that contradict each
	// other, as told by me.FromRequest or by Clerk (code
	// origin_authorization_headers_conflict). It satisfies ErrInvalid too.
	ErrCredentialConflict = errors.New("conflicting credentials")
	// ErrForbidden: the credential is good but not for this (status 403).
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound: there is no such user, organization or membership (status
	// 404, or a membership that the list of an organization does not hold).
	ErrNotFound = errors.New("not found")
	// ErrConflict: the resource is in a state that does not allow the write
	// (status 409).
	ErrConflict = errors.New("conflict")
	// ErrLocked: another request is modifying the resource (code
	// resource_locked). It passes; this module has already retried it.
	ErrLocked = errors.New("resource locked")
	// ErrManaged: the attribute belongs to a directory that is synchronized
	// (code attribute_managed_by_scim). It does not pass.
	ErrManaged = errors.New("attribute managed by directory sync")
	// ErrRateLimited: too many requests (status 429). Error.RetryAfter holds
	// the wait that was asked for.
	ErrRateLimited = errors.New("rate limited")
	// ErrLocalLimit: under the client's own rate limit (client.WithRateLimit)
	// the call could not be sent before its deadline, and failed without
	// waiting for it. Error.Attempts tells what had been sent before.
	ErrLocalLimit = errors.New("no room under the client's rate limit before the deadline")
	// ErrConcurrentChange: someone else wrote between the read and the write of a
	// Modify with FailOnConcurrentChange. Its own write was applied.
	ErrConcurrentChange = errors.New("concurrent change")
	// ErrServer: a fault on the server's side (any 5xx status). This module has
	// already retried those that pass: 500, 502, 503, 504, and 520 to 527 and 530,
	// which are Cloudflare's.
	ErrServer = errors.New("server error")
	// ErrRedirect: the answer was a redirect (any 3xx status), which is never
	// followed: no credential leaves for another address.
	ErrRedirect = errors.New("redirect refused")
	// ErrTransport: no complete answer came: the connection failed, an attempt
	// ran out of time or the body was cut short.
	ErrTransport = errors.New("no complete answer")
	// ErrDecode: a success answer could not be understood. For a write that
	// usually means that it was applied: see Error.Outcome.
	ErrDecode = errors.New("answer not understood")
	// ErrResponseTooLarge: a success answer was longer than the bound that
	// this module reads. It comes with ErrDecode.
	ErrResponseTooLarge = errors.New("answer too large")
)

// Error codes of Clerk's catalogue that a sentinel depends on.
const (
	// CodeResourceLocked is sent with status 409 while another request
	// modifies the resource; the only 409 that is worth retrying.
	CodeResourceLocked = "resource_locked"
	// CodeManagedBySCIM is sent with status 409 for an attribute that
	// directory sync owns.
	CodeManagedBySCIM = "attribute_managed_by_scim"
	// CodeExceedsAllowedSize is sent with status 422 for metadata over the
	// size limit.
	CodeExceedsAllowedSize = "form_param_exceeds_allowed_size"
	// CodeOriginConflict is sent by the Frontend API with status 400 for a
	// request with both an Origin and an Authorization header.
	CodeOriginConflict = "origin_authorization_headers_conflict"
)

// Is reports whether e has the meaning of one of this package's sentinels. It
// is what errors.Is calls; causes are reached through Unwrap.
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
