package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, slog.New(slog.DiscardHandler), options{addr: "127.0.0.1:0", check: true}))
	require.Equal(t, len(steps()), strings.Count(out.String(), "\n"))
	require.Contains(t, out.String(), "422  "+`"long_message":"Roles are given by an administrator."`)
}

func TestCheckNamesTheFailure(t *testing.T) {
	t.Parallel()
	empty := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(empty.Close)
	require.ErrorContains(t, check(t.Context(), io.Discard, empty.URL), "the page: GET /: status 404, expected 200")
}

func TestServesUntilStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	told, out := io.Pipe()
	logs := &bytes.Buffer{}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, out, slog.New(slog.NewTextHandler(logs, nil)), options{addr: "127.0.0.1:0"})
	}()
	line, err := bufio.NewReader(told).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, check(ctx, io.Discard, strings.Fields(line)[1]))
	stop()
	require.NoError(t, <-ended)
	require.Contains(t, logs.String(), `level=WARN msg="clerk proxy request" method=POST route=/v1/me/metadata status=422 code=unsafe_metadata_refused`)
	require.NotContains(t, logs.String(), "admin")
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	require.ErrorContains(t, run(t.Context(), io.Discard, quiet, options{addr: "nowhere"}), "missing port")
	require.ErrorContains(t, run(t.Context(), io.Discard, quiet, options{addr: "0.0.0.0:0"}), "PublicURL: is plain http off the loopback addresses")
}

// start serves a site, without its signal handling.
func start(t *testing.T, bundle fs.FS) (*clerktest.Clerk, string) {
	t.Helper()
	clerk, err := newClerk()
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(nil)
	s, err := newSite("http://"+server.Listener.Addr().String(), clerk, bundle, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	server.Config.Handler = s.routes()
	server.Start()
	t.Cleanup(func() {
		s.proxy.CloseIdleConnections()
		server.Close()
		require.NoError(t, clerk.Close())
	})
	return clerk, server.URL
}

// send makes a request with the cookie of a visitor, or with none.
func send(t *testing.T, method, address, cookie string, header http.Header) (*http.Response, string) {
	t.Helper()
	form := ""
	if method == http.MethodPost {
		form = url.Values{"theme": {"light"}}.Encode()
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form))
	require.NoError(t, err)
	r.Header = header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: clientCookie, Value: cookie})
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	answer, err := transport.RoundTrip(r)
	require.NoError(t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer, string(body)
}

func TestPage(t *testing.T) {
	t.Parallel()
	_, bare := start(t, fstest.MapFS{})
	_, body := send(t, http.MethodGet, bare+"/", "", nil)
	require.Contains(t, body, "npm ci --prefix examples/proxy --ignore-scripts")
	require.NotContains(t, body, "<script")

	_, full := start(t, fstest.MapFS{bundleFile: {Data: []byte("// Clerk's")}})
	answer, body := send(t, http.MethodGet, full+"/", "", nil)
	require.Contains(t, body, `data-clerk-proxy-url="`+full+`/__clerk"`)
	require.Contains(t, body, `<pre id="asked">`)
	require.NotContains(t, body, "npm ci")
	require.Equal(t, "__client="+clientToken+"; Path=/; HttpOnly; SameSite=Lax", answer.Header.Get("Set-Cookie"))
	answer, _ = send(t, http.MethodGet, full+"/", "another", nil)
	require.Empty(t, answer.Header["Set-Cookie"], "a visitor with a cookie keeps it")
	_, body = send(t, http.MethodGet, full+"/clerk-js/"+bundleFile, "", nil)
	require.Equal(t, "// Clerk's", body)
	answer, _ = send(t, http.MethodGet, strings.Replace(full, "127.0.0.1", "localhost", 1)+"/", "", nil)
	require.Equal(t, full, answer.Header.Get("Location"), "cookies and Clerk's client are bound to one address")
	require.Empty(t, answer.Header["Set-Cookie"])
}

func TestBackend(t *testing.T) {
	t.Parallel()
	clerk, site := start(t, fstest.MapFS{})
	elsewhere := http.Header{"Sec-Fetch-Site": {"cross-site"}}
	for _, tt := range []struct {
		name, path, cookie string
		header             http.Header
		status             int
		theme              string
	}{
		{"writes for who is signed in", "/api/theme", clientToken, nil, 200, `"light"`},
		{"and starts over", "/start-over", clientToken, nil, 303, `"dark"`},
		{"and not for who is not", "/api/theme", "", nil, 401, `"dark"`},
		{"nor for an unknown cookie", "/api/theme", "another", nil, 401, `"dark"`},
		{"nor for two credentials", "/api/theme?__dev_session=dvb_1", clientToken, nil, 400, `"dark"`},
		{"nor for another site", "/api/theme", clientToken, elsewhere, 403, `"dark"`},
	} {
		answer, body := send(t, http.MethodPost, site+tt.path, tt.cookie, tt.header)
		require.Equal(t, tt.status, answer.StatusCode, "%s: %s", tt.name, body)
		user, ok := clerk.User("user_ada")
		require.True(t, ok)
		require.Contains(t, user.UnsafeMetadata.String(), `"theme":`+tt.theme, tt.name)
	}
	require.NoError(t, clerk.Script(clerktest.UpdateMeMetadata, clerktest.Answer(404, "resource_not_found")))
	answer, _ := send(t, http.MethodPost, site+"/api/theme", clientToken, nil)
	require.Equal(t, http.StatusBadGateway, answer.StatusCode)
	require.NoError(t, clerk.Script(clerktest.UpdateMeMetadata, clerktest.Answer(422, "form_param_exceeds_allowed_size")))
	answer, _ = send(t, http.MethodPost, site+"/api/theme", clientToken, nil)
	require.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode)
}
