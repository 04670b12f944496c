package security

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// strayRequests carry credentials wherever a client may put one, rightly or not.
func strayRequests(t *testing.T, at string) []*http.Request {
	t.Helper()
	const asForm, asJSON = "application/x-www-form-urlencoded", "application/json"
	var all []*http.Request
	for _, what := range []struct{ method, path, contentType, body string }{
		{"GET", "/v1/me?__dev_session=" + url.QueryEscape(devToken), "", ""},
		{"GET", "/v1/me?__clerk_db_jwt=" + url.QueryEscape(devToken) + "&__clerk_handshake=" + nativeToken, "", ""},
		{"GET", "/v1/client?rotating_token_nonce=" + nativeToken + "&__clerk_ticket=" + nativeToken, "", ""},
		{"GET", "/v1/verify?ticket=" + nativeToken + "&code=" + nativeToken, "", ""},
		{"POST", "/v1/client/sign_ups", asForm, signUpForm()},
		{"POST", "/v1/client/sign_ups", asForm, signUpForm() + "&bad=%zz"},
		{"PATCH", "/v1/client/sign_ups/sua_1", asForm, signUpForm()},
		{"POST", "/v1/users", asJSON, string(mustJSON(object{"email_address": []string{"eve@example.com"}, "password": webPassword}))},
		{"PATCH", "/v1/users/user_1", asJSON, string(mustJSON(object{"password": webPassword, "first_name": "Ada"}))},
		{"GET", "/v1/users/user_9", "", ""},
		{"PATCH", "/v1/users/user_1/metadata", asJSON, `{"bad":1}`},
		{"GET", "/v1/nothing", "", ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), what.method, at+what.path, strings.NewReader(what.body))
		require.NoError(t, err)
		r.Header.Set("Content-Type", what.contentType)
		for name, value := range map[string]string{
			"Authorization": "Bearer " + secretKey, "Cookie": "__client=" + cookieToken, "Clerk-Secret-Key": secretKey,
			"Proxy-Authorization": "Bearer " + nativeToken, "Referer": "https://app.example/?__clerk_db_jwt=" + url.QueryEscape(devToken),
		} {
			r.Header.Set(name, value)
		}
		if strings.Contains(what.path, "/me") || strings.Contains(what.path, "/client") {
			r.Header.Del("Authorization")
		}
		all = append(all, r)
	}
	return all
}

// TestLogOfRequestsShowsNoCredential makes every call and prints the log of the
// in-process Clerk, as Go values and as the control endpoints write it.
func TestLogOfRequestsShowsNoCredential(t *testing.T) {
	t.Parallel()
	clerk, err := instance()
	require.NoError(t, err)
	s := newSDK(t, clerk.Transport())
	for _, c := range everyCall() {
		c.do(t.Context(), s)
	}
	for _, r := range strayRequests(t, "http://127.0.0.1:4010") {
		_, err := clerk.Transport().RoundTrip(r)
		require.NoError(t, err)
	}
	for _, r := range clerk.Requests() {
		credentials.requireNone(t, "the log: "+r.Method+" "+r.Path, everyPrint(r)+string(r.Body))
	}
	require.NoError(t, clerk.Script(clerktest.GetUser, clerktest.Answer(http.StatusUnauthorized, "clerk_key_invalid")))
	for _, what := range []string{"GET health", "GET requests", "GET requests?operation=" + secretKey, "GET faults", "PUT state", "POST faults", "GET " + secretKey} {
		method, path, _ := strings.Cut(what, " ")
		r := httptest.NewRequest(method, clerktest.ControlPath+path, strings.NewReader(`{"secret_key":`))
		r.Host, r.RemoteAddr = "127.0.0.1:4010", "127.0.0.1:50000"
		r.Header.Set("Authorization", "Bearer "+secretKey)
		w := httptest.NewRecorder()
		clerk.ControlHandler().ServeHTTP(w, r)
		if !strings.Contains(path, secretKey) { // what was asked for is quoted
			credentials.requireNone(t, what, w.Body.String())
		}
	}
}

// TestEmulatorShowsNothing reads all that clerkmeta emulate writes once it has
// announced itself.
func TestEmulatorShowsNothing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt")
	}
	clerk, err := instance()
	require.NoError(t, err)
	seed := string(mustJSON(clerk.State()))
	for _, form := range []string{"text", "json"} {
		var errs record
		cmd := exec.CommandContext(t.Context(), binary, "emulate", "--addr", "127.0.0.1:0", "--seed", "-", "--log", form)
		cmd.Stdin, cmd.Stderr = strings.NewReader(seed), &errs
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		require.True(t, lines.Scan())
		address, ok := strings.CutPrefix(lines.Text(), "listening on ")
		require.True(t, ok, lines.Text())
		var logged strings.Builder
		read := make(chan struct{})
		go func() {
			defer close(read)
			announced := false
			for lines.Scan() {
				if announced {
					logged.WriteString(lines.Text() + "\n")
				}
				// The announcement ends with its last variable, or is one line.
				announced = announced || form == "json" || strings.Contains(lines.Text(), "CLERK_FAPI_URL")
			}
		}()
		transport := &http.Transport{DisableKeepAlives: true}
		for _, r := range strayRequests(t, address) {
			resp, err := transport.RoundTrip(r)
			require.NoError(t, err)
			_ = resp.Body.Close()
		}
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		<-read
		require.NoError(t, cmd.Wait(), errs.String())
		require.Contains(t, logged.String(), "/v1/users/user_1/metadata")
		everything.requireNone(t, "the log of the emulator", logged.String()+errs.String())
	}
}
