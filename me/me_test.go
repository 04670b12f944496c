package me_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

const (
	clientToken = "client-token-1"
	devToken    = "dev-browser-1"
)

func seeded() clerktest.Seed {
	return clerktest.Seed{
		Users: []clerktest.User{
			{
				ID:              "user_1",
				PublicMetadata:  map[string]any{"role": "admin"},
				PrivateMetadata: map[string]any{"stripeId": "cus_1"},
				UnsafeMetadata:  map[string]any{"theme": "light", "lang": "en"},
			},
			{ID: "user_2"},
		},
		Sessions: []clerktest.Session{
			{ID: "sess_1", UserID: "user_1", ClientToken: clientToken, DevBrowser: devToken},
			{ID: "sess_2", UserID: "user_2", ClientToken: clientToken},
		},
	}
}

// refusingOld takes each client token once.
func refusingOld() clerktest.Config {
	return clerktest.Config{Rotation: true, Guesses: map[clerktest.GuessName]string{clerktest.RotatedToken: "refused"}}
}

func credentials() map[string]me.Credential {
	return map[string]me.Credential{
		"production browser":           me.Cookie(clientToken),
		"native app":                   me.NativeToken(clientToken),
		"native app, Bearer":           me.NativeToken("Bearer " + clientToken),
		"development browser":          me.DevBrowser(devToken),
		"a session of several":         me.Cookie(clientToken).WithSession("sess_1"),
		"native, a session of several": me.NativeToken(clientToken).WithSession("sess_1"),
	}
}

func TestUpdateMetadata(t *testing.T) {
	t.Parallel()
	for name, credential := range credentials() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := testkit.Start(t, seeded())
			user, rotation, err := clerk.Frontend().UpdateMetadata(t.Context(), credential, metadata.Patch{"theme": "dark & <b>", "lang": metadata.Delete})
			require.NoError(t, err)
			require.True(t, rotation.IsZero())
			require.Equal(t, "user_1", user.ID)
			require.Equal(t, `{"theme":"dark & <b>"}`, user.UnsafeMetadata.String())
			require.Equal(t, `{"role":"admin"}`, user.PublicMetadata.String())
			require.NotContains(t, string(user.Raw), "cus_1", "private metadata stays with the backend")

			stored, _ := clerk.User("user_1")
			require.Equal(t, `{"theme":"dark & <b>"}`, stored.UnsafeMetadata.String())

			requests := clerk.Requests()
			require.Len(t, requests, 1)
			require.Equal(t, http.MethodPatch, requests[0].Method)
			require.Equal(t, "/v1/me/metadata", requests[0].Path)
			require.Equal(t, "application/x-www-form-urlencoded", requests[0].Header.Get("Content-Type"))
			require.Equal(t, client.APIVersion, requests[0].Header.Get("Clerk-Api-Version"))
			form, err := url.ParseQuery(string(requests[0].Body))
			require.NoError(t, err)
			require.Equal(t, url.Values{"unsafe_metadata": {`{"lang":null,"theme":"dark & <b>"}`}}, form)
		})
	}
}

func TestGetMe(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	for name, credential := range credentials() {
		user, _, err := clerk.Frontend().GetMe(t.Context(), credential)
		require.NoError(t, err, name)
		require.Equal(t, "user_1", user.ID, name)
		require.False(t, user.CreatedAt.IsZero(), name)
	}
	user, _, err := clerk.Frontend().GetMe(t.Context(), me.Cookie(clientToken).WithSession("sess_2"))
	require.NoError(t, err)
	require.Equal(t, "user_2", user.ID, "the session chooses the user")
}

func TestReplaceMetadata(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		value  metadata.Value
		unsafe string
		sent   string
	}{
		"only the difference is sent": {metadata.Of(map[string]any{"theme": "dark", "lang": "en"}), `{"lang":"en","theme":"dark"}`, `{"theme":"dark"}`},
		"keys that are gone":          {metadata.Of(map[string]any{"theme": "light"}), `{"theme":"light"}`, `{"lang":null}`},
		"cleared":                     {metadata.Empty(), `{}`, `{"lang":null,"theme":null}`},
		"nothing differs":             {metadata.Of(map[string]any{"lang": "en", "theme": "light"}), `{"lang":"en","theme":"light"}`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := testkit.Start(t, seeded())
			user, _, err := clerk.Frontend().ReplaceMetadata(t.Context(), me.Cookie(clientToken).WithSession("sess_1"), tc.value)
			require.NoError(t, err)
			require.Equal(t, tc.unsafe, user.UnsafeMetadata.String())
			requests := clerk.Requests()
			if tc.sent == "" {
				require.Len(t, requests, 1, "the read alone")
				return
			}
			require.Len(t, requests, 2)
			form, err := url.ParseQuery(string(requests[1].Body))
			require.NoError(t, err)
			require.Equal(t, tc.sent, form.Get("unsafe_metadata"))
		})
	}
}

func TestReplaceMetadataRefuses(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc := clerk.Frontend()
	for name, tc := range map[string]struct {
		value metadata.Value
		want  error
	}{
		"zero":      {metadata.Value{}, clerkerr.ErrNothingToWrite},
		"null":      {metadata.Null(), metadata.ErrNull},
		"too large": {metadata.Of(map[string]string{"k": strings.Repeat("x", metadata.MaxSize)}), clerkerr.ErrTooLarge},
		"no object": {metadata.Of(1), metadata.ErrNotObject},
	} {
		user, _, err := svc.ReplaceMetadata(t.Context(), me.Cookie(clientToken), tc.value)
		require.Nil(t, user, name)
		require.ErrorIs(t, err, tc.want, name)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, name)
	}
	require.Empty(t, clerk.Requests())

	user, _, err := svc.ReplaceMetadata(t.Context(), me.Cookie(clientToken), metadata.Of(map[string]any{"theme": nil, "new": map[string]any{"x": nil}}))
	require.Nil(t, user)
	var wanted *metadata.NullsError
	require.ErrorAs(t, err, &wanted)
	require.Equal(t, []string{"/new/x", "/theme"}, wanted.Paths)
	require.Len(t, clerk.Requests(), 1, "the read alone")

	_, _, err = svc.ReplaceMetadata(t.Context(), me.Cookie("unknown"), metadata.Empty())
	require.ErrorIs(t, err, clerkerr.ErrUnauthorized, "the read's error")
}

func TestRotation(t *testing.T) {
	t.Parallel()
	clerk := testkit.StartWith(t, clerktest.Config{Rotation: true}, seeded())
	svc := clerk.Frontend()

	native := me.NativeToken(clientToken)
	_, rotation, err := svc.UpdateMetadata(t.Context(), native, metadata.Patch{"a": 1})
	require.NoError(t, err)
	require.NotEmpty(t, rotation.Token())
	require.NotEqual(t, clientToken, rotation.Token())
	native = native.Rotated(rotation)
	_, rotation, err = svc.ReplaceMetadata(t.Context(), native, metadata.Of(map[string]any{"b": 2}))
	require.NoError(t, err, "the renewed token is used for the second request too")
	require.NotEmpty(t, rotation.Token())

	_, again, err := svc.GetMe(t.Context(), native.Rotated(rotation))
	require.NoError(t, err)
	require.NotEmpty(t, again.Token())
}

func TestRotationOfCookiesAndErrors(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc := clerk.Frontend(client.WithRetry(client.Retry{MaxRetries: client.None}))
	clerk.Script(clerktest.UpdateMeMetadata, clerktest.Answer(http.StatusTooManyRequests, "too_many_requests",
		clerktest.Header("Set-Cookie", "__client=older; Path=/"),
		clerktest.Header("Set-Cookie", "__client=renewed; Path=/"),
		clerktest.Header("Authorization", "token-2")))
	user, rotation, err := svc.UpdateMetadata(t.Context(), me.Cookie(clientToken), metadata.Patch{"a": 1})
	require.Nil(t, user)
	require.ErrorIs(t, err, clerkerr.ErrRateLimited)
	require.Equal(t, "token-2", rotation.Token(), "an error answer renews as well")
	require.Len(t, rotation.Cookies(), 1)
	require.Equal(t, "renewed", rotation.Cookies()[0].Value)

	rotation.Cookies()[0].Value = "changed"
	require.Equal(t, "renewed", rotation.Cookies()[0].Value, "a copy was changed")
}

// answers plays one answer an attempt and notes the credentials that it saw.
type answers struct {
	headers []http.Header
	seen    []string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.seen = append(a.seen, r.Header.Get("Cookie")+r.Header.Get("Authorization"))
	h := a.headers[len(a.seen)-1].Clone()
	status := http.StatusOK
	if h.Get("Retry-After") != "" {
		status = http.StatusServiceUnavailable
	}
	rec := &http.Response{StatusCode: status, Header: h, Request: r}
	rec.Body = http.NoBody
	if status == http.StatusOK {
		rec.Body = body(`{"response":{"id":"user_1","unsafe_metadata":{}},"client":null}`)
	}
	return rec, nil
}

func body(s string) *readCloser { return &readCloser{strings.NewReader(s)} }

type readCloser struct{ *strings.Reader }

func (*readCloser) Close() error { return nil }

func TestRotationOverAttempts(t *testing.T) {
	t.Parallel()
	rt := &answers{headers: []http.Header{
		{"Set-Cookie": {"__client=first; Path=/", "other=1; Path=/"}, "Retry-After": {"0"}, "Authorization": {"token-1"}},
		{"Set-Cookie": {"__client=second; Path=/"}},
	}}
	svc, err := client.NewFrontend("https://clerk.example.com", client.WithHTTPClient(&http.Client{Transport: rt}), client.WithRetry(client.Retry{BaseDelay: client.None}))
	require.NoError(t, err)
	_, rotation, err := svc.GetMe(t.Context(), me.Cookie("zeroth"))
	require.NoError(t, err)
	require.Equal(t, []string{"__client=zeroth", "__client=zeroth"}, rt.seen, "one call, one credential")
	require.Equal(t, "token-1", rotation.Token(), "nothing that an attempt renewed is lost")
	var cookies []string
	for _, c := range rotation.Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	require.Equal(t, []string{"other=1", "__client=second"}, cookies)
}

func TestNothingPrintsACredential(t *testing.T) {
	t.Parallel()
	const token = "recognisable-token"
	clerk := testkit.StartWith(t, clerktest.Config{Rotation: true}, seeded())
	_, rotation, err := clerk.Frontend().GetMe(t.Context(), me.NativeToken(clientToken))
	require.NoError(t, err)
	type holder struct {
		inner  any
		Public any
	}
	for _, v := range []any{
		me.Cookie(token), me.NativeToken(token), me.DevBrowser(token), me.Credential{}, me.Cookie(token).WithSession("sess_1"),
		rotation, me.Rotation{}, me.NativeToken("a").Rotated(rotation),
	} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		encoded, err := json.Marshal(v)
		require.NoError(t, err)
		said := fmt.Sprintf("%v %+v %#v %s %q %d %+v", v, v, v, v, v, v, holder{v, v}) + log.String() + string(encoded)
		require.NotContains(t, said, token)
		require.NotContains(t, said, rotation.Token())
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
