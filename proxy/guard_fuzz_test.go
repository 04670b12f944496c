package proxy_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// passedOn is what a RoundTripper was given.
type passedOn struct {
	target string
	header http.Header
	body   string
}

// tap is a proxy whose upstream has no socket.
type tap struct {
	handler http.Handler
	last    *passedOn
}

func newTap(tb testing.TB, policy proxy.Policy) *tap {
	tb.Helper()
	tapped := &tap{}
	config := guardedConfig("http://127.0.0.1:1", policy)
	config.Transport = tapped
	handler, err := proxy.New(config)
	require.NoError(tb, err)
	tapped.handler = handler
	return tapped
}

// pass hands over a request as a server would read it, and returns what passed;
// nil for nothing.
func (t *tap) pass(raw string) *passedOn {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		return nil
	}
	r.RemoteAddr = "192.0.2.1:1234"
	t.last = nil
	t.handler.ServeHTTP(httptest.NewRecorder(), r)
	return t.last
}

func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	passed := &passedOn{target: r.URL.RequestURI(), header: r.Header}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		passed.body = string(body)
	}
	t.last = passed
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func refuseRole(_ *http.Request, patch metadata.Patch) error {
	if _, there := patch["role"]; there {
		return proxy.Refuse("role")
	}
	return nil
}

// FuzzGuard: where a policy refuses the key "role", no reader finds one in
// what passes, however careless.
func FuzzGuard(f *testing.F) {
	f.Add("PATCH /v1/me/metadata", formType, themed)
	f.Add("POST /v1/me/metadata?_method=PATCH", formType, forged)
	f.Add("POST /v1/organizations/org_1/logo", "Content-Type: multipart/form-data; boundary=x", "--x--")
	f.Add("PATCH /v1/me/metadata", "Content-Type: application/json", `{"unsafe_metadata":"{\"role\":1}"}`)
	tapped := newTap(f, proxy.PolicyFunc(refuseRole))
	f.Fuzz(func(t *testing.T, line, headers, body string) {
		raw := request(line, body, strings.Split(headers, "\r\n")...)
		if headers == "" {
			raw = request(line, body)
		}
		passed := tapped.pass(raw)
		if passed == nil {
			return
		}
		path, query, _ := strings.Cut(passed.target, "?")
		texts := []string{query}
		if !takesOtherBodies(path) || strings.Contains(strings.ToLower(passed.header.Get("Content-Type")), "form-urlencoded") {
			texts = append(texts, passed.body)
			require.False(t, roleInJSON(passed.body), "read as JSON")
		}
		for _, text := range texts {
			for _, separated := range []string{text, strings.ReplaceAll(text, ";", "&")} {
				for _, value := range careless(separated) {
					require.False(t, hasRole(value), "%q in %q", value, text)
				}
			}
		}
	})
}

// takesOtherBodies is written by hand, independently of the guard.
func takesOtherBodies(path string) bool {
	return path == "/v1/me/profile_image" || path == "/oauth/register" || strings.HasPrefix(path, "/api_keys") ||
		strings.HasPrefix(path, "/v1/organizations/") && (strings.HasSuffix(path, "/logo") ||
			strings.HasSuffix(path, "/payment_methods") || strings.HasSuffix(path, "/default_payment_method"))
}

// careless are all values that a form could have for unsafe_metadata.
func careless(text string) []string {
	form, _ := url.ParseQuery(text) // what is wrong with it is passed over
	var values []string
	for name, all := range form {
		name = strings.Trim(name, " \x00\t\r\n")
		if strings.EqualFold(name, "unsafe_metadata") || strings.EqualFold(name, "unsafe_metadata[]") || strings.EqualFold(name, "unsafemetadata") {
			values = append(values, all...)
		}
		if strings.EqualFold(name, "unsafe_metadata[role]") {
			values = append(values, `{"role":1}`)
		}
	}
	return values
}

// hasRole looks for the key among all members of an object, doubled ones too.
func hasRole(text string) bool {
	d := json.NewDecoder(strings.NewReader(text))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return false
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return false
		}
		if key == "role" {
			return true
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return false
		}
	}
	return false
}

// roleInJSON reads a body as the JSON that it may be.
func roleInJSON(body string) bool {
	var fields struct {
		Unsafe json.RawMessage `json:"unsafe_metadata"`
	}
	_ = json.Unmarshal([]byte(body), &fields)
	var text string
	if json.Unmarshal(fields.Unsafe, &text) == nil {
		return hasRole(text)
	}
	return hasRole(string(fields.Unsafe))
}

// TestPolicySeesWhatIsSent: for random forms, what passes is what came, byte for
// byte, and reads like what the policy was shown.
func TestPolicySeesWhatIsSent(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	passes, shownOf := 0, 0
	var shown metadata.Patch
	tapped := newTap(t, proxy.PolicyFunc(func(_ *http.Request, patch metadata.Patch) error {
		shown = patch
		if random.IntN(10) == 0 {
			return errors.New("refused")
		}
		return nil
	}))
	for range 4000 {
		body := randomForm(random)
		shown = nil
		passed := tapped.pass(update(body))
		if passed == nil {
			continue
		}
		passes++
		require.Equal(t, body, passed.body)
		form, err := url.ParseQuery(passed.body)
		require.NoError(t, err)
		require.Equal(t, shown != nil, form.Has("unsafe_metadata"), body)
		if shown == nil {
			continue
		}
		shownOf++
		require.Len(t, form["unsafe_metadata"], 1)
		text, err := shown.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, readJSON(t, form.Get("unsafe_metadata")), readJSON(t, string(text)), body)
	}
	require.Greater(t, passes, 500)
	require.Greater(t, shownOf, 200)
}

func readJSON(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v))
	return v
}

// randomForm puts together pieces that are mostly sound.
func randomForm(random *rand.Rand) string {
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	var parts []string
	for range random.IntN(3) {
		parts = append(parts, pick("username", "first_name", "", "a[b]", "a%5F", "%C3%A9", "Unsafe_metadata")+pick("=", "", "=")+
			pick("x", "%C3%A9", "+", "a=b", "é", "%00", "%ff", ";", "%"))
	}
	for range random.IntN(5) / 2 {
		value := pick(`{}`, `{"theme":null}`, `{"a":[1,{"b":null}],"c":1.10e5}`, `{"é":"\u00e9\ud83d\ude00"}`, `{"a":"\ud800"}`,
			`{"a":1,"a":2}`, ` {"a" : "+ &=;%" } `, `null`, `[]`, ``, `{"a":{"b":{"c":9007199254740993}}}`)
		escape := []func(string) string{url.QueryEscape, url.PathEscape, func(s string) string { return s }}[random.IntN(3)]
		parts = append(parts, pick("unsafe_metadata", "unsafe%5Fmetadata", "%75nsafe_metadata")+"="+escape(value))
	}
	random.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return strings.Join(parts, "&")
}
