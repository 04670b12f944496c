package client

import (
	"errors"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
)

// LimitTransport returns an http.RoundTripper that puts another client of the same instance,
// such as Clerk's own Go client, under limiter: both spend one quota. base sends the requests,
// http.DefaultTransport if it is nil.
//
// Each request waits for limiter within its context, under which http.Client puts its Timeout:
// Clerk's Go client has one of five seconds unless it is given another http.Client. The error of
// a limiter that refuses, such as clerkerr.ErrLocalLimit, reaches the caller inside a *url.Error.
// An answer 429 holds back what it holds back for a Client. Requests and answers are not changed,
// and nothing is retried.
//
// Method and path name what limiter counts, whatever the host: give the RoundTripper to a client
// of the Backend API alone, and note that http.Client sends a redirect as a request that counts
// too. PATCH and PUT below the address of a user, an
// organization or a membership count for it as well as for the instance, the four ways to invite
// under the names of this module's methods, and GET /v1/jwks not at all. An organization counts
// under the name in the path: name it by its id, not by its slug. Do not give the RoundTripper
// to a Client, which takes the limiter itself (WithLimiter) and would count twice, nor to a
// client of the Frontend API, which has other limits.
//
// The RoundTripper is safe for concurrent use. If limiter is nil, every request fails with
// clerkerr.ErrInvalidArgument.
func LimitTransport(limiter Limiter, base http.RoundTripper) http.RoundTripper {
	if limiter == nil {
		return refused{clerkerr.Invalid("client.LimitTransport", "limiter", errors.New("is nil: NewLimiter makes one"))}
	}
	if base == nil {
		base = http.DefaultTransport //nolint:forbidigo // what a nil Transport of an http.Client means
	}
	return &transport.Limited{Limiter: limiter, Base: base}
}

// refused is an http.RoundTripper that sends nothing.
type refused struct{ err error }

// RoundTrip fails.
func (f refused) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close() // as a RoundTripper must
	}
	return nil, f.err
}
