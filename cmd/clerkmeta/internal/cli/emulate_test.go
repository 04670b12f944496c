package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
)

func TestWhatIsPrinted(t *testing.T) {
	t.Parallel()
	e := emulate(t, "")
	printed := strings.Join(e.stop(t), "\n")
	for _, want := range []string{
		"users         user_1, user_2\n", "organization  org_1\n", "membership    orgmem_1\n", "session       sess_1\n",
		"client token  client_token_1\n", "dev browser   dvb_1\n",
		"export CLERK_SECRET_KEY=sk_test_clerktest\n",
		"export CLERK_API_URL=" + e.url + "\n",
		"export CLERK_PUBLISHABLE_KEY=pk_test_",
		"export CLERK_FAPI_URL=" + e.url + "\n",
	} {
		require.Contains(t, printed, want)
	}
	_, key, _ := strings.Cut(printed, "CLERK_PUBLISHABLE_KEY=")
	key, _, _ = strings.Cut(key, "\n")
	address, err := client.FrontendURL(key)
	require.NoError(t, err)
	require.Equal(t, e.url, address, "the publishable key points at the emulator")
}

func TestSeedFromStandardInput(t *testing.T) {
	t.Parallel()
	seed := `{"secret_key":"sk_test_seeded","users":[{"id":"user_9","private_metadata":{"a":1}}]}`
	for _, tc := range []struct {
		key  string
		args []string
	}{
		{"sk_test_seeded", nil},
		{"sk_test_flag", []string{"--secret-key", "sk_test_flag"}},
	} {
		e := emulate(t, seed, append([]string{"--seed", "-"}, tc.args...)...)
		status, body := e.do(t, "GET", "/v1/users/user_9", "", "Authorization", "Bearer "+tc.key)
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, body, `"private_metadata":{"a":1}`)
		status, _ = e.do(t, "GET", "/v1/users/user_9", "")
		require.Equal(t, http.StatusUnauthorized, status)
		printed := strings.Join(e.stop(t), "\n")
		require.Contains(t, printed, "CLERK_SECRET_KEY="+tc.key)
		require.NotContains(t, printed, "user_1", "only what there is")
	}
}

// Both APIs answer on the one address, and each request gets a line that shows
// neither values nor credentials nor a query.
func TestRequestsAndTheirLines(t *testing.T) {
	t.Parallel()
	e := emulate(t, "")
	status, _ := e.do(t, "PATCH", "/v1/users/user_1/metadata?x=hidden", `{"private_metadata":{"hidden":true}}`)
	require.Equal(t, http.StatusOK, status)
	status, _ = e.do(t, "GET", "/v1/me?_is_native=1", "", "Authorization", "client_token_1")
	require.Equal(t, http.StatusOK, status)
	status, _ = e.do(t, "GET", "/v1/users/../users/user_1%0a%1b[2J%C3%A9", "")
	require.Equal(t, http.StatusNotFound, status, "paths are taken literally")
	status, _ = e.do(t, "GET", "/_emulator/health", "")
	require.Equal(t, http.StatusOK, status)

	lines := e.stop(t)
	logged := lines[len(lines)-3:]
	const took = ` [0-9.]+(ns|µs|ms|s)$`
	require.Regexp(t, `^PATCH /v1/users/user_1/metadata 200`+took, logged[0])
	require.Regexp(t, `^GET /v1/me 200`+took, logged[1])
	require.Regexp(t, `^GET /v1/users/\.\./users/user_1%0a%1b%5B2J%C3%A9 404`+took, strings.ReplaceAll(logged[2], "[", "%5B"))
	require.Empty(t, lines[len(lines)-4], "health got no line")
	require.NotContains(t, strings.Join(lines, "\n"), "hidden")
	require.NotContains(t, strings.Join(logged, "\n"), "clerktest")
}

func TestLogAsJSON(t *testing.T) {
	t.Parallel()
	e := emulate(t, "", "--log", "json")
	_, _ = e.do(t, "GET", "/v1/users/user_9?x=hidden", "")
	status, _ := e.do(t, "POST", "/_emulator/faults", `{"operation":"GetUser","faults":[{"drop":true}]}`)
	require.Equal(t, http.StatusOK, status)
	c, err := client.New(client.SecretKey("sk_test_clerktest"), client.WithBaseURL(e.url), client.WithRetry(client.Retry{MaxRetries: client.None}))
	require.NoError(t, err)
	_, err = c.Users.GetUser(t.Context(), "user_1")
	require.Error(t, err)

	lines := e.stop(t)
	var ready struct {
		Event       string
		URL         string
		Environment map[string]string
		Seeded      struct{ Users, Organizations, Memberships, Sessions []string }
	}
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &ready))
	require.Equal(t, "ready", ready.Event)
	require.Equal(t, e.url, ready.URL)
	require.Equal(t, "sk_test_clerktest", ready.Environment["CLERK_SECRET_KEY"])
	require.Equal(t, []string{"orgmem_1"}, ready.Seeded.Memberships)
	var answered, dropped map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &answered))
	require.Equal(t, "/v1/users/user_9", answered["path"])
	require.InEpsilon(t, 404, answered["status"], 0)
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &dropped))
	require.Zero(t, dropped["status"])
	for _, member := range []string{"event", "time", "method", "path", "status", "duration_ms"} {
		require.Contains(t, answered, member)
	}
	require.Len(t, answered, 6)
}

func TestLogOff(t *testing.T) {
	t.Parallel()
	e := emulate(t, "", "--log", "off")
	_, _ = e.do(t, "GET", "/v1/users/user_1", "")
	require.NotContains(t, strings.Join(e.stop(t), "\n"), "/v1/users/user_1")
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for limits, want := range map[string]int{"off": http.StatusOK, "production": http.StatusTooManyRequests} {
		e := emulate(t, "", "--limits", limits, "--log", "off")
		status := 0
		for range 11 {
			status, _ = e.do(t, "PATCH", "/v1/users/user_1/metadata", `{"public_metadata":{}}`)
		}
		require.Equal(t, want, status, limits)
		e.stop(t)
	}
}

// The guesses that nothing published decides follow the flag.
func TestStrictAndLenient(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]int{"--strict": http.StatusUnprocessableEntity, "--lenient": http.StatusOK} {
		e := emulate(t, "", flag)
		status, body := e.do(t, "PATCH", "/v1/users/user_1/metadata", `{"public_metadata":null}`)
		require.Equal(t, want, status, body)
		e.stop(t)
	}
}

// The SDK's own clients work against it, each API with its credential.
func TestWithTheSDK(t *testing.T) {
	t.Parallel()
	e := emulate(t, "")
	c, err := client.New(client.SecretKey("sk_test_clerktest"), client.WithBaseURL(e.url))
	require.NoError(t, err)
	user, err := c.Users.GetUser(t.Context(), "user_1")
	require.NoError(t, err)
	require.JSONEq(t, `{"stripeId":"cus_example"}`, user.PrivateMetadata.String())
	f, err := client.NewFrontend(e.url)
	require.NoError(t, err)
	self, _, err := f.GetMe(t.Context(), me.DevBrowser("dvb_1"))
	require.NoError(t, err)
	require.JSONEq(t, `{"theme":"dark"}`, self.UnsafeMetadata.String())
	e.stop(t)
}

// An open stream of events does not hold up the end: nothing is cut off after the grace.
func TestEventsEndWithTheEmulator(t *testing.T) {
	t.Parallel()
	e := emulate(t, "", "--log", "off")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.url+"/_emulator/events", http.NoBody)
	require.NoError(t, err)
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	e.stop(t)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, ":\n\n", string(text))
}

// A file of another kind becomes a seed, and what was made of it is printed.
func TestLoadedFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		seed  string
		lines string
	}{
		"seed": {`{"users":[{},{}],"sessions":[{"user_id":"user_1"}]}`, "loaded 2 users, 1 session from a seed\n\nexport "},
		"page": {
			`[{"object":"user","id":"user_1","private_metadata":{"hidden":1},"passkeys":[{"name":"hidden"}]}]`,
			"loaded 1 user from a page of users\nleft aside: passkeys of 1 user\n\nexport ",
		},
		"empty":     {"[]", "loaded nothing from an empty page\n"},
		"export":    {"{\"organization\":\"org_1\",\"user\":\"user_1\",\"public_metadata\":{}}\n", "loaded 1 user, 1 organization, 1 membership from an export of clerkmeta\n"},
		"migration": {"userId,email,password\n1,a@example.com,hidden\n2,A@example.com,\n", "loaded 1 user from a file for Clerk's migration tools\nleft aside: 1 user whose email_address is taken\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			printed := strings.Join(emulate(t, tc.seed, "--seed", "-").stop(t), "\n")
			require.Contains(t, printed, "\n"+tc.lines)
			require.NotContains(t, printed, "hidden")
		})
	}
	e := emulate(t, `{"object":"organization","id":"org_1","logo_url":"https://example.com/a.png"}`, "--seed", "-", "--log", "json")
	var ready struct{ Loaded json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(e.stop(t)[0]), &ready))
	require.JSONEq(t, `{"kind":"a page of organizations","users":0,"organizations":1,"memberships":0,"invitations":0,"sessions":0,
		"left_aside":["logo_url of 1 organization"]}`, string(ready.Loaded))
}

// A browser gets the page at the root, and every other client Clerk's 404.
func TestPage(t *testing.T) {
	t.Parallel()
	e := emulate(t, "")
	status, body := e.do(t, "GET", "/", "", "Accept", "text/html,*/*;q=0.8")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "<title>clerkmeta emulator</title>")
	status, body = e.do(t, "GET", "/", "")
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, body, "resource_not_found")
	status, body = e.do(t, "GET", "/_emulator/environment", "")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, `"CLERK_API_URL":"`+e.url+`"`)
	require.NotContains(t, strings.Join(e.stop(t), "\n"), "/_emulator/environment")
}
