package claims

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const sessionCookie = "__session"

// tokenOf returns the session token of a request. A bearer in Authorization counts and the
// cookie does not, whether they agree or not, as with Clerk's clients: a page of another
// site can make a browser send the cookie, and not the header. Otherwise the cookie with
// the application's suffix counts, and the bare one if there is none.
func (v *Verifier) tokenOf(r *http.Request) (string, error) {
	var bearers []string
	for _, header := range r.Header.Values("Authorization") {
		if scheme, token, _ := strings.Cut(header, " "); strings.EqualFold(scheme, "Bearer") {
			bearers = append(bearers, strings.TrimSpace(token))
		}
	}
	for _, values := range [][]string{bearers, cookies(r, v.ownCookie), cookies(r, sessionCookie)} {
		values = slices.Compact(values)
		if len(values) > 1 {
			return "", fmt.Errorf("%w: the request has more than one in the same place", ErrInvalidToken)
		}
		if len(values) == 1 && values[0] != "" {
			return values[0], nil
		}
	}
	return "", ErrNoToken
}

// cookies returns the values of a name. A page of a sibling domain can add another one.
func cookies(r *http.Request, name string) (values []string) {
	for _, cookie := range r.CookiesNamed(name) {
		values = append(values, cookie.Value)
	}
	return values
}
