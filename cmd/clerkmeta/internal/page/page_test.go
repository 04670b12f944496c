package page_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/page"
)

const ofBrowsers = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

// get asks the page, in front of a handler that answers 418.
func get(method, target, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := page.Around(next, func() map[string]string { return map[string]string{"CLERK_SECRET_KEY": "sk_test_clerktest"} })
	r := httptest.NewRequest(method, "http://127.0.0.1:4010"+target, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:50000"
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// Only a client that prefers HTML gets the page at the root.
func TestWhoGetsThePage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		accept string
		page   bool
	}{
		{ofBrowsers, true},
		{"text/html", true},
		{"application/json;q=0.5, text/html;q=0.6", true},
		{"", false},
		{"*/*", false},
		{"text/*", false},
		{"application/json", false},
		{"application/json, text/html", false},
		{"text/html;q=0.4, application/json;q=0.5", false},
		{"text/html;q=0", false},
		{"text/html;q=x", false},
		{"text/html;;", false},
	} {
		w := get("GET", "/", "", header("Accept", tc.accept))
		if !tc.page {
			require.Equal(t, http.StatusTeapot, w.Code, tc.accept)
			continue
		}
		require.Equal(t, http.StatusOK, w.Code, tc.accept)
		require.Equal(t, "Accept", w.Header().Get("Vary"))
		require.Contains(t, w.Body.String(), "<title>clerkmeta emulator</title>")
	}
	html := header("Accept", ofBrowsers)
	require.Equal(t, http.StatusOK, get("HEAD", "/", "", html).Code)
	require.Equal(t, http.StatusTeapot, get("POST", "/", "", html).Code)
	require.Equal(t, http.StatusTeapot, get("GET", "/v1/users", "", html).Code)
	require.Equal(t, http.StatusTeapot, get("GET", "/_emulator/health", "", html).Code)
}

// The page loads nothing from elsewhere, and its policy lets no markup run.
func TestPolicy(t *testing.T) {
	t.Parallel()
	w := get("GET", "/", "", header("Accept", ofBrowsers))
	policy := w.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'; script-src 'self'; style-src 'self'")
	require.Contains(t, policy, "require-trusted-types-for 'script'")
	require.NotContains(t, policy, "unsafe")
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	for _, match := range regexp.MustCompile(`(?:src|href)="([^"#]+)`).FindAllStringSubmatch(w.Body.String(), -1) {
		require.Equal(t, http.StatusOK, get("GET", match[1], "").Code, match[1])
	}
	require.NotRegexp(t, `(?i)<style|\sstyle=|\son[a-z]+=|<script[^>]*>[^<]`, w.Body.String())
}

// Every file is served with its type, and none builds markup from data or names another host.
func TestFiles(t *testing.T) {
	t.Parallel()
	types := map[string]string{".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
	entries, err := os.ReadDir("files")
	require.NoError(t, err)
	for _, entry := range entries {
		name := entry.Name()
		text, err := os.ReadFile("files/" + name)
		require.NoError(t, err)
		require.NotRegexp(t, `innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function`, string(text), name)
		require.NotRegexp(t, `https?://`, strings.ReplaceAll(string(text), "http://www.w3.org/2000/svg", ""), name)
		if name == "index.html" {
			continue // at the folder's own address
		}
		w := get("GET", "/_emulator/page/"+name, "")
		require.Equal(t, http.StatusOK, w.Code, name)
		require.True(t, strings.HasPrefix(w.Header().Get("Content-Type"), types[path.Ext(name)]), name)
		require.Equal(t, string(text), w.Body.String())
	}
	require.Equal(t, http.StatusNotFound, get("GET", "/_emulator/page/absent.js", "").Code)
	require.Equal(t, http.StatusNotFound, get("GET", "/_emulator/page/../page.go", "").Code)
	require.Equal(t, http.StatusMethodNotAllowed, get("PUT", "/_emulator/page/app.js", "").Code)
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	w := get("GET", "/_emulator/environment", "")
	require.JSONEq(t, `{"environment":{"CLERK_SECRET_KEY":"sk_test_clerktest"}}`, w.Body.String())
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.Equal(t, http.StatusMethodNotAllowed, get("POST", "/_emulator/environment", "").Code)
}

// The rules of the control endpoints hold for the page.
func TestPageIsForThisMachine(t *testing.T) {
	t.Parallel()
	remote := func(r *http.Request) { r.RemoteAddr = "192.0.2.1:50000" }
	rebound := func(r *http.Request) { r.Host = "page.example" }
	for _, target := range []string{"/", "/_emulator/page/app.js", "/_emulator/environment"} {
		html := header("Accept", ofBrowsers)
		require.Equal(t, http.StatusForbidden, get("GET", target, "", html, remote).Code, target)
		require.Equal(t, http.StatusForbidden, get("GET", target, "", html, rebound).Code, target)
		require.Equal(t, http.StatusForbidden, get("GET", target, "", html, header("X-Forwarded-For", "192.0.2.1")).Code, target)
	}
	require.Equal(t, http.StatusForbidden, get("POST", "/_emulator/preview", "{}", header("Origin", "http://127.0.0.1:4011")).Code)
}

func TestPreview(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, edit, want string }{
		{
			"a merge patch", `{"kind":"user","fields":{
				"public_metadata":{"was":{"role":"shopper","n":9007199254740993,"a":[1,2]},"now":{"role":"admin","n":9007199254740993,"a":[1]}},
				"private_metadata":{"was":{"x":{"y":1,"z":2}},"now":{"x":{"y":1},"k.k":"<"}}}}`,
			`{"method":"PATCH",
				"body":{"public_metadata":{"role":"admin","a":[1]},"private_metadata":{"x":{"z":null},"k.k":"<"}},
				"changes":[
					{"sign":"~","path":"public_metadata.a","from":[1,2],"to":[1]},
					{"sign":"~","path":"public_metadata.role","from":"shopper","to":"admin"},
					{"sign":"+","path":"private_metadata.k\\.k","to":"<"},
					{"sign":"-","path":"private_metadata.x.z","from":2}]}`,
		},
		{
			"a null", `{"kind":"organization","fields":{"public_metadata":{"was":{"a":9007199254740993},"now":{"a":9007199254740993,"b":null}}}}`,
			`{"method":"PUT","body":{"public_metadata":{"a":9007199254740993,"b":null}},"changes":[{"sign":"+","path":"public_metadata.b","to":null}]}`,
		},
		{"nothing", `{"kind":"user","fields":{"unsafe_metadata":{"was":{"a":1},"now":{"a":1.0}}}}`, `{"method":"PATCH","body":{"unsafe_metadata":{}},"changes":[]}`},
		{"no field", `{"kind":"membership","fields":{}}`, `{"method":"PATCH","body":{},"changes":[]}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := get("POST", "/_emulator/preview", tc.edit, header("Origin", "http://127.0.0.1:4010"))
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			require.JSONEq(t, tc.want, w.Body.String())
			if strings.Contains(tc.edit, "9007199254740993") && tc.name == "a null" {
				require.Contains(t, w.Body.String(), "9007199254740993", "digits are kept")
			}
		})
	}
}

func TestPreviewRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, edit, reason string }{
		{"no JSON", `{`, "the edit cannot be read"},
		{"an unknown member", `{"kind":"user","field":{}}`, `unknown field "field"`},
		{"an unknown kind", `{"kind":"invitation","fields":{}}`, `kind "invitation" is unknown; expected user, organization or membership`},
		{"a field of another kind", `{"kind":"organization","fields":{"unsafe_metadata":{"was":{},"now":{}}}}`, `field "unsafe_metadata" is unknown; expected one of public_metadata, private_metadata`},
		{"no object", `{"kind":"user","fields":{"public_metadata":{"was":{},"now":[1]}}}`, "object"},
		{"a null of a membership", `{"kind":"membership","fields":{"public_metadata":{"was":{},"now":{"a":null}}}}`, "no replacement of a membership's metadata"},
		{"too much", `{"kind":"` + strings.Repeat("x", 4<<20) + `"}`, "too large"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := get("POST", "/_emulator/preview", tc.edit)
			require.Equal(t, http.StatusBadRequest, w.Code)
			var refusal struct{ Error string }
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &refusal))
			require.Contains(t, refusal.Error, tc.reason)
		})
	}
	w := get("GET", "/_emulator/preview", "")
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	require.Equal(t, "POST", w.Header().Get("Allow"))
}
