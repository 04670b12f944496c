package me

import (
	"crypto/sha1" //nolint:gosec // for a name, as Clerk's browser client does, and not for protection
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// blank is the white space that may surround a value in a header.
const blank = " \t"

// cookies returns the values of a request's cookies by name, without empty ones.
// http.Request.Cookies would drop a value that it cannot read, and with it a conflict.
func cookies(h http.Header) map[string][]string {
	all := map[string][]string{}
	for _, line := range h.Values("Cookie") {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(pair, "=")
			if value = strings.Trim(value, blank); value != "" {
				name = strings.Trim(name, blank)
				all[name] = append(all[name], value)
			}
		}
	}
	return all
}

// developmentTokens returns the values of the cookie __clerk_db_jwt that belong to the
// application with this key, or to any without a key. unclear reports a bare cookie that
// may be another application's.
func developmentTokens(all map[string][]string, publishableKey string) (values []string, unclear bool) {
	bare := all[devBrowserName]
	ownName := devBrowserName + "_" + suffixOf(publishableKey)
	if own := all[ownName]; publishableKey != "" && len(own) > 0 {
		return own, false
	}
	others := map[string]bool{}
	for name, values := range all {
		if suffix, ok := strings.CutPrefix(name, devBrowserName+"_"); ok && isSuffix(suffix) {
			for _, value := range values {
				others[value] = true
			}
			if publishableKey == "" {
				bare = slices.Concat(bare, values)
			}
		}
	}
	if publishableKey == "" || len(others) == 0 {
		return bare, false
	}
	return nil, slices.ContainsFunc(bare, func(value string) bool { return !others[value] })
}

const suffixLen = 8

// suffixOf returns the end of the names of a publishable key's cookies.
func suffixOf(publishableKey string) string {
	sum := sha1.Sum([]byte(publishableKey)) //nolint:gosec // as above
	return base64.URLEncoding.EncodeToString(sum[:])[:suffixLen]
}

// isSuffix reports whether s can be the suffix of a publishable key.
func isSuffix(s string) bool {
	_, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && len(s) == suffixLen
}
