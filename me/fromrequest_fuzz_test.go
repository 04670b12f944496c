package me_test

import (
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
	f.Add("a=1; __client=value", "", "", "_clerk_session_id=sess_1")
	f.Add("__client=a; __client=b;=;__client", "", "", "")
	f.Add("", "Bearer value", "", "_is_native=1")
	f.Add("", "Bearer Bearer value", "https://example.com", "_is_native=true&_is_native=1")
	f.Add("__clerk_db_jwt=value", "", "", "__clerk_db_jwt=value&__dev_session=%76alue")
	f.Add("\x00__client=\xff", "\n", "null", "%zz;")
	f.Fuzz(func(t *testing.T, cookies, authorization, origin, query string) {
		r := &http.Request{Header: http.Header{"Cookie": {cookies}, "Authorization": {authorization}, "Origin": {origin}}, URL: &url.URL{RawQuery: query}}
		credential, err := me.FromRequest(r)
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
		}
	})
}
