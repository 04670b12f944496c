package proxy_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// signedIn is a Clerk with one user, who is signed in.
func signedIn(t *testing.T) *clerktest.Test {
	t.Helper()
	return clerktest.Config{Rotation: true}.Start(t, clerktest.Seed{
		Users:    []clerktest.User{{ID: "user_1"}},
		Sessions: []clerktest.Session{{UserID: "user_1", ClientToken: "client-token-1"}},
	})
}

func TestUpdateMetadataThroughTheProxy(t *testing.T) {
	t.Parallel()
	clerk := signedIn(t)
	for _, transport := range []http.RoundTripper{nil, clerk.Transport()} {
		h := newProxy(t, proxy.Config{
			SecretKey:     client.SecretKey(clerk.SecretKey()),
			Upstream:      clerk.URL(),
			PublicURL:     publicURL,
			ClientAddress: proxy.FromPeer(),
			Routes:        proxy.MeRoutes,
			Transport:     transport,
		})
		svc, err := client.NewFrontend("http://" + serve(t, h) + "/__clerk")
		require.NoError(t, err)
		user, rotation, err := svc.UpdateMetadata(t.Context(), me.Cookie("client-token-1"), metadata.Patch{"theme": "dark"})
		require.NoError(t, err)
		require.JSONEq(t, `{"theme":"dark"}`, user.UnsafeMetadata.String())
		require.NotEmpty(t, rotation.Cookies())
	}
	h := newProxy(t, proxy.Config{
		SecretKey: client.SecretKey("sk_test_other"), Upstream: clerk.URL(), PublicURL: publicURL, ClientAddress: proxy.FromPeer(),
	})
	svc, err := client.NewFrontend("http://" + serve(t, h) + "/__clerk")
	require.NoError(t, err)
	_, _, err = svc.GetMe(t.Context(), me.Cookie("client-token-1"))
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "proxy_request_invalid_secret_key", e.Code())
}

// TestSpacesInTargets: over HTTP/1.1, net/http itself refuses them.
func TestSpacesInTargets(t *testing.T) {
	t.Parallel()
	u := answering(t, okAnswer)
	front := httptest.NewUnstartedServer(newProxy(t, configFor(u)))
	front.EnableHTTP2 = true
	front.StartTLS()
	t.Cleanup(front.Close)
	for _, target := range []struct{ path, query string }{
		{"/__clerk/v1/me HTTP/1.0", ""},
		{"/__clerk/v1/me", "a= HTTP/1.0"},
		{"/__clerk/v1/|x HTTP/1.0", "a=b"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, front.URL, nil)
		require.NoError(t, err)
		r.URL.Opaque, r.URL.RawQuery = target.path, target.query
		answer, err := front.Client().Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, "HTTP/2.0", answer.Proto)
		require.Equal(t, http.StatusBadRequest, answer.StatusCode)
	}
	require.Empty(t, u.seen())
}

func TestHTTP2OnBothSides(t *testing.T) {
	t.Parallel()
	clerk := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Location", "/next")
		w.Header().Set("X-Seen", r.Proto+" "+r.Method+" "+r.RequestURI+" "+r.Host+" "+r.UserAgent())
		w.Header().Set("X-Forwarded", r.Header.Get("X-Forwarded-For"))
		_, _ = w.Write(bytes.ToUpper(body))
	}))
	clerk.EnableHTTP2 = true
	clerk.StartTLS()
	t.Cleanup(clerk.Close)
	c := configFor(answering(t, okAnswer))
	c.Upstream, c.Transport = clerk.URL, clerk.Client().Transport
	front := httptest.NewUnstartedServer(newProxy(t, c))
	front.EnableHTTP2 = true
	front.StartTLS()
	t.Cleanup(front.Close)

	browser := &http.Client{
		Transport:     &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(browser.CloseIdleConnections)
	const target = "/v1/a%2Fb/|?x=%zz;y"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, front.URL+"/__clerk/", bytes.NewReader([]byte("body")))
	require.NoError(t, err)
	r.URL.Opaque, r.URL.RawQuery = "/__clerk/v1/a%2Fb/|", "x=%zz;y"
	r.Header.Set("User-Agent", "browser")
	answer, err := browser.Do(r)
	require.NoError(t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, "HTTP/2.0", answer.Proto)
	require.Equal(t, "BODY", string(body))
	require.Equal(t, "HTTP/2.0 PATCH "+target+" "+clerk.Listener.Addr().String()+" browser", answer.Header.Get("X-Seen"))
	require.Equal(t, "127.0.0.1", answer.Header.Get("X-Forwarded"))
	require.Equal(t, publicURL+"/next", answer.Header.Get("Location"))
}
