package cli_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// withEditor makes a shell script the editor: $1 is the file, and $S a folder for the script's
// own files, which withEditor returns.
func (s *shell) withEditor(t *testing.T, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the editors of this test are shell scripts")
	}
	dir := t.TempDir()
	script = "set -e\nS='" + dir + "'\nprintf '%s' \"$1\" > $S/name\ncp \"$1\" $S/seen\n" + script + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "editor"), []byte(script), 0o600))
	s.env["EDITOR"] = "sh '" + dir + "/editor'"
	return dir
}

// gone checks that nothing is left of the file that an editor had.
func gone(t *testing.T, dir string) {
	t.Helper()
	require.NoDirExists(t, filepath.Dir(readFile(t, filepath.Join(dir, "name"))))
}

// put is a script that saves a text as many editors do, beside the file and by a new name.
func put(text string) string { return "cat > \"$1~\" <<'END'\n" + text + "\nEND\nmv \"$1~\" \"$1\"" }

func TestEditor(t *testing.T) {
	t.Parallel()
	const user = `{
  "public_metadata": {
    "limits": {
      "seats": 5
    },
    "role": "shopper"
  },
  "unsafe_metadata": {}
}`
	for _, tc := range []struct {
		name, line, script string
		seen               string
		code               int
		stderr             string
		request            string
	}{
		{
			"several fields", "users edit user_1", put(`{"unsafe_metadata":{"theme":"dark"},"public_metadata":{"limits":{"seats":6.0,"a":[null]}}}`), user, 0,
			"public_metadata of user user_1:\n  + limits.a: [null]\n  ~ limits.seats: 5 -> 6.0\n  - role: \"shopper\"\nunsafe_metadata of user user_1:\n  + theme: \"dark\"\n",
			`PATCH /v1/users/user_1/metadata {"public_metadata":{"limits":{"a":[null],"seats":6.0},"role":null},"unsafe_metadata":{"theme":"dark"}}`,
		},
		{
			"one field", "users edit user_1 --unsafe", put(`{"unsafe_metadata":{"a":1}}`), "{\n  \"unsafe_metadata\": {}\n}", 0,
			"unsafe_metadata of user user_1:\n  + a: 1\n", `PATCH /v1/users/user_1/metadata {"unsafe_metadata":{"a":1}}`,
		},
		{
			"private", "users edit user_1 --private --show-private", put(`{"private_metadata":{}}`), "{\n  \"private_metadata\": {\n    \"stripeId\": \"cus_hidden\"\n  }\n}", 0,
			`- stripeId: "cus_hidden"`, `PATCH /v1/users/user_1/metadata {"private_metadata":{"stripeId":null}}`,
		},
		{
			"an organization, all fields", "orgs edit org_1 --show-private --yes", put(`{"public_metadata":{"b":1},"private_metadata":{"plan":"cus_hidden"}}`),
			"{\n  \"private_metadata\": {\n    \"plan\": \"cus_hidden\"\n  },\n  \"public_metadata\": {}\n}", 0,
			"public_metadata of organization org_1:\n  + b: 1\n", `PATCH /v1/organizations/org_1/metadata {"public_metadata":{"b":1}}`,
		},
		{
			"a membership", "members edit org_1 user_1", put("\uFEFF" + `{"public_metadata":{"desk":"4"}}`), "{\n  \"public_metadata\": {\n    \"desk\": \"3.14\"\n  }\n}", 0,
			`~ desk: "3.14" -> "4"`, `PATCH /v1/organizations/org_1/memberships/user_1/metadata {"public_metadata":{"desk":"4"}}`,
		},
		{"nothing", "users edit user_1", "true", user, 0, "nothing to change, nothing sent\n", ""},
		{"form alone", "users edit user_1", put(`{"public_metadata":{"role":"shopper","limits":{"seats":5.0}},"unsafe_metadata":{}}`), user, 0, "nothing to change, nothing sent\n", ""},
		{"a dry run", "users edit user_1 --unsafe --dry-run", put(`{"unsafe_metadata":{"a":1}}`), "{\n  \"unsafe_metadata\": {}\n}", 0, "+ a: 1\n", ""},
		{"no JSON", "users edit user_1", put("{\"public_metadata\": {},\n\"a\":"), user, cli.ExitFile, "line 3 is not valid JSON\nhint: nothing was written", ""},
		{"a key twice", "users edit user_1", put(`{"public_metadata":{"a":1,"a":2},"unsafe_metadata":{}}`), user, cli.ExitFile, "public_metadata: \"a\": key occurs twice", ""},
		{"another member", "users edit user_1", put(`{"private_metadata":{}}`), user, cli.ExitFile, `member "private_metadata" is unknown; expected public_metadata, unsafe_metadata`, ""},
		{"a missing field", "users edit user_1", put(`{"unsafe_metadata":{}}`), user, cli.ExitFile, "public_metadata is missing or null; {} removes all of it", ""},
		{"a null", "users edit user_1", put(`{"public_metadata":{"role":null},"unsafe_metadata":{}}`), user, cli.ExitFile, `public_metadata has a new null at "/role", which no merge patch stores`, ""},
		{"an editor that fails", "users edit user_1", "exit 3", user, cli.ExitFailure, "failed: exit status 3; nothing was written\nhint: set VISUAL or EDITOR", ""},
		{"the file is gone", "users edit user_1", `rm "$1"`, user, cli.ExitFile, "no such file", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, testKey)
			dir := s.withEditor(t, tc.script)
			r := s.run(t, tc.line)
			require.Equal(t, tc.code, r.code, r.err)
			require.Contains(t, r.err, tc.stderr)
			require.Equal(t, tc.seen+"\n", readFile(t, filepath.Join(dir, "seen")))
			require.Equal(t, tc.request, strings.ReplaceAll(strings.Join(requests(s), ""), "\n", " "))
			gone(t, dir)
		})
	}
}

// On a terminal the command asks before each write, and offers to edit again.
func TestEditorAsks(t *testing.T) {
	t.Parallel()
	const good = `{"public_metadata":{},"unsafe_metadata":{}}`
	twice := "if test -e $S/second; then\n" + put(good) + "\nelse\n" + put("{") + "\nfi\n: > $S/second"
	for _, tc := range []struct {
		name, key, script, replies string
		code                       int
		stderr                     string
	}{
		{"yes", testKey, put(good), "y\n", 0, "Write this? [y/N] "},
		{"no", testKey, put(good), "n\n", cli.ExitDeclined, "nothing was written"},
		{"a live key", liveKey, put(good), "y\n", 0, "Write this with a live key? [y/N] "},
		{"again", testKey, twice, "y\nyes\n", 0, "line 2 is not valid JSON\nEdit it again? [y/N] public_metadata of user user_1:"},
		{"not again", testKey, twice, "n\n", cli.ExitFile, "line 2 is not valid JSON\nhint: "},
		{"no again", testKey, twice, "y\nn\n", cli.ExitDeclined, "nothing was written"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, tc.key)
			dir := s.withEditor(t, tc.script)
			s.terminals, s.stdin = "in", strings.NewReader(tc.replies)
			r := s.run(t, "users edit user_1")
			require.Equal(t, tc.code, r.code, r.err)
			require.Contains(t, r.err, tc.stderr)
			require.Equal(t, tc.code == 0, len(s.writes()) == 1)
			gone(t, dir)
		})
	}
}

// Private values reach an editor with --show-private only, and the file only its owner.
func TestEditorIsPrivate(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	dir := s.withEditor(t, `ls -ld "$1" > $S/modes; ls -ld "${1%/*}" >> $S/modes`)
	r := s.run(t, "users edit user_1 --private")
	require.Equal(t, cli.ExitUsage, r.code)
	require.Contains(t, r.err, "an editor shows the values of private metadata\nhint: pass --show-private")
	require.NoFileExists(t, filepath.Join(dir, "seen"))
	require.Empty(t, s.Requests())
	require.Zero(t, s.run(t, "users edit user_1").code)
	require.NotContains(t, readFile(t, filepath.Join(dir, "seen")), "cus_hidden")
	require.Regexp(t, `^-rw------- .*\ndrwx------ `, readFile(t, filepath.Join(dir, "modes")))
}

// A signal ends the editor, and nothing is left of the file.
func TestEditorInterrupted(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	dir := s.withEditor(t, "mkfifo $S/never; echo $$ > $S/pid; echo started >&2; read x < $S/never")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stderr := &starting{cancel: cancel}
	code := cli.Run(ctx, cli.Env{
		Args: []string{"users", "edit", "user_1"}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: stderr,
		Getenv: func(name string) string { return s.env[name] },
	})
	require.Equal(t, cli.ExitInterrupted, code, stderr.text.String())
	require.Contains(t, stderr.text.String(), "interrupted: nothing was written")
	require.Empty(t, s.writes())
	gone(t, dir)
	pid, err := strconv.Atoi(strings.TrimSpace(readFile(t, filepath.Join(dir, "pid"))))
	require.NoError(t, err)
	editor, err := os.FindProcess(pid)
	require.NoError(t, err)
	require.ErrorIs(t, editor.Signal(syscall.Signal(0)), os.ErrProcessDone, "the editor itself ended, not a shell around it")
}

// starting is a standard error that cancels at the first text: the editor's.
type starting struct {
	text   bytes.Buffer
	cancel context.CancelFunc
}

func (s *starting) Write(p []byte) (int, error) {
	s.cancel()
	return s.text.Write(p)
}
