package me

import (
	"crypto/sha1" //nolint:gosec // a name, no protection: Clerk's browser client makes it so
	"encoding/base64"
	"iter"
	"net/http"
	"slices"
	"strings"
)

const suffixLen = 8

// suffixOf is what the cookies of a publishable key's application end in.
func suffixOf(publishableKey string) string {
	sum := sha1.Sum([]byte(publishableKey)) //nolint:gosec // as above
	return base64.URLEncoding.EncodeToString(sum[:])[:suffixLen]
}

// developmentCookies are the values of the cookie __clerk_db_jwt that count for
// the application with this key, "" for any. unclear reports that there is a bare
// one of which it cannot be said.
func developmentCookies(h http.Header, publishableKey string) (values []string, unclear bool) {
	var bare, own, others []string
	ownSuffix := suffixOf(publishableKey)
	for name, value := range cookies(h) {
		suffix, suffixed := strings.CutPrefix(name, devBrowserName+"_")
		switch {
		case value == "":
		case name == devBrowserName:
			bare = append(bare, value)
		case !suffixed || !isSuffix(suffix):
		case publishableKey != "" && suffix == ownSuffix:
			own = append(own, value)
		default:
			others = append(others, value)
		}
	}
	switch {
	case publishableKey == "":
		return slices.Concat(bare, others), false
	case len(own) > 0:
		return own, false
	case len(others) == 0:
		return bare, false
	}
	known := make(map[string]bool, len(others)) // a request can bring tens of thousands of each
	for _, value := range others {
		known[value] = true
	}
	return nil, slices.ContainsFunc(bare, func(value string) bool { return !known[value] })
}

// isSuffix reports whether s can be the suffix of some publishable key.
func isSuffix(s string) bool {
	_, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && len(s) == suffixLen
}

// cookieValues are the values of a cookie.
func cookieValues(h http.Header, name string) []string {
	var values []string
	for key, value := range cookies(h) {
		if key == name {
			values = append(values, value)
		}
	}
	return values
}

// cookies are those of a request as they were sent. Request.Cookies would drop a
// value that it finds odd, and with it the contradiction.
func cookies(h http.Header) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, line := range h.Values("Cookie") {
			for pair := range strings.SplitSeq(line, ";") {
				name, value, _ := strings.Cut(pair, "=")
				if !yield(strings.Trim(name, blank), strings.Trim(value, blank)) {
					return
				}
			}
		}
	}
}
