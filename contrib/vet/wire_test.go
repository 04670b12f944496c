package vet_test

import (
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// TestFixesStoreTheSame runs a program before and after its fixes against the in-process Clerk,
// over loopback: the same is stored, by the same requests. Those that the program builds itself
// differ as the fix says: PUT …/metadata, with the new version.
func TestFixesStoreTheSame(t *testing.T) {
	t.Parallel()
	dir, tool := wireProgram(t), buildCommand(t)
	before, after := filepath.Join(dir, "before.exe"), filepath.Join(dir, "after.exe")
	command(t, dir, "go", "build", "-o", before, ".")
	was := runProgram(t, before, "2025-11-10")

	fix(t, dir, tool)
	command(t, dir, "go", "build", "-o", after, ".")
	is := runProgram(t, after, "2026-05-12")
	require.Equal(t, stored(was), stored(is))
	require.Equal(t, requests(was), requests(is))
	left := findings(dir, tool)
	require.Len(t, left, 4, "two updates that no fix is certain for, and two nulls that stay in merges: %q", left)
	require.Equal(t, 2, strings.Count(strings.Join(left, ""), "null at "))

	fix(t, dir, tool, "-toclerkmeta")
	command(t, dir, "go", "build", "-o", after, ".")
	ours := runProgram(t, after, "2026-05-12")
	require.Equal(t, stored(was), stored(ours))
	require.Equal(t, requests(was), requests(ours))
	require.NotContains(t, strings.Join(findings(dir, tool), ""), "null at ")
}

// TestFixesStoreAsOlderClients compares the fixed program with one on the last version of
// clerk-sdk-go that sends metadata in general updates.
func TestFixesStoreAsOlderClients(t *testing.T) {
	t.Parallel()
	dir, tool := wireProgram(t), buildCommand(t)
	before, after := filepath.Join(dir, "before.exe"), filepath.Join(dir, "after.exe")
	command(t, dir, "go", "build", "-modfile=older.mod", "-tags=older", "-o", before, ".")
	was := runProgram(t, before, "2025-11-10")
	require.NotContains(t, requests(was)[0], "PUT")

	fix(t, dir, tool)
	command(t, dir, "go", "build", "-tags=older", "-o", after, ".")
	require.Equal(t, stored(was), stored(runProgram(t, after, "2026-05-12")))
}

// fix makes the fixes, twice: the second run changes nothing.
func fix(t *testing.T, dir, tool string, flags ...string) {
	t.Helper()
	command(t, dir, tool, append(flags, "-fix", "./...")...)
	requireFormatted(t, filepath.Join(dir, "cases"))
	require.Empty(t, command(t, dir, tool, append(flags, "-fix", "-diff", "./...")...))
}

// findings returns the lines of the report.
func findings(dir, tool string) []string {
	out, _ := run(dir, tool, "./...")
	return strings.Split(strings.TrimSpace(out), "\n")
}

// requests are the requests of clerk-sdk-go and of this SDK, with their bodies as JSON.
func requests(fake *clerktest.Test) []string {
	var seen []string
	for _, r := range fake.Requests() {
		if strings.Contains(r.Path, "_http") {
			continue
		}
		var body any
		if len(r.Body) > 0 && json.Unmarshal(r.Body, &body) != nil {
			body = string(r.Body)
		}
		text, _ := json.Marshal(body)
		seen = append(seen, fmt.Sprintf("%s %s %s %s: %d", r.Method, r.Path, r.Header.Get("Clerk-API-Version"), text, r.Status))
	}
	return seen
}

// wireProgram returns the folder of a copy of the module in testdata/wire.
func wireProgram(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/wire")))
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	for _, file := range []string{"go.mod", "older.mod"} {
		command(t, dir, "go", "mod", "edit", "-replace", "github.com/clerkmeta/clerkmeta-go="+root, file)
	}
	return dir
}

func requireFormatted(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		formatted, err := format.Source(text)
		require.NoError(t, err)
		require.Equal(t, string(formatted), string(text), file)
	}
}

// runProgram runs a program against a new Clerk, and returns that.
func runProgram(t *testing.T, program, version string) *clerktest.Test {
	t.Helper()
	fake := clerktest.Start(t, seed(t))
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), "CLERK_API_URL="+fake.URL()+"/v1", "CLERK_SECRET_KEY="+fake.SecretKey(), "CLERK_API_VERSION="+version)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return fake
}

// caseID matches where a case is put into the list of all.
var caseID = regexp.MustCompile(`"((?:user|org)_[a-z]+)"[]:]`)

// seed has a user or an organization for each case, by the ids in the sources.
func seed(t *testing.T) clerktest.Seed {
	t.Helper()
	files, err := filepath.Glob("testdata/wire/cases/*.go")
	require.NoError(t, err)
	stored := map[string]any{"role": "member", "kept": map[string]any{"since": 1843}}
	var s clerktest.Seed
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range caseID.FindAllStringSubmatch(string(text), -1) {
			if id := m[1]; strings.HasPrefix(id, "user_") {
				s.Users = append(s.Users, clerktest.User{ID: id, PublicMetadata: stored, PrivateMetadata: stored, UnsafeMetadata: stored})
			} else {
				s.Organizations = append(s.Organizations, clerktest.Organization{ID: id, PublicMetadata: stored, PrivateMetadata: stored})
			}
		}
	}
	require.NotEmpty(t, s.Users)
	require.NotEmpty(t, s.Organizations)
	return s
}

// stored is the state without the times of writes.
func stored(fake *clerktest.Test) clerktest.Seed {
	s := fake.State()
	for i := range s.Users {
		s.Users[i].CreatedAt, s.Users[i].UpdatedAt = 0, 0
	}
	for i := range s.Organizations {
		s.Organizations[i].CreatedAt, s.Organizations[i].UpdatedAt = 0, 0
	}
	return s
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	out, err := run(dir, name, args...)
	require.NoError(t, err, "%s %s: %s", name, strings.Join(args, " "), out)
	return out
}

func run(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
