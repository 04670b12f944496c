package me_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/me"
)

// rotated is the Rotation of one answer with the given header.
func rotated(t *testing.T, headers ...http.Header) me.Rotation {
	t.Helper()
	svc, err := client.NewFrontend("https://clerk.example.com",
		client.WithHTTPClient(&http.Client{Transport: &answers{headers: headers}}), client.WithRetry(client.Retry{BaseDelay: client.None}))
	require.NoError(t, err)
	_, rotation, err := svc.GetMe(t.Context(), me.Cookie("zeroth"))
	require.NoError(t, err)
	return rotation
}

// What Clerk set reaches the browser as it was, what net/http knows nothing of
// included.
func TestApply(t *testing.T) {
	t.Parallel()
	lines := []string{
		"__client=value-1; Path=/; Domain=clerk.example.com; Max-Age=315360000; Expires=Fri, 01 Jan 2100 00:00:00 GMT; HttpOnly; Secure; SameSite=None; Partitioned",
		"__client=value-2; path=/; domain=clerk.example.com; priority=High; x-later=1",
		`odd="a b\c"; Path=/`,
		"no cookie at all; Path=/",
	}
	rotation := rotated(t, http.Header{"Set-Cookie": lines, "Authorization": {"Bearer token-1"}})
	require.Equal(t, "token-1", rotation.Token())
	require.Len(t, rotation.Cookies(), 2, "those that net/http can read")
	require.Equal(t, "renewed: token true, cookies 4", rotation.String())

	w := httptest.NewRecorder()
	w.Header().Set("Set-Cookie", "own=1")
	w.Header().Set("Cache-Control", "max-age=60")
	rotation.Apply(w)
	require.Equal(t, http.Header{
		"Set-Cookie":    append([]string{"own=1"}, lines...),
		"Authorization": {"Bearer token-1"},
		"Cache-Control": {"no-store"},
	}, w.Header())

	w.Header().Set("Set-Cookie", "changed=1")
	again := httptest.NewRecorder()
	rotation.Apply(again)
	require.Equal(t, lines, again.Header()["Set-Cookie"], "it can be handed back more than once")
}

func TestApplyHandsBackNoMoreThanWasRenewed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answers []http.Header
		want    http.Header
	}{
		"nothing": {[]http.Header{{}}, http.Header{}},
		"a token": {[]http.Header{{"Authorization": {"token-1"}}}, http.Header{"Authorization": {"token-1"}, "Cache-Control": {"no-store"}}},
		"cookies": {[]http.Header{{"Set-Cookie": {"a=1"}}}, http.Header{"Set-Cookie": {"a=1"}, "Cache-Control": {"no-store"}}},
		"Bearer":  {[]http.Header{{"Authorization": {"Bearer "}}}, http.Header{}},
		"the later of two": {
			[]http.Header{
				{"Retry-After": {"0"}, "Authorization": {"token-1"}, "Set-Cookie": {"a=1; Path=/", "b=1", "no cookie"}},
				{"Authorization": {"token-2"}, "Set-Cookie": {"a=2; Path=/; Secure", "a=3; Path=/x", "a=4; Path=/; Partitioned", "a=5; Path=/; Domain=x.example", "no cookie"}},
			},
			http.Header{
				"Set-Cookie":    {"b=1", "a=2; Path=/; Secure", "a=3; Path=/x", "a=4; Path=/; Partitioned", "a=5; Path=/; Domain=x.example", "no cookie"},
				"Authorization": {"token-2"}, "Cache-Control": {"no-store"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			rotated(t, tc.answers...).Apply(w)
			require.Equal(t, tc.want, w.Header())
		})
	}
	w := httptest.NewRecorder()
	me.Rotation{}.Apply(w)
	require.Empty(t, w.Header())
}

// A browser and an app go on with what the handler handed back: Clerk takes the
// old credential no more.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	clerk := testkit.StartWith(t, refusingOld(), seeded())
	app := httptest.NewTLSServer(saveTheme(clerk.Frontend(), "")) // a browser sends a secure cookie over TLS only
	t.Cleanup(app.Close)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := app.Client()
	browser.Jar = jar

	post := func(query string, header http.Header) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, app.URL+query, http.NoBody)
		require.NoError(t, err)
		r.Header = header
		answer, err := browser.Do(r)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		return answer
	}
	token := clientToken
	for range 3 {
		answer := post("/?_is_native=1&_clerk_session_id=sess_1", http.Header{"Authorization": {"Bearer " + token}})
		require.Equal(t, http.StatusNoContent, answer.StatusCode)
		require.NotEqual(t, token, answer.Header.Get("Authorization"))
		require.Empty(t, answer.Cookies())
		token = answer.Header.Get("Authorization")
	}
	header := http.Header{"Cookie": {"__client=" + token}}
	for range 3 {
		answer := post("/?_clerk_session_id=sess_1", header)
		require.Equal(t, http.StatusNoContent, answer.StatusCode)
		require.Empty(t, answer.Header.Get("Authorization"))
		header = http.Header{} // from here on the jar has it
	}
	answer := post("/?_is_native=1", http.Header{"Authorization": {token}, "Cookie": {"__client="}})
	require.Equal(t, http.StatusBadRequest, answer.StatusCode, "the jar's cookie beside a token")
}

// Errors renew as well: the status changes nothing about the header.
func TestRoundTripOfAnError(t *testing.T) {
	t.Parallel()
	clerk := testkit.StartWith(t, clerktest.Config{Rotation: true}, seeded())
	app := httptest.NewServer(saveTheme(clerk.Frontend(client.WithRetry(client.Retry{MaxRetries: client.None})), ""))
	t.Cleanup(app.Close)
	for code, tc := range map[string]struct{ clerks, ours int }{
		"signed_out":                {http.StatusUnauthorized, http.StatusUnauthorized},
		clerkerr.CodeOriginConflict: {http.StatusBadRequest, http.StatusBadRequest},
		"form_param_value_invalid":  {http.StatusUnprocessableEntity, http.StatusBadRequest},
		"internal_clerk_error":      {http.StatusInternalServerError, http.StatusBadGateway},
	} {
		clerk.Script(clerktest.UpdateMeMetadata, clerktest.Answer(tc.clerks, code))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, app.URL, http.NoBody)
		require.NoError(t, err)
		r.Header.Set("Cookie", "__client="+clientToken)
		answer, err := app.Client().Do(r)
		require.NoError(t, err)
		answer.Body.Close()
		require.Equal(t, tc.ours, answer.StatusCode, code)
		require.Len(t, answer.Cookies(), 1, code)
		require.Equal(t, "no-store", answer.Header.Get("Cache-Control"), code)
	}
}

// What Clerk itself says of Origin beside Authorization has the same meaning.
func TestClerksOwnConflict(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	rt := roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Set("Origin", "https://example.com")
		return http.DefaultTransport.RoundTrip(r)
	})
	svc, err := client.NewFrontend(clerk.URL(), client.WithHTTPClient(&http.Client{Transport: rt}))
	require.NoError(t, err)
	_, _, err = svc.GetMe(t.Context(), me.NativeToken(clientToken))
	require.ErrorIs(t, err, clerkerr.ErrCredentialConflict)
	require.ErrorIs(t, err, clerkerr.ErrInvalid)
	require.NotErrorIs(t, err, clerkerr.ErrInvalidArgument)
}

// What an answer may hold is bounded by its size alone: were each cookie compared
// with all others, this would take minutes.
func TestApplyManyCookies(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 20_000 {
		lines = append(lines, fmt.Sprintf("c%d=1; Path=/", i))
	}
	w := httptest.NewRecorder()
	rotated(t, http.Header{"Set-Cookie": lines}).Apply(w)
	require.Equal(t, lines, w.Header()["Set-Cookie"])
}
