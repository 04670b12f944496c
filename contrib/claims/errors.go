package claims

import (
	"errors"
	"net/http"
)

// Why a request is refused. Every *Error satisfies one of them, or metadata.ErrMismatch.
var (
	// ErrNoToken reports a request without a session token.
	ErrNoToken = errors.New("request has no session token")
	// ErrInvalidToken reports a token that is forged, expired, meant for others or not a
	// user's session token, a request with several, and a user who does not exist any more.
	ErrInvalidToken = errors.New("session token is invalid")
	// ErrTemplate reports a verified token without a claim that the struct needs.
	ErrTemplate = errors.New("session token lacks a claim: put the text of claims.Template into Clerk's dashboard, under Sessions, Customize session token")
	// ErrUnavailable reports that nobody could tell: the key is unknown and the instance's
	// could not be fetched, or the user could not be read within maxAge.
	ErrUnavailable = errors.New("session token cannot be judged now")
)

// Error is why a request is refused. It holds no token and no value of a claim.
type Error struct {
	// Status is the status of the answer: 401 for ErrNoToken and ErrInvalidToken, 403 for
	// metadata that does not fit the struct, 500 for ErrTemplate, 503 for ErrUnavailable.
	Status int
	// Err is the reason.
	Err error
}

// Error returns the reason.
func (e *Error) Error() string { return "claims: " + e.Err.Error() }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// asError finds the status of a reason.
func asError(err error) *Error {
	status := http.StatusForbidden
	switch {
	case errors.Is(err, ErrNoToken), errors.Is(err, ErrInvalidToken):
		status = http.StatusUnauthorized
	case errors.Is(err, ErrTemplate):
		status = http.StatusInternalServerError
	case errors.Is(err, ErrUnavailable):
		status = http.StatusServiceUnavailable
	}
	return &Error{Status: status, Err: err}
}

// refuse is the default of Config.Refuse.
func refuse(w http.ResponseWriter, _ *http.Request, err *Error) {
	if err.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	http.Error(w, http.StatusText(err.Status), err.Status)
}
