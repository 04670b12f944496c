package client_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
)

func TestRedirects(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	redirects(t, other.URL)
	t.Cleanup(func() {
		if n := elsewhere.Load(); n != 0 {
			t.Errorf("%d redirects were followed", n)
		}
	})
}

func redirects(t *testing.T, other string) {
	t.Helper()
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		for name, location := range map[string][]string{
			"other host": {other + "/v1/users/user_1"}, "same host": {"/v1/users/user_2"},
			"malformed": {"http://[::1"}, "bad escape": {"%zz"}, "empty": {""}, "missing": nil,
			"other scheme": {"ftp://127.0.0.1/"},
		} {
			t.Run(fmt.Sprint(status, " ", name), func(t *testing.T) {
				t.Parallel()
				var count atomic.Int64
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if count.Add(1) > 5 {
						w.WriteHeader(http.StatusTeapot) // no endless loop, should one be followed
						return
					}
					if location != nil {
						w.Header()["Location"] = location
					}
					w.WriteHeader(status)
				}))
				t.Cleanup(server.Close)
				c := overLoopback(t, server.URL, atOnce())
				user, err := update(t.Context(), c)
				e := asFailure(t, err)
				require.Nil(t, user)
				require.ErrorIs(t, err, clerkerr.ErrRedirect)
				require.NotErrorIs(t, err, clerkerr.ErrTransport)
				require.Equal(t, status, e.Status)
				require.Equal(t, 1, e.Attempts)
				require.Equal(t, clerkerr.OutcomeUnknown, e.Outcome)
				_, err = c.Users.GetUser(t.Context(), "user_1")
				require.ErrorIs(t, err, clerkerr.ErrRedirect)
				require.EqualValues(t, 2, count.Load())
			})
		}
	}
}

// watched notes what a client does to its transport.
type watched struct {
	http.RoundTripper

	used   atomic.Int64
	closed atomic.Int64
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	w.used.Add(1)
	return w.RoundTripper.RoundTrip(r)
}

func (w *watched) CloseIdleConnections() { w.closed.Add(1) }

type watchedJar struct {
	http.CookieJar

	used atomic.Int64
}

func (j *watchedJar) SetCookies(*url.URL, []*http.Cookie) { j.used.Add(1) }

func (j *watchedJar) Cookies(*url.URL) []*http.Cookie {
	j.used.Add(1)
	return []*http.Cookie{{Name: "__client", Value: "somebody else's"}}
}

func TestCallersHTTPClientIsNotTouched(t *testing.T) {
	t.Parallel()
	real, err := cookiejar.New(nil)
	require.NoError(t, err)
	for name, step := range map[string]roundTripper{
		"success": answer(200, userJSON, "Set-Cookie", "__client=mine"), "redirect": answer(302, "", "Location", "/x"),
		"failure": answer(503, "", "Set-Cookie", "__client=mine"), "no answer": broken(errDial), "cut short": cut(200, "{"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := play(step)
			rt, jar := &watched{RoundTripper: sent}, &watchedJar{CookieJar: real}
			var asked atomic.Int64
			policy := func(*http.Request, []*http.Request) error { asked.Add(1); return nil }
			h := &http.Client{Transport: rt, Jar: jar, CheckRedirect: policy, Timeout: time.Minute}
			c, err := client.New(client.SecretKey(key), client.WithHTTPClient(h), atOnce())
			require.NoError(t, err)
			_, _ = update(t.Context(), c)
			me, err := client.NewFrontend(fapi, client.WithHTTPClient(h), atOnce())
			require.NoError(t, err)
			_, _, _ = me.GetMe(t.Context(), calls.Valid().Credential)

			require.NotZero(t, rt.used.Load())
			require.Zero(t, rt.closed.Load())
			require.Zero(t, jar.used.Load())
			require.Zero(t, asked.Load())
			require.Same(t, rt, h.Transport)
			require.Same(t, jar, h.Jar)
			require.Equal(t, time.Minute, h.Timeout)
			require.Equal(t, reflect.ValueOf(policy).Pointer(), reflect.ValueOf(h.CheckRedirect).Pointer())
			for _, r := range sent.seen {
				var want []string
				if r.URL.Path == "/v1/me" {
					want = []string{"__client=" + calls.Token} // the call's own credential
				}
				require.Equal(t, want, r.Header.Values("Cookie"))
			}

			// What is changed afterwards changes nothing.
			before := rt.used.Load()
			h.Transport = broken(errDial)
			_, _ = update(t.Context(), c)
			require.Greater(t, rt.used.Load(), before)
		})
	}
}

// A nil Transport of the caller's client means what it means to net/http.
func TestHTTPClientWithoutTransport(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(userJSON)) }))
	t.Cleanup(server.Close)
	c := overLoopback(t, server.URL, atOnce(), client.WithHTTPClient(&http.Client{}))
	_, err := update(t.Context(), c)
	require.NoError(t, err)
}
