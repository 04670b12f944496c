package transport

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/observe"
)

// Limited is the http.RoundTripper of client.LimitTransport, which sets both fields.
type Limited struct {
	Limiter Limiter
	Base    http.RoundTripper
}

// RoundTrip sends the request when the Limiter allows it.
func (l *Limited) RoundTrip(r *http.Request) (*http.Response, error) {
	path := fromVersion(route(r.URL))
	if path == "jwks" {
		return l.Base.RoundTrip(r) // which Clerk documents as not limited
	}
	counted := observe.Request{Operation: invitation(r.Method, path), Entity: written(r.Method, r.URL)}
	if err := l.Limiter.Wait(r.Context(), counted); err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // as a RoundTripper must, whatever comes of it
		}
		return nil, err
	}
	resp, err := l.Base.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		l.Limiter.TooMany(r.Context(), counted, parseRetryAfter(resp.Header, time.Now()))
	}
	return resp, err
}

// CloseIdleConnections closes those of the base, as http.Client's method of that name
// expects of its Transport.
func (l *Limited) CloseIdleConnections() {
	if base, ok := l.Base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

// fromVersion returns what follows /v1/ in a path, which is relative to any base URL.
func fromVersion(path string) string {
	_, rest, _ := strings.Cut(path, "/v1/")
	return rest
}

// invitation is the name of the method of this module that sends such a request, if that
// has a limit besides those of the instance and of entities, else "".
func invitation(method, path string) string {
	switch method + " " + path {
	case "POST invitations":
		return "CreateInvitation"
	case "POST invitations/bulk":
		return "CreateInvitations"
	case "POST organizations/{organization_id}/invitations":
		return "CreateOrganizationInvitation"
	case "POST organizations/{organization_id}/invitations/bulk":
		return "CreateOrganizationInvitations"
	}
	return ""
}

// written is the entity that a request writes to, in the form of observe.Request. That all
// PATCH and PUT below a user's or an organization's address count for it is a guess.
func written(method string, u *url.URL) string {
	if method != http.MethodPatch && method != http.MethodPut {
		return ""
	}
	segments := strings.Split(fromVersion(u.EscapedPath()), "/")
	for i, segment := range segments {
		if id, err := url.PathUnescape(segment); err == nil {
			segments[i] = id
		}
	}
	switch {
	case len(segments) < 2:
		return ""
	case segments[0] == "users":
		return "user/" + segments[1]
	case segments[0] == "organizations" && len(segments) > 3 && segments[2] == "memberships":
		return "membership/" + segments[1] + "/" + segments[3]
	case segments[0] == "organizations":
		return "organization/" + segments[1]
	}
	return ""
}
