package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// asCommand makes the binary of the tests the command.
const asCommand = "CLERKMETA_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(cli.Main())
	}
	os.Exit(m.Run())
}

// command is the command as a separate process, with its environment from names and
// values.
func command(ctx context.Context, t *testing.T, env map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// process is a running clerkmeta emulate.
type process struct {
	*exec.Cmd
	url    string
	lines  chan string // of standard output, closed at its end
	stderr *bytes.Buffer
}

// start runs the emulator on a free port and reads its first line.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{lines: make(chan string, 1000), stderr: new(bytes.Buffer)}
	// The test's context ends before its cleanup, and kills what still runs.
	p.Cmd = command(t.Context(), t, nil, append([]string{"emulate", "--addr", "127.0.0.1:0"}, args...)...)
	p.Stderr = p.stderr
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		for range p.lines {
			continue
		}
		_ = p.Wait()
	})
	first := <-p.lines
	url, ok := strings.CutPrefix(first, "listening on ")
	require.True(t, ok, "first line %q", first)
	p.url = url
	return p
}

// environment reads the lines that a reader is to paste.
func (p *process) environment(t *testing.T) map[string]string {
	t.Helper()
	env := map[string]string{}
	for line := range p.lines {
		if assignment, ok := strings.CutPrefix(line, "export "); ok {
			name, value, _ := strings.Cut(assignment, "=")
			env[name] = value
		}
		if len(env) == 5 {
			break
		}
	}
	require.Len(t, env, 5)
	return env
}

// stop sends a signal and returns the rest of the output.
func (p *process) stop(t *testing.T, signal os.Signal) []string {
	t.Helper()
	require.NoError(t, p.Process.Signal(signal))
	var rest []string
	for line := range p.lines {
		if line != "" {
			rest = append(rest, line)
		}
	}
	require.NoError(t, p.Wait(), "%s", p.stderr)
	require.Empty(t, p.stderr.String())
	return rest
}

func needsSignals(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent a signal here")
	}
}

// A program that takes its settings from the environment works against the
// emulator unchanged.
func TestProgramsFromTheirEnvironment(t *testing.T) {
	needsSignals(t)
	p := start(t)
	for name, value := range p.environment(t) {
		t.Setenv(name, value)
	}
	c, err := client.FromEnv()
	require.NoError(t, err)
	user, err := c.Users.UpdateUserMetadata(t.Context(), "user_1", users.UpdateUserMetadataParams{
		PrivateMetadata: metadata.Patch{"stripeId": "cus_hidden"},
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"stripeId":"cus_hidden"}`, user.PrivateMetadata.String())

	t.Setenv("CLERK_FAPI_URL", "") // the publishable key is enough
	f, err := client.FrontendFromEnv()
	require.NoError(t, err)
	self, _, err := f.GetMe(t.Context(), me.DevBrowser("dvb_1"))
	require.NoError(t, err)
	require.Equal(t, "user_1", self.ID)

	logged := p.stop(t, syscall.SIGTERM)
	require.Len(t, logged, 2)
	require.Regexp(t, `^PATCH /v1/users/user_1/metadata 200 [0-9.]+[mµn]?s$`, logged[0])
	require.Regexp(t, `^GET /v1/me 200 [0-9.]+[mµn]?s$`, logged[1])
}

// The program takes the key and the address from its environment, and asks
// nobody where there is no terminal.
func TestEnvironmentOfTheProgram(t *testing.T) {
	t.Parallel()
	needsSignals(t)
	p := start(t)
	args := []string{"users", "patch", "user_1", "--public", "--set", "role=admin", "--output", "json"}
	out, err := command(t.Context(), t, p.environment(t), args...).Output()
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"user_1","public_metadata":{"role":"admin"}}`, string(out))
	require.Len(t, p.stop(t, syscall.SIGTERM), 3, "a read for the plan, one before the write, and the write")
}

// A request under way at the signal is answered, and connections that are kept
// alive do not keep the emulator.
func TestSignalDuringARequest(t *testing.T) {
	t.Parallel()
	needsSignals(t)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		p := start(t)
		env := p.environment(t)
		kept := &http.Client{Transport: &http.Transport{}}
		ask := func(method, path, body string) *http.Response {
			req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
			require.NoError(t, err)
			resp, err := kept.Do(req)
			require.NoError(t, err)
			return resp
		}
		resp := ask(http.MethodPost, "/_emulator/faults", `{"operation":"GetUser","faults":[{"slow_headers_ms":300}]}`)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)

		c, err := client.New(client.SecretKey(env["CLERK_SECRET_KEY"]), client.WithBaseURL(env["CLERK_API_URL"]), client.WithRetry(client.Retry{MaxRetries: client.None}))
		require.NoError(t, err)
		got := make(chan error, 1)
		go func() {
			_, err := c.Users.GetUser(t.Context(), "user_1")
			got <- err
		}()
		require.Eventually(t, func() bool { // it is in the log before it is answered
			resp := ask(http.MethodGet, "/_emulator/requests?operation=GetUser", "")
			defer resp.Body.Close()
			var seen struct{ Requests []any }
			return json.NewDecoder(resp.Body).Decode(&seen) == nil && len(seen.Requests) == 1
		}, 5*time.Minute, 5*time.Millisecond)
		logged := p.stop(t, signal)
		require.NoError(t, <-got)
		require.Len(t, logged, 1)
	}
}

// The first signal ends a wait for standard input. A hang-up is one, unless nohup ignores it.
func TestSignalWhileStdinIsRead(t *testing.T) {
	t.Parallel()
	needsSignals(t)
	blanks := bytes.Repeat([]byte(" "), 200<<10) // more than a pipe holds
	const hangUp = syscall.Signal(1)
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, hangUp) // or the commands would ignore it where these tests run under nohup
	t.Cleanup(func() { signal.Stop(handled) })
	for _, tc := range []struct {
		signal  syscall.Signal
		program string // of a shell, which begins with the command
		code    int
		stderr  string
	}{
		{syscall.SIGTERM, `exec "$0" plan -`, 130, "interrupted: nothing was written"},
		{syscall.SIGTERM, `exec "$0" users patch user_1 --public --json -`, 130, "interrupted: nothing was written"},
		{hangUp, `exec "$0" plan -`, 130, "interrupted: nothing was written"},
		{hangUp, `trap "" HUP; exec "$0" plan -`, 3, "holds no changes"},
	} {
		clerkmeta := command(t.Context(), t, map[string]string{"CLERK_SECRET_KEY": testKey})
		cmd := exec.CommandContext(t.Context(), "sh", "-c", tc.program, clerkmeta.Path)
		cmd.Env = clerkmeta.Env
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		in, err := cmd.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = in.Write(blanks) // which ends once the command reads
		require.NoError(t, err)
		require.NoError(t, cmd.Process.Signal(tc.signal))
		if tc.code != 130 {
			require.NoError(t, in.Close())
		}
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Wait(), &exit, tc.program)
		require.Equal(t, tc.code, exit.ExitCode(), stderr.String())
		require.Contains(t, stderr.String(), tc.stderr)
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	p := start(t, "--log", "off")
	seed := filepath.Join(t.TempDir(), "seed.json")
	require.NoError(t, os.WriteFile(seed, []byte("{\n  \"users\": [\n    {\"id\": 1}\n  ]\n}"), 0o600))
	for _, tc := range []struct {
		code   int
		args   []string
		stderr string
	}{
		{2, []string{"emulate", "--nothing"}, "flag --nothing is unknown"},
		{3, []string{"emulate", "--seed", seed}, "line 3"},
		{4, []string{"emulate", "--addr", strings.TrimPrefix(p.url, "http://")}, "in use"},
	} {
		out, err := command(t.Context(), t, nil, tc.args...).CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, tc.code, exit.ExitCode())
		require.Contains(t, string(out), tc.stderr)
		require.NotContains(t, string(out), "goroutine")
	}
}
