package cli_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

func TestWhereTheKeyIs(t *testing.T) {
	t.Parallel()
	right, wrong := file(t, testKey+"\r\n"), file(t, "sk_test_other")
	for _, tc := range []struct {
		name, flags, stdin string
		env                map[string]string
		terminals          string
		code               int
		stderr             string
	}{
		{"environment", "", "", map[string]string{"CLERK_SECRET_KEY": testKey}, "", 0, ""},
		{"file of the environment", "", "", map[string]string{"CLERK_SECRET_KEY_FILE": right}, "", 0, ""},
		{"file", "--secret-key-file " + right, "", nil, "", 0, ""},
		{"file before the environment", "--secret-key-file " + right, "", map[string]string{"CLERK_SECRET_KEY": "sk_test_other", "CLERK_SECRET_KEY_FILE": wrong}, "", 0, ""},
		{"standard input", "--secret-key-stdin", testKey + "\n", map[string]string{"CLERK_SECRET_KEY": "sk_test_other"}, "", 0, ""},
		{"nowhere", "", "", nil, "", cli.ExitUnauthorized, "set CLERK_SECRET_KEY"},
		{"twice", "", "", map[string]string{"CLERK_SECRET_KEY": testKey, "CLERK_SECRET_KEY_FILE": right}, "", cli.ExitUsage, "both set"},
		{"two flags", "--secret-key-stdin --secret-key-file x", "", nil, "", cli.ExitUsage, "exclude each other"},
		{"typed", "--secret-key-stdin", testKey, nil, "in", cli.ExitUsage, "a terminal would show it"},
		{"empty", "--secret-key-stdin", "", nil, "", cli.ExitUnauthorized, "is empty"},
		{"refused", "--secret-key-file " + wrong, "", nil, "", cli.ExitUnauthorized, "(development key) refused the key (status 401"},
		{"publishable", "--secret-key-stdin", "pk_test_" + recognisable, nil, "", cli.ExitUnauthorized, "publishable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, testKey)
			url := s.env["CLERK_API_URL"]
			s.env = map[string]string{"CLERK_API_URL": url}
			for name, value := range tc.env {
				s.env[name] = value
			}
			s.stdin, s.terminals = strings.NewReader(tc.stdin), tc.terminals
			r := s.run(t, "users get user_1 "+tc.flags)
			require.Equal(t, tc.code, r.code, r.err)
			require.Contains(t, r.err, tc.stderr)
		})
	}
}

// Plain http reaches another machine only where --plain-http names it, and never with a live
// key.
func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, key, url, flags string
		code                  int
		stderr                string
	}{
		{"refused", testKey, "http://clerk.example", "", cli.ExitUsage, "CLERK_API_URL is plain http, which would show the key to the network\nhint: use https, or pass --plain-http clerk.example if an emulator listens there"},
		{"another host", testKey, "http://clerk.example", "--plain-http other.example", cli.ExitUsage, "--plain-http clerk.example"},
		{"not a host", testKey, "http://clerk.example", "--plain-http http://clerk.example", cli.ExitUsage, `--plain-http has "http://clerk.example"; expected host names`},
		{"a live key", liveKey, "http://HOST", "--plain-http 0.0.0.0", cli.ExitUsage, "CLERK_API_URL is plain http, over which a live key never goes: use https"},
		{"allowed", testKey, "http://HOST", "--plain-http 0.0.0.0", cli.ExitOK, ""},
		{"no scheme", testKey, "clerk.example", "", cli.ExitUsage, "must begin with https://\nhint: it is an address such as https://api.clerk.com, or http://127.0.0.1:4010 for an emulator"},
		{"another fault", testKey, "http://user:secretvalue@clerk.example", "--plain-http clerk.example", cli.ExitUsage, "CLERK_API_URL holds credentials"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, tc.key)
			_, port, _ := strings.Cut(s.URL(), "127.0.0.1")
			// The unspecified address is no loopback address, and leads to this machine.
			s.env["CLERK_API_URL"] = strings.ReplaceAll(tc.url, "HOST", "0.0.0.0"+port)
			changes := file(t, `{"user":"user_1","patch":{"public_metadata":{"a":1}}}`)
			for _, line := range []string{"users get user_1 ", "export users ", "users patch user_1 --public --set a=1 --yes ", "plan " + changes + " "} {
				r := s.run(t, line+tc.flags)
				require.Equal(t, tc.code, r.code, r.err)
				require.Contains(t, r.err, tc.stderr)
				require.NotContains(t, r.err, "secretvalue")
				require.Equal(t, tc.code == cli.ExitOK, len(s.Requests()) > 0)
			}
		})
	}
}

// Without an environment and without terminals there is no key and no question.
func TestBareEnv(t *testing.T) {
	t.Parallel()
	code, _, stderr := run(t, "", "users", "get", "user_1")
	require.Equal(t, cli.ExitUnauthorized, code)
	require.Contains(t, stderr, "CLERK_SECRET_KEY")
	code, _, _ = run(t, liveKey, "users", "get", "bad/id", "--secret-key-stdin")
	require.Equal(t, cli.ExitInvalid, code)
}

func TestStreamsThatFail(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	s.stdin = iotest.ErrReader(errors.New("gone"))
	for _, line := range []string{"users get user_1 --secret-key-stdin", "users patch user_1 --public --json -"} {
		r := s.run(t, line)
		require.Equal(t, cli.ExitFile, r.code, line)
		require.Contains(t, r.err, "gone")
	}
	live := newShell(t, liveKey)
	for _, line := range []string{
		"users get user_1", "users diff user_1 --public --json {}", "export users", "export users --page-size 1",
		"users patch user_1 --public --set a=1 --dry-run", "users patch user_1 --public --set a=1 --yes",
	} {
		code := cli.Run(t.Context(), cli.Env{
			Args: strings.Fields(line), Stdin: strings.NewReader(""), Stdout: failing{}, Stderr: io.Discard,
			Getenv: func(name string) string { return live.env[name] },
		})
		require.NotZero(t, code, line)
	}
	code := cli.Run(t.Context(), cli.Env{
		Args:  strings.Fields("orgs patch org_1 --public --set a=1 --yes"),
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: failing{},
		Getenv: func(name string) string { return live.env[name] },
	})
	require.Equal(t, cli.ExitFailure, code, "what cannot be shown is not written")
	require.Len(t, live.writes(), 1, "only the one whose result could not be printed")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestColumns(t *testing.T) {
	t.Parallel()
	require.Zero(t, cli.Columns(strings.NewReader("")))
	f, err := os.Open(file(t, ""))
	require.NoError(t, err)
	require.Zero(t, cli.Columns(f))
	require.NoError(t, f.Close())
	require.Zero(t, cli.Columns(f), "closed")
	for device, want := range map[string]int{os.DevNull: 0, "/dev/ptmx": 80} { // which has no size yet
		if f, err := os.OpenFile(device, os.O_RDWR, 0); err == nil {
			require.Equal(t, want, cli.Columns(f), device)
			require.NoError(t, f.Close())
		}
	}
}
