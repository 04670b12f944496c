package recorder_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/test/clients/recorder"
)

// clerk answers everything with the same body.
func clerk(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Set-Cookie", "__client=secret-cookie")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func ask(t *testing.T, base, method, path, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer secret-key")
	req.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, "/v1/client/") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, errors.Join(err, resp.Body.Close()))
}

func TestNoCredentialIsRecorded(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(clerk(200, `{"object":"total_count","total_count":1}`))
	t.Cleanup(target.Close)
	u, err := url.Parse(target.URL)
	require.NoError(t, err)
	var rec recorder.Recorder
	server := httptest.NewServer(rec.Wrap(recorder.Proxy(u)))
	t.Cleanup(server.Close)

	ask(t, server.URL, "GET", "/v1/users/count?__clerk_db_jwt=secret-browser&limit=1", "")
	ask(t, server.URL, "GET", "/_emulator/health", "")
	ask(t, server.URL, "OPTIONS", "/v1/me", "")

	exchanges := rec.Exchanges()
	require.Len(t, exchanges, 1)
	require.Equal(t, "/v1/users/count", exchanges[0].Request.Path)
	require.Equal(t, "limit=1", exchanges[0].Request.Query)
	require.JSONEq(t, `{"object":"total_count","total_count":1}`, exchanges[0].Answer.Body)
	var out bytes.Buffer
	require.NoError(t, recorder.Write(&out, exchanges))
	require.NotContains(t, out.String(), "secret-")
	require.Equal(t, 1, strings.Count(out.String(), "\n"))
}

func TestCheck(t *testing.T) {
	t.Parallel()
	checker, err := recorder.NewChecker()
	if errors.Is(err, recorder.ErrNoDocuments) {
		t.Skip(err)
	}
	require.NoError(t, err)
	const refusal = `{"errors":[{"message":"a","long_message":"b","code":"c"}]}`
	for name, tt := range map[string]struct {
		method, path, body string
		status             int
		answer             string
		used               []string
		want               string
	}{
		"right":                 {"GET", "/v1/users/count", "", 200, `{"object":"total_count","total_count":1}`, nil, ""},
		"wrong answer":          {"GET", "/v1/users/count", "", 200, `{}`, nil, "answer 200"},
		"wrong request":         {"GET", "/v1/users/count?colour=red", "", 200, `{"object":"total_count","total_count":1}`, nil, "colour"},
		"wrong request refused": {"GET", "/v1/users/count?colour=red", "", 422, refusal, nil, ""},
		"rate limit":            {"GET", "/v1/users/count", "", 429, refusal, []string{"undeclared 429"}, ""},
		"list's query":          {"GET", "/v1/users/count?limit=1", "", 200, `{"object":"total_count","total_count":1}`, []string{"list's query at the count"}, ""},
		"null for a body":       {"DELETE", "/v1/users/user_1", "null", 200, `{"object":"user","id":"user_1","deleted":true}`, []string{"body of a DELETE"}, ""},
		"browser":               {"POST", "/v1/me/metadata?_method=PATCH&_clerk_js_version=6", "{}", 422, refusal, []string{"browser's query", "_method"}, ""},
		"a tab's state":         {"POST", "/v1/client/sessions/sess_1/tokens", "tab_state=visible", 200, `{"jwt":"a"}`, []string{"browser's form"}, ""},
		"another field":         {"POST", "/v1/client/sessions/sess_1/tokens", "colour=red", 200, `{"jwt":"a"}`, nil, "colour"},
		"a page":                {"GET", "/v1/sessions?paginated=true", "", 200, `{"data":[],"total_count":0}`, []string{"pages of a list"}, ""},
		"a page's element":      {"GET", "/v1/sessions?paginated=true", "", 200, `{"data":[{}],"total_count":1}`, []string{"pages of a list"}, "answer 200"},
		"a page unasked":        {"GET", "/v1/sessions", "", 200, `{"data":[],"total_count":0}`, nil, "must be an array"},
		"undeclared status":     {"GET", "/v1/users/count", "", 418, refusal, nil, "418"},
		"no such address":       {"GET", "/v1/nothing", "", 404, refusal, nil, "no matching operation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var rec recorder.Recorder
			server := httptest.NewServer(rec.Wrap(clerk(tt.status, tt.answer)))
			t.Cleanup(server.Close)
			ask(t, server.URL, tt.method, tt.path, tt.body)
			used, err := checker.Check(t.Context(), rec.Exchanges()[0])
			require.Equal(t, tt.used, used)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestExemptionsHaveReasons(t *testing.T) {
	t.Parallel()
	for _, e := range recorder.Exemptions() {
		require.NotEmpty(t, e.Name)
		require.NotEmpty(t, e.Reason)
	}
}
