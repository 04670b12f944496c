package client_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"":                               "https://api.clerk.com/v1",
		"https://api.clerk.com":          "https://api.clerk.com/v1",
		"https://api.clerk.com/":         "https://api.clerk.com/v1",
		"https://api.clerk.com/v1":       "https://api.clerk.com/v1",
		"https://api.clerk.com/v1/":      "https://api.clerk.com/v1",
		"https://gateway.example/clerk":  "https://gateway.example/clerk",
		"https://gateway.example/a/v1//": "https://gateway.example/a/v1",
		"https://gateway.example/a%20b":  "https://gateway.example/a%20b",
		"HTTPS://Gateway.Example:8443":   "https://Gateway.Example:8443/v1",
		"http://localhost:9000":          "http://localhost:9000/v1",
		"http://LOCALHOST":               "http://LOCALHOST/v1",
		"http://127.0.0.1:9000":          "http://127.0.0.1:9000/v1",
		"http://127.8.9.1":               "http://127.8.9.1/v1",
		"http://[::1]:9000/x":            "http://[::1]:9000/x",
		"http://[::ffff:127.0.0.1]":      "http://[::ffff:127.0.0.1]/v1",
		"http://clerk:9000":              "http://clerk:9000/v1", // named below
		"http://CLERK:9000":              "http://CLERK:9000/v1",
	} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			rt := play(answer(404, ""))
			opts := []client.Option{client.WithPlainHTTP("other", "Clerk")}
			if base != "" {
				opts = append(opts, client.WithBaseURL(base))
			}
			_, err := newClient(t, rt, opts...).Users.GetUser(t.Context(), "user_1")
			require.Error(t, err)
			require.Equal(t, want+"/users/user_1", rt.seen[0].URL.String())
		})
	}
}

// badURLs are refused whatever they are for; the values are what is said.
var badURLs = map[string]string{
	"api.clerk.com":                 "must begin with https://",
	"//api.clerk.com":               "must begin with https://",
	"ftp://api.clerk.com":           "must begin with https://",
	"https://":                      "has no host",
	"https://:443":                  "has no host",
	"https:api.clerk.com":           "has no host",
	"https:///v1":                   "has no host",
	"https://user:pw@api.clerk.com": "holds credentials",
	"https://user@api.clerk.com":    "holds credentials",
	"https://api.clerk.com?a=pw":    "has a query",
	"https://api.clerk.com?":        "has a query",
	"https://api.clerk.com#pw":      "has a fragment",
	"https://api.clerk.com#":        "has a fragment",
	"https://api.clerk.com/../x":    "has . or ..",
	"https://api.clerk.com/a/./x":   "has . or ..",
	"https://api.clerk.com/%2e%2e":  "escape in its path",
	"https://api.clerk.com/a%2Fb":   "escape in its path",
	"https://api.clerk.com:pw":      "is not a URL",
	"https://api.clerk.com/%zz":     "is not a URL",
	"https://api clerk.com":         "is not a URL",
	"https://api.clerk.com\n":       "is not a URL",
	"https://api\"clerk.com":        "has a host or a port that is not valid",
	"http://api.clerk.com":          "is plain http",
	"http://127.0.0.1.example.com":  "is plain http",
	"http://localhost.example.com":  "is plain http",
	"http://10.0.0.1":               "is plain http",
	"http://[::2]":                  "is plain http",
	"http://0.0.0.0":                "is plain http",
	"http://2130706433":             "is plain http",
	"http://clerk.other":            "is plain http",
}

func TestBadURLs(t *testing.T) {
	t.Parallel()
	plain := client.WithPlainHTTP("clerk")
	for text, says := range badURLs {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := client.New(client.SecretKey(key), client.WithBaseURL(text), plain)
			requireInvalid(t, err, "client.New", "base URL", says)
			require.NotContains(t, err.Error(), "pw")
			_, err = client.NewFrontend(text, plain)
			requireInvalid(t, err, "client.NewFrontend", "frontend URL", says)
			require.NotContains(t, err.Error(), "pw")
		})
	}
	_, err := client.NewFrontend("")
	requireInvalid(t, err, "client.NewFrontend", "frontend URL", "must begin with https://")
	for _, text := range []string{"https://clerk.example.com/v1", "https://clerk.example.com/v1/", "https://example.com/__clerk/v1"} {
		_, err = client.NewFrontend(text)
		requireInvalid(t, err, "client.NewFrontend", "frontend URL", "ends with /v1")
	}
	_, err = client.New(client.SecretKey(key), client.WithBaseURL("http://clerk"))
	requireInvalid(t, err, "client.New", "base URL", "client.WithPlainHTTP")
}

// A live key travels over plain http to this machine only, whatever the options allow.
func TestLiveKeyNeverInTheClear(t *testing.T) {
	t.Parallel()
	live, plain := client.SecretKey("sk_live_example"), client.WithPlainHTTP("clerk", "10.0.0.1")
	for _, text := range []string{"http://clerk:9000", "http://10.0.0.1"} {
		_, err := client.New(client.SecretKey(key), client.WithBaseURL(text), plain)
		require.NoError(t, err)
		_, err = client.New(live, client.WithBaseURL(text), plain)
		requireInvalid(t, err, "client.New", "base URL", "is plain http, over which a live key never goes: use https")
	}
	for _, text := range []string{"http://127.0.0.1:9000", "https://clerk"} {
		_, err := client.New(live, client.WithBaseURL(text), plain)
		require.NoError(t, err)
	}
}

func TestFrontendAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://clerk.example.com":     "https://clerk.example.com/v1/me",
		"https://clerk.example.com/":    "https://clerk.example.com/v1/me",
		"https://example.com/__clerk":   "https://example.com/__clerk/v1/me",
		"https://example.com/__clerk//": "https://example.com/__clerk/v1/me",
		"http://127.0.0.1:9000":         "http://127.0.0.1:9000/v1/me",
		"http://clerk:9000":             "http://clerk:9000/v1/me",
	} {
		rt := play(answer(401, ""))
		s, err := client.NewFrontend(address, over(rt, client.WithPlainHTTP("clerk"))...)
		require.NoError(t, err)
		_, _, err = s.GetMe(t.Context(), me.Cookie("tok"))
		require.Error(t, err)
		require.Equal(t, want, rt.seen[0].URL.String())
	}
}

func TestFrontendURL(t *testing.T) {
	t.Parallel()
	std, raw := base64.StdEncoding.EncodeToString, base64.RawStdEncoding.EncodeToString
	for host, want := range map[string]string{
		"clerk.example.com":        "https://clerk.example.com",
		"able-cat-1.clerk.acc.dev": "https://able-cat-1.clerk.acc.dev",
		"clerk.example.com:8443":   "https://clerk.example.com:8443",
		"127.0.0.1:9000":           "http://127.0.0.1:9000",
		"localhost":                "http://localhost",
		"[::1]:9000":               "http://[::1]:9000",
		"[::1]":                    "http://[::1]",
		"127.0.0.1.example.com":    "https://127.0.0.1.example.com",
	} {
		for _, prefix := range []string{"pk_test_", "pk_live_"} {
			for _, encode := range []func([]byte) string{std, raw} {
				got, err := client.FrontendURL(prefix + encode([]byte(host+"$")))
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		}
	}
	const damaged = "is damaged"
	for bad, says := range map[string]string{
		"":                                     "CLERK_PUBLISHABLE_KEY",
		"sk_test_" + std([]byte("a.example$")): "is not a publishable key",
		"pk_" + std([]byte("a.example$")):      "is not a publishable key",
		"pk_test_":                             damaged,
		"pk_test_" + std([]byte("a.example")):  damaged,
		"pk_test_" + std([]byte("$")):          damaged,
		"pk_test_" + std([]byte("a/b$")):       damaged,
		"pk_test_" + std([]byte("a@b$")):       damaged,
		"pk_test_" + std([]byte("a?b$")):       damaged,
		"pk_test_" + std([]byte("a#b$")):       damaged,
		"pk_test_" + std([]byte("a b$")):       damaged,
		"pk_test_" + std([]byte("a$$")):        damaged,
		"pk_test_*":                            damaged,
		"pk_test_" + std([]byte("a%zz$")):      damaged,
		"pk_test_" + std([]byte("%94$")):       damaged,
		"pk_test_" + std([]byte("a:pw$")):      damaged,
		"pk_test_" + std([]byte("a\"b$")):      damaged,
	} {
		got, err := client.FrontendURL(bad)
		require.Empty(t, got)
		e := asFailure(t, err)
		require.Equal(t, "client.FrontendURL", e.Operation)
		require.ErrorContains(t, err, says)
		if len(bad) > len("pk_test_") {
			require.NotContains(t, err.Error(), bad)
		}
	}
}
