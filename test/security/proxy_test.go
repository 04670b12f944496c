package security

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

const prefix = "/__clerk"

func proxyConfig(upstream string) proxy.Config {
	return proxy.Config{
		SecretKey:     client.SecretKey(secretKey),
		Upstream:      upstream,
		PublicURL:     "https://app.example" + prefix,
		ClientAddress: proxy.FromPeer(),
	}
}

// serve runs a handler on a socket of the test's own; what the server says of it
// goes to the log.
func serve(t *testing.T, h http.Handler, to io.Writer) string {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(to, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// acting is a server that does what a fault does.
func acting(t *testing.T, f fault) string {
	t.Helper()
	clerk, err := instance()
	require.NoError(t, err)
	rt := f.between(t, clerk.Transport())
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp, err := rt.RoundTrip(r)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(resp.StatusCode)
		if _, err := io.Copy(w, resp.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
	}), io.Discard)
}

// browserRequests are what signed-in clients send, with headers that only a proxy
// may set and credentials in the query.
func browserRequests(t *testing.T, at string) []*http.Request {
	t.Helper()
	form := func() io.Reader {
		return strings.NewReader(url.Values{"unsafe_metadata": {string(mustJSON(sent()))}}.Encode())
	}
	var all []*http.Request
	for _, target := range []string{
		"POST /v1/me/metadata?_method=PATCH", "PATCH /v1/me/metadata?__dev_session=" + url.QueryEscape(devToken),
		"PATCH /v1/me/metadata?_is_native=1&__clerk_db_jwt=" + url.QueryEscape(devToken), "POST /v1/client/sign_ups",
		"GET /v1/me?_is_native=1", "GET /v1/" + secretKey + "?rotating_token_nonce=" + nativeToken,
		"PATCH /v1/me/metadata?unsafe_metadata=" + url.QueryEscape(sentText), "PATCH /v1//me/metadata", "TRACE /v1/me",
	} {
		method, path, _ := strings.Cut(target, " ")
		body := form()
		switch {
		case method == http.MethodGet, method == http.MethodTrace:
			body = http.NoBody
		case strings.Contains(path, "sign_ups"):
			body = strings.NewReader(signUpForm())
		}
		r, err := http.NewRequestWithContext(t.Context(), method, at+prefix+path, body)
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", "__client="+cookieToken+"; other="+turnedCookie)
		if strings.Contains(path, "_is_native") {
			r.Header.Set("Authorization", "Bearer "+nativeToken)
		}
		r.Header.Set("Clerk-Secret-Key", "sk_test_forged")
		r.Header.Set("X-Forwarded-For", "192.0.2.1")
		all = append(all, r)
	}
	return all
}

// through sends all requests through a proxy and returns what clients got.
func through(t *testing.T, config proxy.Config, told *record) (answers []string) {
	t.Helper()
	config.Logger = loggers(told)
	config.Hook = func(_ context.Context, e proxy.Exchange) { _, _ = io.WriteString(told, everyPrint(e)) }
	h, err := proxy.New(config)
	require.NoError(t, err)
	t.Cleanup(h.CloseIdleConnections)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	for _, r := range browserRequests(t, serve(t, h, told)) {
		resp, err := transport.RoundTrip(r)
		if err != nil {
			continue // the answer broke off
		}
		answer, _ := httputil.DumpResponse(resp, true) // as far as it came
		_ = resp.Body.Close()
		answers = append(answers, string(answer))
	}
	return answers
}

// TestProxyShowsNothing passes requests on to upstreams that answer in all ways:
// logs, the hook's data and what the server around it says show no secret.
func TestProxyShowsNothing(t *testing.T) {
	t.Parallel()
	for _, f := range append(faults(), deaf()) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			config := proxyConfig("http://127.0.0.1:4010")
			clerk, err := instance()
			require.NoError(t, err)
			config.Transport = f.between(t, clerk.Transport())
			var told record
			through(t, config, &told)
			require.Contains(t, told.String(), "clerk proxy request")
			everything.requireNone(t, "the proxy", told.String())
		})
	}
}

// deaf is an upstream that is not there.
func deaf() fault {
	return failed("deaf", func(*http.Request, echo) error { return errors.New(allSecrets()) })
}

// TestClientNeverGetsTheSecretKey lets an upstream send the key back in headers
// and trailers, and has policies refuse with the value in their errors.
func TestClientNeverGetsTheSecretKey(t *testing.T) {
	t.Parallel()
	key := newScanner(secret{"the secret key", keyText})
	upstream := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := r.Header.Get("Clerk-Secret-Key")
		w.Header().Set("Trailer", "Clerk-Secret-Key")
		w.Header().Set("Clerk-Secret-Key", got)
		w.Header()["clerk_secret_key"] = []string{got}
		w.Header().Set("X-Got", fmt.Sprint(got == secretKey))
		_, _ = io.WriteString(w, "{}")
		w.Header().Set("Clerk-Secret-Key", got)
	}), io.Discard)
	var told record
	answers := through(t, proxyConfig(upstream), &told)
	require.NotEmpty(t, answers)
	for _, a := range answers {
		key.requireNone(t, "an answer", a)
	}
	require.Contains(t, answers[0], "X-Got: true", "upstream has the key, and not the forged one")

	config := proxyConfig(upstream)
	config.Policies = []proxy.Policy{proxy.PolicyFunc(func(_ *http.Request, p metadata.Patch) error {
		return fmt.Errorf("refused: %v %s", p, secretKey)
	})}
	for _, a := range through(t, config, &told) {
		key.requireNone(t, "an answer", a)
		values.requireNone(t, "a refusal", a)
	}
	strict, err := proxy.Strict[struct{ Theme string }]()
	require.NoError(t, err)
	for _, policy := range []proxy.Policy{proxy.AllowKeys("theme"), strict, proxy.MaxSize(1), proxy.MaxDepth(1)} {
		config.Policies = []proxy.Policy{policy}
		for _, a := range through(t, config, &told) {
			everything.requireNone(t, "a refusal", a)
		}
	}
	config = proxyConfig(upstream)
	config.Transport = deaf().between(t, nil)
	for _, a := range through(t, config, &told) {
		everything.requireNone(t, "an answer without an upstream", a)
	}
	everything.requireNone(t, "the proxy", told.String())
}
