package security

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ofCommand are faults that no retry makes the command wait for, one for each thing
// that it prints.
func ofCommand(t *testing.T) []fault {
	t.Helper()
	names := []string{"none, renewed with every answer", "message", "code", "shape", "page as success", "malformed redirect"}
	all := slices.DeleteFunc(faults(), func(f fault) bool { return !slices.Contains(names, f.name) })
	require.Len(t, all, len(names), "each is there")
	return all
}

// some returns every fifth line with -short, since each is a process, and else all.
func some(lines ...string) []string {
	if !testing.Short() {
		return lines
	}
	var kept []string
	for chunk := range slices.Chunk(lines, 5) {
		kept = append(kept, chunk[0])
	}
	return kept
}

// TestCommandShowsNothing runs every command against these faults. Messages show no
// secret and no private value; no output shows a credential. What a plan and an
// apply print, and the checkpoint, show no value either; the file of failures
// holds the changes, values and all, and no credential.
func TestCommandShowsNothing(t *testing.T) {
	t.Parallel()
	for _, f := range ofCommand(t) {
		if testing.Short() && f.name != "message" {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file, done, failures := filepath.Join(dir, "changes.ndjson"), filepath.Join(dir, "done"), filepath.Join(dir, "failures.ndjson")
			require.NoError(t, os.WriteFile(file, []byte(changes()), 0o600))
			run := commandAt(acting(t, f), strings.HasPrefix(f.name, "none"))
			wanted := string(mustJSON(sent()))
			for _, line := range some(
				"users get user_1", "users get user_1 --output json", "orgs get org_1", "members get org_1 user_1",
				"users diff user_1 --private --json "+wanted, "users patch user_1 --private --yes --json "+wanted,
				"users replace user_1 --private --yes --json "+wanted, "users unset user_1 --private --yes plan",
				"orgs patch org_1 --private --dry-run --json "+wanted, "members patch org_1 user_1 --private --yes --json "+wanted,
				"export users", "export members org_1",
			) {
				out, errs := run(t, line)
				credentials.requireNone(t, line, out)
				everything.requireNone(t, line+": its messages", errs)
			}
			for _, line := range []string{
				"plan --details " + file, "plan --output json " + file,
				"apply --checkpoint " + done + " --failures " + failures + " --no-plan " + file,
			} {
				out, errs := run(t, line)
				everything.requireNone(t, line, out+errs)
			}
			credentials.requireNone(t, "the file of failures", contents(t, failures))
			everything.requireNone(t, "the checkpoint", contents(t, done))
		})
	}
}

// binary is cmd/clerkmeta, which TestMain builds.
var binary string

func TestMain(m *testing.M) { os.Exit(withBinary(m)) }

func withBinary(m *testing.M) int {
	dir, err := os.MkdirTemp("", "clerkmeta")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "clerkmeta.exe") // a name that every system runs
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, "../../cmd/clerkmeta")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building cmd/clerkmeta: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// runCommand runs the command with a key in its environment and nothing else of Clerk's.
func runCommand(t *testing.T, address string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = append(os.Environ(), "CLERK_SECRET_KEY="+secretKey, "CLERK_SECRET_KEY_FILE=", "CLERK_API_URL="+address)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// What docs/cli.md says of the exit codes.
const (
	exitOK    = 0
	exitUsage = 2
)

// commandAt runs the command with a key in its environment, and requires it to succeed
// if good. An argument in braces may hold blanks.
func commandAt(address string, good bool) func(t *testing.T, line string) (out, errs string) {
	return func(t *testing.T, line string) (string, string) {
		t.Helper()
		line, braces, found := strings.Cut(line, "{")
		args := strings.Fields(line)
		if found {
			args = append(args, "{"+braces)
		}
		code, out, errs := runCommand(t, address, args...)
		require.NotEqual(t, exitUsage, code, "%s: %s", line, errs)
		require.True(t, !good || code == exitOK, "%s: %s", line, errs)
		return out, errs
	}
}

// TestMisplacedKeyIsNotShown gives the command the key where it does not belong.
func TestMisplacedKeyIsNotShown(t *testing.T) {
	t.Parallel()
	for _, line := range some(
		secretKey, "users get "+secretKey+"/", "users get user_1 --secret-key "+secretKey,
		"users get user_1 --secret-key-file "+secretKey, "apply "+secretKey, "plan "+secretKey,
		"emulate --secret-key "+secretKey+"$", "emulate --addr "+secretKey, "users get user_1 --output "+secretKey,
		"export users --page-size "+secretKey, "users patch user_1 --public --set "+secretKey,
	) {
		code, out, errs := runCommand(t, "", strings.Fields(line)...)
		require.NotEqual(t, exitOK, code, line)
		require.NotEmpty(t, errs)
		credentials.requireNone(t, line, out+errs)
	}
}

func contents(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return "" // nothing came of the run
	}
	require.NoError(t, err)
	return string(text)
}
