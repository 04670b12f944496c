package me_test

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/me"
)

// Whatever a request holds, a credential of it is one that was there, and is
// refused by no call.
func FuzzFromRequest(f *testing.F) {
	f.Add("a=1; __client=value", "", "", "_clerk_session_id=sess_1", "")
	f.Add("__client=a; __client=b;=;__client", "", "", "", "")
	f.Add("", "Bearer value", "", "_is_native=1", "")
	f.Add("", "Bearer Bearer value", "https://example.com", "_is_native=true&_is_native=1", "")
	f.Add("__clerk_db_jwt=value", "", "", "__clerk_db_jwt=value&__dev_session=%76alue", "")
	f.Add("\x00__client=\xff", "\n", "null", "%zz;", "")
	f.Add("__clerk_db_jwt=a; __clerk_db_jwt_o383k7Jh=b; __clerk_db_jwt_aaaaaaaa=a", "Bearer x", "", "", fuzzKey)
	f.Add("__clerk_db_jwt=a; __clerk_db_jwt_aaaaaaaa=b", "", "", "", fuzzKey)
	f.Fuzz(func(t *testing.T, cookies, authorization, origin, query, key string) {
		r := &http.Request{Header: http.Header{"Cookie": {cookies}, "Authorization": {authorization}, "Origin": {origin}}, URL: &url.URL{RawQuery: query}}
		credential, err := me.FromRequest(r, key)
		if err != nil {
			var e *clerkerr.Error
			require.ErrorAs(t, err, &e)
			require.Zero(t, e.Attempts)
			return
		}
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		cookie, bearer, sends := sent(t, credential)
		if sends.Has("_clerk_session_id") {
			require.Contains(t, values["_clerk_session_id"], sends.Get("_clerk_session_id"))
		}
		switch {
		case cookie != "":
			value, ok := strings.CutPrefix(cookie, "__client=")
			require.True(t, ok && value != "")
			require.Contains(t, cookies, value)
		case bearer != "":
			token, ok := strings.CutPrefix(bearer, "Bearer ")
			require.True(t, ok && token != "")
			require.Contains(t, authorization, token)
			require.Empty(t, origin)
			require.Subset(t, []string{"", "1", "true"}, values["_is_native"])
			require.NotEmpty(t, strings.Join(values["_is_native"], ""))
		default:
			token := sends.Get("__dev_session")
			require.NotEmpty(t, token)
			given := slices.Concat(values["__dev_session"], values["__clerk_db_jwt"])
			require.True(t, slices.Contains(given, token) || strings.Contains(cookies, token))
			if own := ownCookie(cookies, key); own != "" {
				require.Equal(t, own, token, "the application's own goes before the bare one")
			}
		}
	})
}

// fuzzKey is of an application at clerk.example.
const fuzzKey = "pk_test_Y2xlcmsuZXhhbXBsZSQ"

// ownCookie is the one value of the application's own suffixed cookie, "" where
// there is none.
func ownCookie(cookies, key string) string {
	if key == "" {
		return ""
	}
	sum := sha1.Sum([]byte(key))
	name := "__clerk_db_jwt_" + base64.URLEncoding.EncodeToString(sum[:])[:8]
	for pair := range strings.SplitSeq(cookies, ";") {
		if key, value, _ := strings.Cut(pair, "="); strings.Trim(key, " \t") == name && strings.Trim(value, " \t") != "" {
			return strings.Trim(value, " \t")
		}
	}
	return ""
}
