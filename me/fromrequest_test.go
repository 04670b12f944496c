package me_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
)

// taken is what FromRequest made of a request.
type taken struct {
	credential me.Credential
	err        error
}

// overLoopback sends a request to a handler that calls FromRequest.
func overLoopback(t *testing.T, header http.Header, query, key string) taken {
	t.Helper()
	results := make(chan taken, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		credential, err := me.FromRequest(r, key)
		results <- taken{credential, err}
	}))
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/theme?"+query, http.NoBody)
	require.NoError(t, err)
	for name, values := range header {
		r.Header[name] = values
	}
	answer, err := server.Client().Do(r)
	require.NoError(t, err)
	answer.Body.Close()
	return <-results
}

// sent is how a credential travels to Clerk: cookie, Authorization and query.
func sent(t *testing.T, credential me.Credential) (cookie, authorization string, query url.Values) {
	t.Helper()
	rt := roundTrip(func(r *http.Request) (*http.Response, error) {
		cookie, authorization, query = r.Header.Get("Cookie"), r.Header.Get("Authorization"), r.URL.Query()
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body(`{"response":{"id":"user_1"}}`), Request: r}, nil
	})
	svc, err := client.NewFrontend("https://clerk.example.com", client.WithHTTPClient(&http.Client{Transport: rt}))
	require.NoError(t, err)
	_, _, err = svc.GetMe(t.Context(), credential)
	require.NoError(t, err, "a credential that was taken is one that can be sent")
	return cookie, authorization, query
}

func TestFromRequest(t *testing.T) {
	t.Parallel()
	type h = http.Header
	for name, tc := range map[string]struct {
		header http.Header
		query  string
		want   string // cookie, Authorization, query
	}{
		"cookie":                       {h{"Cookie": {"a=1; __client=value-1; __client_uat=2"}}, "", "__client=value-1  "},
		"cookie, from a page":          {h{"Cookie": {"__client=value-1"}, "Origin": {"https://example.com"}}, "", "__client=value-1  "},
		"cookie, loosely written":      {h{"Cookie": {"a;;=;__client =\tvalue-1"}}, "", "__client=value-1  "},
		"cookie, the same twice":       {h{"Cookie": {"__client=value-1; __client=value-1", "__client=value-1"}}, "", "__client=value-1  "},
		"cookie, beside an empty one":  {h{"Cookie": {"__client=; __client=value-1; __clerk_db_jwt="}}, "__dev_session=", "__client=value-1  "},
		"cookie, not native":           {h{"Cookie": {"__client=value-1"}}, "_is_native=0", "__client=value-1  "},
		"cookie, empty Authorization":  {h{"Cookie": {"__client=value-1"}, "Authorization": {"Bearer"}}, "", "__client=value-1  "},
		"cookie, session token":        {h{"Authorization": {"Bearer value-2"}, "Cookie": {"__client=value-1; __session=value-2"}}, "", "__client=value-1  "},
		"cookie, session token, page":  {h{"Authorization": {"Bearer value-2"}, "Cookie": {"__client=value-1"}, "Origin": {"https://example.com"}}, "", "__client=value-1  "},
		"cookie, not native, token":    {h{"Authorization": {"Bearer value-2", "Bearer value-3"}, "Cookie": {"__client=value-1"}}, "_is_native=false", "__client=value-1  "},
		"cookie, basic authentication": {h{"Authorization": {"Basic value-2"}, "Cookie": {"__client=value-1"}}, "", "__client=value-1  "},
		"development, session token":   {h{"Authorization": {"Bearer value-2"}, "Cookie": {"__clerk_db_jwt=value-1"}}, "", "  __dev_session=value-1"},
		"cookie and session":           {h{"Cookie": {"__client=value-1"}}, "theme=dark&_clerk_session_id=sess_2", "__client=value-1  _clerk_session_id=sess_2"},
		"native":                       {h{"Authorization": {"value-1"}}, "_is_native=1", " Bearer value-1 _is_native=1"},
		"native, Bearer":               {h{"Authorization": {"Bearer value-1"}}, "_is_native=true", " Bearer value-1 _is_native=1"},
		"native, bearer":               {h{"Authorization": {"bearer   value-1"}}, "_is_native=1", " Bearer value-1 _is_native=1"},
		"native, the same twice":       {h{"Authorization": {"value-1", "Bearer value-1"}}, "_is_native=1&_is_native=1", " Bearer value-1 _is_native=1"},
		"native and session":           {h{"Authorization": {"value-1"}}, "_is_native=1&_clerk_session_id=sess_2", " Bearer value-1 _clerk_session_id=sess_2&_is_native=1"},
		"development, documented":      {nil, "__dev_session=value-1", "  __dev_session=value-1"},
		"development, current clients": {nil, "__clerk_db_jwt=value-1", "  __dev_session=value-1"},
		"development, escaped":         {nil, "__clerk_db_jwt=value%2B1", "  __dev_session=value%2B1"},
		"development, cookie":          {h{"Cookie": {"__clerk_db_jwt=value-1; __clerk_db_jwt_x=2"}}, "", "  __dev_session=value-1"},
		"development, all of them":     {h{"Cookie": {"__clerk_db_jwt=value-1"}}, "__clerk_db_jwt=value-1&__dev_session=value-1", "  __dev_session=value-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := overLoopback(t, tc.header, tc.query, "")
			require.NoError(t, got.err)
			cookie, authorization, query := sent(t, got.credential)
			require.Equal(t, tc.want, cookie+" "+authorization+" "+query.Encode())
		})
	}
}

func TestFromRequestRefuses(t *testing.T) {
	t.Parallel()
	type h = http.Header
	const (
		absent = "the request has no end user's credential"
		beside = "is present together with Origin"
		kinds  = "more than one kind"
	)
	unauthorized, conflict, invalid := clerkerr.ErrUnauthorized, clerkerr.ErrCredentialConflict, clerkerr.ErrInvalidArgument
	for name, tc := range map[string]struct {
		header http.Header
		query  string
		is     error
		param  string
		says   string
	}{
		"nothing":                         {nil, "", unauthorized, "", absent},
		"other cookies":                   {h{"Cookie": {"__client_uat=value-1; x__client=value-2; __Client=value-3; __session=value-4"}}, "", unauthorized, "", absent},
		"empty":                           {h{"Cookie": {"__client=; __clerk_db_jwt"}}, "__dev_session=&__clerk_db_jwt", unauthorized, "", absent},
		"session alone":                   {nil, "_clerk_session_id=value-1", unauthorized, "", absent},
		"native without a token yet":      {h{"Authorization": {"Bearer "}}, "_is_native=1", unauthorized, "", absent},
		"session token":                   {h{"Authorization": {"Bearer value-1"}}, "", unauthorized, "Authorization", "not a client token"},
		"not native":                      {h{"Authorization": {"Bearer value-1"}}, "_is_native=0", unauthorized, "Authorization", "not a client token"},
		"two cookies":                     {h{"Cookie": {"__client=value-1; __client=value-2"}}, "", conflict, "__client", "more than one value"},
		"two Cookie headers":              {h{"Cookie": {"__client=value-1", "__client=value-2"}}, "", conflict, "__client", "more than one value"},
		"a cookie that net/http drops":    {h{"Cookie": {`__client=value-1; __client=value\2`}}, "", conflict, "__client", "more than one value"},
		"two tokens":                      {h{"Authorization": {"value-1", "value-2"}}, "_is_native=1", conflict, "Authorization", "more than one value"},
		"two sessions":                    {h{"Cookie": {"__client=value-1"}}, "_clerk_session_id=value-2&_clerk_session_id=value-3", conflict, "_clerk_session_id", "more than one value"},
		"native and not":                  {h{"Authorization": {"value-1"}}, "_is_native=1&_is_native=0", conflict, "_is_native", "more than one value"},
		"two development browsers":        {nil, "__dev_session=value-1&__dev_session=value-2", conflict, "__clerk_db_jwt", "more than one value"},
		"two parameters":                  {nil, "__dev_session=value-1&__clerk_db_jwt=value-2", conflict, "__clerk_db_jwt", "more than one value"},
		"parameter and cookie":            {h{"Cookie": {"__clerk_db_jwt=value-1"}}, "__clerk_db_jwt=value-2", conflict, "__clerk_db_jwt", "more than one value"},
		"native from a page":              {h{"Authorization": {"value-1"}, "Origin": {"https://example.com"}}, "_is_native=1", conflict, "Authorization", beside},
		"native from a page without name": {h{"Authorization": {"value-1"}, "Origin": {"null"}}, "_is_native=1", conflict, "Authorization", beside},
		"session token from a page":       {h{"Authorization": {"Bearer value-1"}, "Origin": {"https://example.com"}}, "", unauthorized, "Authorization", "not a client token"},
		"two session tokens":              {h{"Authorization": {"Bearer value-1", "Basic value-2"}}, "", unauthorized, "Authorization", "not a client token"},
		"cookie and token from a page":    {h{"Authorization": {"value-1"}, "Cookie": {"__client=value-2"}, "Origin": {"https://example.com"}}, "_is_native=1", conflict, "Authorization", beside},
		"cookie and native":               {h{"Authorization": {"value-1"}, "Cookie": {"__client=value-2"}}, "_is_native=1", conflict, "credential", kinds},
		"cookie and development":          {h{"Cookie": {"__client=value-1; __clerk_db_jwt=value-1"}}, "", conflict, "credential", kinds},
		"development and native":          {h{"Authorization": {"value-1"}}, "_is_native=1&__dev_session=value-1", conflict, "credential", kinds},
		"native with a cookie":            {h{"Cookie": {"__client=value-1"}}, "_is_native=1", conflict, "_is_native", "browser's credential"},
		"native development browser":      {nil, "_is_native=true&__dev_session=value-1", conflict, "_is_native", "browser's credential"},
		"malformed query":                 {h{"Cookie": {"__client=value-1"}}, "_clerk_session_id=%value", invalid, "query", "is malformed"},
		"semicolons in the query":         {h{"Cookie": {"__client=value-1"}}, "a=1;_clerk_session_id=value-2", invalid, "query", "is malformed"},
		"another scheme":                  {h{"Authorization": {"Basic value-1"}}, "_is_native=1", invalid, "credential", "white space"},
		"quoted cookie":                   {h{"Cookie": {`__client="value-1"`}}, "", invalid, "credential", "a character that no token has"},
		"newline":                         {nil, "__dev_session=value-1%0a", invalid, "credential", "white space"},
		"too long":                        {h{"Cookie": {"__client=" + strings.Repeat("value", 1700)}}, "", invalid, "credential", "8500 bytes long"},
		"secret key":                      {h{"Authorization": {"Bearer sk_value"}}, "_is_native=1", invalid, "credential", "is a secret key"},
		"session with a space":            {h{"Cookie": {"__client=value-1"}}, "_clerk_session_id=value+2", invalid, "credential", "session id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := overLoopback(t, tc.header, tc.query, "")
			requireRefusal(t, got, tc.is, tc.says)
			var e *clerkerr.Error
			require.ErrorAs(t, got.err, &e)
			require.Equal(t, tc.param, e.Param())
			require.Equal(t, "me.FromRequest", e.Operation)
			require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
			require.NotContains(t, printed(t, got.err)+printed(t, e.Details), "value-")
			require.NotContains(t, printed(t, got.err), "%va")
		})
	}
	requireRefusal(t, takenFrom(nil), invalid, "is nil")
	requireRefusal(t, takenFrom(&http.Request{}), invalid, "no URL")
}

// Two applications on localhost: the suffix of each is that of its publishable key.
func TestFromRequestOfSeveralApplications(t *testing.T) {
	t.Parallel()
	const (
		ours, our     = fuzzKey, "__clerk_db_jwt_o383k7Jh"
		theirs, their = "pk_test_Y2xlcmsub3RoZXIuZXhhbXBsZSQ", "__clerk_db_jwt_rkiah9Tb"
		bare          = "__clerk_db_jwt"
	)
	conflict, unauthorized := clerkerr.ErrCredentialConflict, clerkerr.ErrUnauthorized
	for name, tc := range map[string]struct {
		cookies, query, key string
		want                string // the token, "" for is
		is                  error
	}{
		"suffixed before bare":             {bare + "=value-2; " + our + "=value-1", "", ours, "value-1", nil},
		"bare before suffixed":             {our + "=value-1; " + bare + "=value-2", "", ours, "value-1", nil},
		"the other application":            {our + "=value-2; " + bare + "=value-2; " + their + "=value-1", "", theirs, "value-1", nil},
		"suffixed alone":                   {our + "=value-1", "", ours, "value-1", nil},
		"bare alone":                       {bare + "=value-1", "", ours, "value-1", nil},
		"empty suffixed, bare":             {our + "=; " + bare + "=value-1", "", ours, "value-1", nil},
		"bare, another's":                  {bare + "=value-1; " + their + "=value-1", "", ours, "", unauthorized},
		"bare, anybody's":                  {bare + "=value-1; " + their + "=value-2", "", ours, "", conflict},
		"another's alone":                  {their + "=value-1", "", ours, "", unauthorized},
		"two of ours":                      {our + "=value-1; " + our + "=value-2", "", ours, "", conflict},
		"ours in the query":                {bare + "=value-2; " + our + "=value-1", "__clerk_db_jwt=value-1", ours, "value-1", nil},
		"another in the query":             {our + "=value-1", "__dev_session=value-2", ours, "", conflict},
		"no key, one application":          {bare + "=value-1; " + our + "=value-1", "", "", "value-1", nil},
		"no key, suffixed alone":           {our + "=value-1", "", "", "value-1", nil},
		"no key, another's bare":           {bare + "=value-2; " + our + "=value-1", "", "", "", conflict},
		"no key, two applications":         {our + "=value-1; " + their + "=value-2", "", "", "", conflict},
		"session and state are no tokens":  {"__session_o383k7Jh=value-1; __client_uat_o383k7Jh=1; __session=value-2", "", ours, "", unauthorized},
		"__client has no suffix":           {"__client_o383k7Jh=value-1", "", ours, "", unauthorized},
		"what is no suffix":                {bare + "_=value-1; " + bare + "_o383k7J=value-1; " + bare + "_o383k7J!=value-1; " + bare + "_o383k7Jhh=value-1", "", "", "", unauthorized},
		"a suffix in another case":         {bare + "_O383k7Jh=value-1", "", ours, "", unauthorized},
		"suffixed and __client":            {our + "=value-1; __client=value-2", "", ours, "", conflict},
		"another's suffixed and __client":  {their + "=value-2", "_clerk_session_id=sess_1", ours, "", unauthorized},
		"empty ones of others say nothing": {bare + "=value-1; " + their + "=", "", ours, "value-1", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := overLoopback(t, http.Header{"Cookie": {tc.cookies}}, tc.query, tc.key)
			if tc.is != nil {
				require.ErrorIs(t, got.err, tc.is)
				require.NotContains(t, printed(t, got.err), "value-")
				return
			}
			require.NoError(t, got.err)
			_, _, query := sent(t, got.credential)
			require.Equal(t, tc.want, query.Get("__dev_session"))
		})
	}
	for _, key := range []string{"sk_test_abcdef", "pk_test_abcdef", "pk_test", " " + ours} {
		got := overLoopback(t, http.Header{"Cookie": {"__client=value-1"}}, "", key)
		requireRefusal(t, got, clerkerr.ErrInvalidArgument, "publishableKey")
		require.NotContains(t, printed(t, got.err), "abcdef")
	}
}

func TestFromRequestLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"_is_native=1", ""} {
		r := httptest.NewRequest(http.MethodPost, "/?"+query, strings.NewReader("__dev_session=value-2"))
		r.Header = http.Header{"Authorization": {"", "Bearer value-1"}, "Content-Type": {"application/x-www-form-urlencoded"}}
		before := r.Header.Clone()
		got := takenFrom(r)
		require.Equal(t, query == "", got.err != nil)
		require.Equal(t, before, r.Header)
		require.Equal(t, "value-2", r.PostFormValue("__dev_session"), "the body is the handler's")
	}
}

func takenFrom(r *http.Request) taken {
	credential, err := me.FromRequest(r, "")
	return taken{credential, err}
}

// requireRefusal requires an error of one meaning, and no credential beside it.
func requireRefusal(t *testing.T, got taken, is error, says string) {
	t.Helper()
	require.Equal(t, me.Credential{}.String(), got.credential.String())
	require.ErrorContains(t, got.err, says)
	unauthorized, conflict := errors.Is(is, clerkerr.ErrUnauthorized), errors.Is(is, clerkerr.ErrCredentialConflict)
	require.Equal(t, unauthorized, errors.Is(got.err, clerkerr.ErrUnauthorized), "answered 401")
	require.Equal(t, !unauthorized, errors.Is(got.err, clerkerr.ErrInvalidArgument))
	require.Equal(t, !unauthorized, errors.Is(got.err, clerkerr.ErrInvalid), "answered 400")
	require.Equal(t, conflict, errors.Is(got.err, clerkerr.ErrCredentialConflict))
}

// printed is v in every way that a program may log it.
func printed(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
	encoded, err := json.Marshal(v)
	require.NoError(t, err)
	out.Write(encoded)
	fmt.Fprintf(&out, "%v %+v %#v %s %q", v, v, v, v, v)
	return out.String()
}

// TestManyCookies: the work grows with the length of the header, not with its
// square: that would take minutes here.
func TestManyCookies(t *testing.T) {
	t.Parallel()
	const each = 250_000
	var line strings.Builder
	for i := range each {
		fmt.Fprintf(&line, "__clerk_db_jwt_rkiah9Tb=%06d;", i)
	}
	line.WriteString(strings.Repeat(fmt.Sprintf("__clerk_db_jwt=%06d;", each-1), each))
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Cookie", line.String())
	result := make(chan error, 1)
	go func() {
		_, err := me.FromRequest(r, fuzzKey)
		result <- err
	}()
	select {
	case err := <-result:
		require.ErrorIs(t, err, clerkerr.ErrUnauthorized, "every bare cookie has the value of another application's")
	case <-time.After(2 * time.Minute):
		t.Fatal("it takes minutes")
	}
}
