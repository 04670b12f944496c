package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// received is a request as a server reads it.
type received struct {
	method, uri, body string
	length            int64
	encoding          []string
	header            http.Header
}

// recorder refuses in the ways that are retried, then answers.
func recorder(t *testing.T, success string) (url string, all func() []received) {
	t.Helper()
	var mu sync.Mutex
	var seen []received
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, received{r.Method, r.RequestURI, string(body), r.ContentLength, r.TransferEncoding, r.Header.Clone()})
		w.Header().Set("Content-Type", "application/json")
		switch len(seen) {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, lockedJSON)
		case 3:
			w.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(w, "{")
		default:
			_, _ = io.WriteString(w, success)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []received { mu.Lock(); defer mu.Unlock(); return seen }
}

func TestEveryAttemptIsTheSame(t *testing.T) {
	t.Parallel()
	url, all := recorder(t, userJSON)
	c := overLoopback(t, url, atOnce(), client.WithUserAgent("myapp/1.2"))
	_, err := c.Users.UpdateUserMetadata(t.Context(), "user_1", users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"html": "<a&b>", "old": metadata.Delete},
	})
	require.NoError(t, err)
	seen := all()
	require.Len(t, seen, 4)
	const body = `{"public_metadata":{"html":"<a&b>","old":null}}`
	require.Equal(t, received{
		method: http.MethodPatch, uri: "/v1/users/user_1/metadata", body: body, length: int64(len(body)),
		header: http.Header{
			"Accept":            {"application/json"},
			"Accept-Encoding":   {"gzip"},
			"Authorization":     {"Bearer " + key},
			"Clerk-Api-Version": {"2026-05-12"},
			"Content-Length":    {"47"},
			"Content-Type":      {"application/json"},
			"User-Agent":        {"clerkmeta-go/" + client.Version + " myapp/1.2"},
		},
	}, seen[0])
	for _, r := range seen[1:] {
		require.Equal(t, seen[0], r)
	}
}

func TestEveryAttemptIsTheSameForTheFrontend(t *testing.T) {
	t.Parallel()
	url, all := recorder(t, `{"response":`+userJSON+`}`)
	s, err := client.NewFrontend(url+"/__clerk/", atOnce())
	require.NoError(t, err)
	_, _, err = s.UpdateMetadata(t.Context(), me.DevBrowser("dvb_1").WithSession("sess_1"), metadata.Patch{"a": "ü"})
	require.NoError(t, err)
	seen := all()
	require.Len(t, seen, 4)
	const body = "unsafe_metadata=%7B%22a%22%3A%22%C3%BC%22%7D"
	require.Equal(t, received{
		method: http.MethodPatch, uri: "/__clerk/v1/me/metadata?__dev_session=dvb_1&_clerk_session_id=sess_1",
		body: body, length: int64(len(body)),
		header: http.Header{
			"Accept":            {"application/json"},
			"Accept-Encoding":   {"gzip"},
			"Clerk-Api-Version": {client.APIVersion},
			"Content-Length":    {"44"},
			"Content-Type":      {"application/x-www-form-urlencoded"},
			"User-Agent":        {"clerkmeta-go/" + client.Version},
		},
	}, seen[0])
	for _, r := range seen[1:] {
		require.Equal(t, seen[0], r)
	}
}

// Reads carry no body; every call names the version exactly once.
func TestVersionOfEveryCall(t *testing.T) {
	t.Parallel()
	for _, document := range []string{"bapi.yaml", "fapi.yaml"} {
		text, err := os.ReadFile("../testdata/openapi/" + document)
		require.NoError(t, err)
		require.Contains(t, string(text), "\n  version: '"+client.APIVersion+"'\n", document)
	}
	require.Regexp(t, regexp.MustCompile(`^\d+\.\d+\.\d+$`), client.Version)
	for _, c := range calls.All() {
		rt := play(answer(404, ""))
		require.Error(t, c.Do(t.Context(), newSDK(t, rt, client.WithUserAgent("Clerk-API-Version: 2021-02-05")), calls.Valid()).Err)
		require.Equal(t, []string{client.APIVersion}, rt.seen[0].Header.Values("Clerk-API-Version"), c.Name)
		require.NotContains(t, rt.seen[0].URL.RawQuery, "version")
		if rt.seen[0].Method == http.MethodGet {
			require.Empty(t, rt.sent[0])
			require.Empty(t, rt.seen[0].Header.Values("Content-Type"))
		}
	}
}

// The three credentials of an end user, and no secret key with them.
func TestFrontendCredentials(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		credential me.Credential
		header     http.Header
		query      string
	}{
		{me.Cookie("tok"), http.Header{"Cookie": {"__client=tok"}}, ""},
		{me.NativeToken("tok"), http.Header{"Authorization": {"Bearer tok"}}, "_is_native=1"},
		{me.DevBrowser("tok"), http.Header{}, "__dev_session=tok"},
	} {
		rt := play(answer(401, codeJSON("signed_out")))
		_, _, err := newFrontend(t, rt).GetMe(t.Context(), tc.credential)
		require.Error(t, err)
		require.Equal(t, tc.query, rt.seen[0].URL.RawQuery)
		for _, name := range []string{"Cookie", "Authorization"} {
			require.Equal(t, tc.header.Values(name), rt.seen[0].Header.Values(name))
		}
		require.NotContains(t, strings.ToLower(rt.seen[0].URL.String()), "sk_")
	}
}
