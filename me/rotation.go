package me

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

// Rotation is what Clerk renewed of a credential with its answers: a token for
// a native app (the answer's Authorization header, as Clerk's own clients are
// seen to read it), cookies for a browser. Hand it to whoever the credential
// came from, and use Credential.Rotated for the next call. The zero Rotation
// renewed nothing. It is immutable and prints none of its values.
type Rotation struct {
	token   secret.Text
	cookies func() []*http.Cookie
}

// Token returns the renewed client JWT of a native app, "" where there is none.
func (r Rotation) Token() string { return r.token.Reveal() }

// Cookies returns copies of the cookies that Clerk set, in its order; of two
// with the same name, domain and path only the later.
func (r Rotation) Cookies() []*http.Cookie {
	if r.cookies == nil {
		return nil
	}
	var copies []*http.Cookie
	for _, c := range r.cookies() {
		cookie := *c
		copies = append(copies, &cookie)
	}
	return copies
}

// IsZero reports whether nothing was renewed.
func (r Rotation) IsZero() bool { return r.Token() == "" && r.cookies == nil }

// then is r followed by next.
func (r Rotation) then(next Rotation) Rotation {
	if next.Token() != "" {
		r.token = next.token
	}
	if next.cookies == nil {
		return r
	}
	all := r.Cookies()
	for _, renewed := range next.Cookies() {
		all = slices.DeleteFunc(all, func(old *http.Cookie) bool {
			return old.Name == renewed.Name && old.Domain == renewed.Domain && old.Path == renewed.Path
		})
		all = append(all, renewed)
	}
	r.cookies = func() []*http.Cookie { return all }
	return r
}

// readRotation reads what one answer renewed.
func readRotation(h http.Header) Rotation {
	var r Rotation
	if t := strings.TrimPrefix(h.Get(headerAuthorize), bearer); t != "" {
		r.token = secret.New(t, "native ")
	}
	if cookies := (&http.Response{Header: h}).Cookies(); len(cookies) > 0 {
		r.cookies = func() []*http.Cookie { return cookies }
	}
	return r
}

// String says how much was renewed and nothing of the values.
func (r Rotation) String() string {
	if r.IsZero() {
		return "nothing renewed"
	}
	return fmt.Sprintf("renewed: token %t, cookies %d", r.Token() != "", len(r.Cookies()))
}

// Format writes String for every verb.
func (r Rotation) Format(s fmt.State, verb rune) { secret.Format(s, verb, r.String()) }

// MarshalJSON encodes String.
func (r Rotation) MarshalJSON() ([]byte, error) { return secret.MarshalJSON(r.String()) }

// LogValue gives log/slog String.
func (r Rotation) LogValue() slog.Value { return slog.StringValue(r.String()) }
