package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// run runs a command that ends by itself.
func run(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = cli.Run(t.Context(), cli.Env{Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs})
	return code, out.String(), errs.String()
}

// running is an emulator in the background.
type running struct {
	url   string
	lines chan string // of standard output, closed at the end
	end   context.CancelFunc
	code  chan int
	errs  bytes.Buffer // to be read after the end
}

// emulate starts an emulator on a free port and reads its first line.
func emulate(t *testing.T, stdin string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	e := &running{lines: make(chan string, 1000), end: cancel, code: make(chan int, 1)}
	go func() {
		defer close(e.lines)
		for s := bufio.NewScanner(r); s.Scan(); {
			e.lines <- s.Text()
		}
	}()
	go func() {
		code := cli.Run(ctx, cli.Env{
			Args:  append([]string{"emulate", "--addr", "127.0.0.1:0"}, args...),
			Stdin: strings.NewReader(stdin), Stdout: w, Stderr: &e.errs,
		})
		_ = w.Close()
		e.code <- code
	}()
	t.Cleanup(func() {
		cancel()
		for range e.lines {
			continue
		}
	})
	first, ok := <-e.lines
	if !ok {
		require.Fail(t, "it ended", "%d: %s", <-e.code, e.errs.String())
	}
	url, ok := strings.CutPrefix(first, "listening on ")
	require.True(t, ok, first)
	require.Regexp(t, `^http://127\.0\.0\.1:[1-9][0-9]*$`, url)
	e.url = url
	return e
}

// stop ends the emulator and returns the rest of its output.
func (e *running) stop(t *testing.T) []string {
	t.Helper()
	e.end()
	var rest []string
	for line := range e.lines {
		rest = append(rest, line)
	}
	require.Equal(t, cli.ExitOK, <-e.code, e.errs.String())
	require.Empty(t, e.errs.String())
	return rest
}

// do sends a request with the emulator's usual key and returns status and body.
func (e *running) do(t *testing.T, method, path, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, e.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer sk_test_clerktest")
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode, string(text)
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"emulate", "completion", "exit-codes"}},
		{[]string{"--help"}, []string{"emulate", "completion"}},
		{[]string{"help", "emulate"}, []string{"--addr address", "127.0.0.1:4010", "--limits off|development|production", "made-up"}},
		{[]string{"emulate", "--help"}, []string{"--seed file", "--strict", "--lenient", "--log text|json|off", "--allow-remote"}},
		{[]string{"help", "exit-codes"}, []string{"  130  interrupted\n"}},
		{[]string{"--version"}, []string{"clerkmeta " + client.Version + " ("}},
		{[]string{"completion", "bash"}, []string{"__start_clerkmeta"}},
		{[]string{"completion", "fish"}, []string{"clerkmeta"}},
		{[]string{"__complete", "emulate", "--limits", ""}, []string{"off\ndevelopment\nproduction\n:4"}},
		{[]string{"__complete", "emulate", "--log", "j"}, []string{"json"}},
		{[]string{"__complete", "emulate", "--seed", ""}, []string{"json\n:8"}},
		{[]string{"users"}, []string{"get", "patch", "replace", "unset", "diff"}},
		{[]string{"members", "--help"}, []string{"get", "patch", "unset", "diff"}},
		{[]string{"users", "patch", "--help"}, []string{"users patch user_1 --public --set role=shopper", "CLERK_SECRET_KEY_FILE", "A PATH is", "help exit-codes"}},
		{[]string{"members", "unset", "--help"}, []string{"ORG USER PATH...", "members unset org_1 user_1 --private"}},
		{[]string{"orgs", "replace", "--help"}, []string{"--json object", "--show-private", "--dry-run", "--yes"}},
		{[]string{"users", "diff", "--help"}, []string{"--exit-code"}},
		{[]string{"export"}, []string{"users", "orgs", "members"}},
		{[]string{"export", "members", "--help"}, []string{"export members ORG", "--offset", "--resume file"}},
		{[]string{"__complete", "plan", "--check"}, []string{"--checkpoint\tfile that remembers"}},
		{[]string{"__complete", "users", ""}, []string{"get", "patch", "replace", "unset", "diff"}},
		{[]string{"__complete", "users", "get", ""}, []string{":4"}},
		{[]string{"__complete", "users", "get", "--output", ""}, []string{"table\njson\n:4"}},
		{[]string{"__complete", "users", "patch", "--set", ""}, []string{":6"}},
	} {
		t.Run(strings.Join(tc.args, " "), func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(t, "", tc.args...)
			require.Equal(t, cli.ExitOK, code, stderr)
			for _, want := range tc.want {
				require.Contains(t, stdout, want)
			}
			if len(tc.args) == 0 || tc.args[0] != "__complete" {
				require.Empty(t, stderr)
			}
		})
	}
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		args   []string
		stderr string
	}{
		{"command", []string{"nothing"}, `clerkmeta: command "nothing" is unknown`},
		{"nearly a command", []string{"emulat"}, `clerkmeta: command "emulat" is unknown; did you mean emulate?`},
		{"flag", []string{"emulate", "--port", "1"}, "clerkmeta emulate: flag --port is unknown"},
		{"flag without a value", []string{"emulate", "--addr"}, "the value of --addr is missing"},
		{"argument", []string{"emulate", "seed.json"}, `clerkmeta emulate: argument "seed.json" is unexpected; expected none`},
		{"limits", []string{"emulate", "--limits", "none"}, `--limits "none" is unknown; expected one of off, development, production`},
		{"log", []string{"emulate", "--log", "xml"}, "expected one of text, json, off"},
		{"strict and lenient", []string{"emulate", "--strict", "--lenient"}, "--strict and --lenient exclude each other"},
		{"nearly a flag", []string{"users", "get", "user_1", "--outpt", "json"}, "flag --outpt is unknown; did you mean --output?"},
		{"nearly a value", []string{"users", "get", "user_1", "--output", "jsn"}, "expected one of table, json; did you mean json?"},
		{"nearly a shell", []string{"completion", "bahs"}, `command "bahs" is unknown; did you mean bash?`},
		{"help of nothing", []string{"help", "nope"}, `command "nope" is unknown`},
		{"help of nearly a command", []string{"help", "users", "gte"}, `command "gte" is unknown; did you mean get?`},
		{"help of more than a command", []string{"help", "plan", "x"}, `command "x" is unknown`},
		{"a short flag", []string{"plan", "-x"}, "flag -x is unknown"},
		{"a number", []string{"export", "users", "--page-size", "x"}, `--page-size "x" is not a whole number`},
		{"a switch", []string{"emulate", "--strict=maybe"}, `--strict "maybe" is unknown; expected true or false`},
		{"flag syntax", []string{"plan", "--=x"}, "bad flag syntax"},
		{"no port", []string{"emulate", "--addr", "127.0.0.1"}, `--addr "127.0.0.1" is not an address`},
		{"every interface", []string{"emulate", "--addr", ":0"}, `--addr ":0" is not a loopback address`},
		{"every interface by address", []string{"emulate", "--addr", "0.0.0.0:0"}, "--allow-remote"},
		{"another address", []string{"emulate", "--addr", "192.0.2.1:0"}, "--allow-remote"},
		{"live key", []string{"emulate", "--secret-key", "sk_live_hidden"}, "--secret-key is a live key"},
		{"no secret key", []string{"emulate", "--secret-key", "pk_test_hidden"}, "must begin with sk_test_"},
		{"empty key", []string{"emulate", "--secret-key", "sk_test_"}, "and have more"},
		{"key with more than letters", []string{"emulate", "--secret-key", "sk_test_hidden$"}, "letters, digits"},
		{"lines", []string{"no\nthing"}, `"no\nthing"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(t, "", tc.args...)
			require.Equal(t, cli.ExitUsage, code)
			require.Empty(t, stdout)
			require.Contains(t, stderr, tc.stderr)
			require.NotContains(t, stderr, "hidden")
			require.LessOrEqual(t, strings.Count(stderr, "\n"), 2)
		})
	}
}

func TestBadSeeds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, seed string
		want       []string
	}{
		{"no JSON", "{\n\"users\": [\n{id: 1}\n]}", []string{"line 3"}},
		{"unknown member", "{\n\"user\": []}", []string{"line 2", "user"}},
		{"unsound", "{\"users\":[{\"id\":\"user_1\"}],\n\"memberships\":[\n{\"organization_id\":\"org_9\",\"user_id\":\"user_1\"}]}", []string{"line 3", "org_9"}},
		{"live key", `{"secret_key":"sk_live_hidden"}`, []string{"secret_key is a live key"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "seed.json")
			require.NoError(t, os.WriteFile(file, []byte(tc.seed), 0o600))
			for stdin, args := range map[string][]string{"": {"--seed", file}, tc.seed: {"--seed", "-"}} {
				code, stdout, stderr := run(t, stdin, append([]string{"emulate", "--addr", "127.0.0.1:0"}, args...)...)
				require.Equal(t, cli.ExitFile, code)
				require.Empty(t, stdout)
				for _, want := range tc.want {
					require.Contains(t, stderr, want)
				}
				require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
				require.NotContains(t, stderr, "hidden")
				require.NotContains(t, stderr, "clerktest")
				if stdin == "" {
					require.Contains(t, stderr, "clerkmeta emulate: "+file+": ")
				} else {
					require.Contains(t, stderr, "clerkmeta emulate: standard input: ")
				}
			}
		})
	}
	code, _, stderr := run(t, "", "emulate", "--seed", filepath.Join(t.TempDir(), "missing.json"))
	require.Equal(t, cli.ExitFile, code)
	require.Contains(t, stderr, "the seed cannot be read")
}

func TestAddressesThatCannotBeListenedOn(t *testing.T) {
	t.Parallel()
	e := emulate(t, "")
	for _, tc := range []struct {
		name   string
		args   []string
		stderr string
	}{
		{"in use", []string{"--addr", strings.TrimPrefix(e.url, "http://")}, "is in use"},
		{"no port there is", []string{"--addr", "127.0.0.1:99999"}, "invalid port"},
		{"not this machine's", []string{"--addr", "192.0.2.1:0", "--allow-remote"}, "192.0.2.1"},
	} {
		code, stdout, stderr := run(t, "", append([]string{"emulate"}, tc.args...)...)
		require.Equal(t, cli.ExitListen, code, tc.name)
		require.Empty(t, stdout)
		require.Contains(t, stderr, tc.stderr)
		require.LessOrEqual(t, strings.Count(stderr, "\n"), 2, stderr)
	}
}

// brokenWriter is an output that is closed.
type brokenWriter struct{}

// Write fails.
func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestNobodyReads(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	code := cli.Run(t.Context(), cli.Env{Args: []string{"emulate", "--addr", "localhost:0"}, Stdout: brokenWriter{}, Stderr: &stderr})
	require.Equal(t, cli.ExitFailure, code)
	require.Contains(t, stderr.String(), "clerkmeta emulate: the address cannot be printed: io: read/write on closed pipe")
}
