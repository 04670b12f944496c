package client_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
)

func publishable(host string) string {
	return "pk_test_" + base64.StdEncoding.EncodeToString([]byte(host))
}

// FuzzFrontendURL: a publishable key leads to the host that it holds and to no
// other part of a URL, plain http only to this machine, or is refused without
// being quoted.
func FuzzFrontendURL(f *testing.F) {
	for _, host := range []string{
		"clerk.example.com$", "CLERK.example.com:8443$", "127.0.0.1:4000$", "[::1]:80$", "localhost$", "localhost.example.com$", "a.example.com", "$", "a/b$", "a?b$", "a#b$",
		"user:pass@a.example.com$", "a b$", "a\n$", "[::1$", "a:b$", "%61$", "%94$", "\xff$", "a$$", "ａ.example.com$", "127.1$", "0x7f.1$", "[::ffff:127.0.0.1]$", "a\\b$", "..$",
	} {
		f.Add(publishable(host))
		f.Add(strings.TrimRight(strings.Replace(publishable(host), "test", "live", 1), "="))
	}
	f.Add("sk_test_example")
	f.Add("pk_test_")
	f.Fuzz(func(t *testing.T, publishableKey string) {
		address, err := client.FrontendURL(publishableKey)
		if err != nil {
			require.Empty(t, address)
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
			if len(publishableKey) > len("pk_test_…")+4 {
				require.NotContains(t, err.Error(), publishableKey)
			}
			return
		}
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(publishableKey[len("pk_test_"):], "="))
		require.NoError(t, err)
		u, err := url.Parse(address)
		require.NoError(t, err)
		require.Equal(t, string(raw), u.Host+"$")
		require.Nil(t, u.User)
		require.Empty(t, u.Path+u.RawQuery+u.Fragment)
		ip, err := netip.ParseAddr(u.Hostname())
		here := strings.EqualFold(u.Hostname(), "localhost") || err == nil && ip.IsLoopback()
		require.Equal(t, map[bool]string{true: "http", false: "https"}[here], u.Scheme)
		_, err = client.NewFrontend(address)
		require.NoError(t, err)
	})
}

// FuzzRotation: what Clerk's answer renews is read, printed nowhere, and leads to
// a credential that is either refused or sent as one value, without a cookie or
// parameter beside it.
func FuzzRotation(f *testing.F) {
	f.Add("new-token", "__client=new-cookie; Path=/; HttpOnly\n__client_uat=1")
	f.Add("Bearer new-token", "__client=one\n__client=two; Domain=example.com")
	f.Add("bearer x", `__client="quoted value"; SameSite=None; Secure`)
	f.Add("a\r\nX-Injected: 1", "__client=a; b=c; __client=d")
	f.Add("Bearer ", "__client=; Max-Age=0")
	f.Add("", "=x\n=x")
	f.Add("", "__client=gone; Expires=Thu, 01 Jan 1970 00:00:00 GMT\n=x\n;;\n__client=\xff")
	f.Fuzz(func(t *testing.T, authorization, setCookies string) {
		for _, credential := range []me.Credential{me.Cookie("old-value"), me.NativeToken("old-value"), me.DevBrowser("old-value")} {
			var sent *http.Request
			s := newFrontend(t, roundTripper(func(r *http.Request) (*http.Response, error) {
				sent = r
				resp, err := answer(401, `{}`, "Authorization", authorization)(r)
				resp.Header["Set-Cookie"] = strings.Split(setCookies, "\n")
				return resp, err
			}), client.WithRetry(client.Retry{MaxRetries: client.None}))
			_, rotation, err := s.GetMe(t.Context(), credential)
			require.ErrorIs(t, err, clerkerr.ErrUnauthorized)
			prints := everyPrint(t, rotation)
			bare := everyPrint(t, err)
			for _, cookie := range rotation.Cookies() {
				require.True(t, len(cookie.Value) < 12 || !strings.Contains(prints+bare, cookie.Value))
			}
			require.True(t, len(rotation.Token()) < 12 || !strings.Contains(prints+bare, rotation.Token()))

			handed := httptest.NewRecorder()
			rotation.Apply(handed)
			if lines := strings.Split(setCookies, "\n"); !rotation.IsZero() {
				require.Subset(t, lines, handed.Header()["Set-Cookie"], "as they came")
				require.Contains(t, handed.Header()["Set-Cookie"], lines[len(lines)-1])
			}

			sent = nil
			if _, _, err = s.GetMe(t.Context(), credential.Rotated(rotation)); sent == nil {
				require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
				continue
			}
			requireOneCredential(t, sent)
		}
	})
}

// requireOneCredential checks that a request holds one credential and nothing
// that came with it.
func requireOneCredential(t *testing.T, r *http.Request) {
	t.Helper()
	for name, values := range r.Header {
		require.Len(t, values, 1, name)
		require.False(t, strings.ContainsAny(values[0], "\r\n\x00"), name)
	}
	cookies, query, header := r.Cookies(), r.URL.Query(), r.Header.Get("Authorization")
	n := len(cookies) + len(query["__dev_session"])
	if header != "" {
		n++
		require.Equal(t, []string{"1"}, query["_is_native"])
	}
	require.Equal(t, 1, n, "%d cookies, query %d", len(cookies), len(query))
	if len(cookies) == 1 {
		require.Equal(t, "__client", cookies[0].Name)
		require.NotContains(t, r.Header.Get("Cookie"), ";")
	}
}
