package cli_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// crowd is users, organizations and members to export, each so many.
func crowd(n int) clerktest.Seed {
	var seed clerktest.Seed
	for i := 1; i <= n; i++ {
		u, o := fmt.Sprintf("user_c%d", i), fmt.Sprintf("org_c%d", i)
		value := metadata.Of(object{"n": i})
		at := int64(1000 + i)
		seed.Users = append(seed.Users, clerktest.User{ID: u, PublicMetadata: value, PrivateMetadata: value, CreatedAt: at})
		seed.Organizations = append(seed.Organizations, clerktest.Organization{ID: o, PublicMetadata: value, CreatedAt: at})
		seed.Memberships = append(seed.Memberships, clerktest.Membership{
			OrganizationID: "org_c1", UserID: u, PrivateMetadata: value, CreatedAt: at,
		})
	}
	return seed
}

func TestExport(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, crowd(5))
	for _, tc := range []struct {
		line  string
		first string
		lines int
	}{
		{"export users", `{"user":"user_c1","public_metadata":{"n":1},"unsafe_metadata":{},"was":{"public_metadata":{"n":1},"unsafe_metadata":{}}}`, 7},
		{"export users --include-private --page-size 2", `{"user":"user_c1","public_metadata":{"n":1},"private_metadata":{"n":1},"unsafe_metadata":{},"was":{"public_metadata":{"n":1},"private_metadata":{"n":1},"unsafe_metadata":{}}}`, 7},
		{"export users --starting-after user_c3 --page-size 1", `{"user":"user_c4","public_metadata":{"n":4},"unsafe_metadata":{},"was":{"public_metadata":{"n":4},"unsafe_metadata":{}}}`, 4},
		{"export orgs --offset 2", `{"organization":"org_c3","public_metadata":{"n":3},"was":{"public_metadata":{"n":3}}}`, 4},
		{"export members org_c1 --include-private --page-size 2", `{"organization":"org_c1","user":"user_c1","public_metadata":{},"private_metadata":{"n":1},"was":{"public_metadata":{},"private_metadata":{"n":1}}}`, 5},
	} {
		r := s.run(t, tc.line)
		require.Equal(t, cli.ExitOK, r.code, r.err)
		require.Empty(t, r.err)
		lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
		require.Equal(t, tc.first, lines[0])
		require.Len(t, lines, tc.lines)
	}
	r := s.run(t, "export members org_none")
	require.Equal(t, cli.ExitNotFound, r.code)
	require.Contains(t, r.err, "no organization org_none at "+s.host())
	require.NotContains(t, r.err, "continue with")
	r = s.run(t, "export users --starting-after nobody")
	require.Equal(t, cli.ExitInvalid, r.code)
	require.Contains(t, r.err, "hint: --starting-after takes the id of a user that exists\n")
}

// Progress is for a terminal that shows nothing else.
func TestExportProgress(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, crowd(3))
	s.terminals = "err"
	require.Equal(t, "\r2 users\r4 users\r5 users\n", s.run(t, "export users --page-size 2").err)
	s.terminals = "out err"
	require.Empty(t, s.run(t, "export users --page-size 2").err)
	name := filepath.Join(t.TempDir(), "out")
	require.Equal(t, "\r3 memberships\n", s.run(t, "export members org_c1 --resume "+name).err)
}

// Whatever the byte at which an export ended, running it again completes it, and
// running it once more changes nothing.
func TestExportResumes(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, crowd(4))
	step := 7
	if testing.Short() {
		step = 41
	}
	for _, what := range []string{"users", "orgs", "members org_c1"} {
		whole := s.run(t, "export "+what).out
		name := filepath.Join(t.TempDir(), "out")
		for end := 0; end <= len(whole); end += step {
			require.NoError(t, os.WriteFile(name, []byte(whole[:end]), 0o600))
			for range 2 {
				r := s.run(t, "export "+what+" --page-size 2 --resume "+name)
				require.Equal(t, cli.ExitOK, r.code, r.err)
				require.Empty(t, r.out)
				got, err := os.ReadFile(name)
				require.NoError(t, err)
				require.Equal(t, whole, string(got), "%s from byte %d", what, end)
			}
		}
	}
	// A file that is not there is made, for its owner only.
	name := filepath.Join(t.TempDir(), "new")
	require.Equal(t, cli.ExitOK, s.run(t, "export users --include-private --resume "+name).code)
	info, err := os.Stat(name)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		require.Equal(t, os.FileMode(0o600), info.Mode())
	}
}

// What cannot be continued is left as it is.
func TestExportRefusesToResume(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, crowd(3))
	for _, tc := range []struct {
		line, text string
		code       int
		stderr     string
	}{
		{"export users", "something else", cli.ExitFile, "does not hold an export"},
		{"export users", `{"name":"x"}`, cli.ExitFile, "does not hold an export"},
		{"export users", "{}\n", cli.ExitFile, "does not hold an export"},
		{"export users", "[\n{\n", cli.ExitFile, "does not hold an export"},
		{"export users", strings.Repeat("x", 5<<20), cli.ExitFile, "too long"},
		{"export users --include-private", `{"user":"user_c1"}` + "\n", cli.ExitUsage, "--include-private"},
		{"export users", `{"user":"user_c1","private_metadata":null}` + "\n", cli.ExitUsage, "--include-private"},
		{"export members org_c1", `{"organization":"org_1","user":"user_1"}` + "\n", cli.ExitFile, "another organization"},
		{"export orgs", `{"organization":"org_c2"}` + "\n", cli.ExitConflict, "was deleted since"},
		{"export orgs", strings.Repeat(`{"organization":"org_c2"}`+"\n", 50), cli.ExitConflict, "was deleted since"},
		{"export members org_none", `{"organization":"org_none","user":"x"}` + "\n", cli.ExitNotFound, "404"},
	} {
		name := file(t, tc.text)
		r := s.run(t, tc.line+" --resume "+name)
		require.Equal(t, tc.code, r.code, r.err)
		require.Contains(t, r.err, tc.stderr)
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, tc.text, string(got))
	}
	r := s.run(t, "export users --resume "+t.TempDir())
	require.Equal(t, cli.ExitFile, r.code)
}

// An export that a request ends has written what was read, and says how to go on.
func TestExportEndsEarly(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, crowd(5))
	refused := clerktest.Answer(http.StatusUnauthorized, "x")
	s.Script(clerktest.GetUserList, clerktest.Pass(), refused, refused, clerktest.Pass(), refused)
	r := s.run(t, "export users --page-size 2")
	require.Equal(t, cli.ExitUnauthorized, r.code)
	require.Equal(t, 2, strings.Count(r.out, "\n"))
	require.Contains(t, r.err, "continue with --starting-after user_c2")
	r = s.run(t, "export users")
	require.NotContains(t, r.err, "continue with")

	name := filepath.Join(t.TempDir(), "out")
	r = s.run(t, "export users --page-size 2 --resume "+name)
	require.Contains(t, r.err, "run it again to continue")
	require.Equal(t, cli.ExitOK, s.run(t, "export users --resume "+name).code)
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, s.run(t, "export users").out, string(text))

	s.Script(clerktest.ListOrganizations, clerktest.Pass(), refused)
	require.Contains(t, s.run(t, "export orgs --offset 1 --page-size 2").err, "continue with --offset 3")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, cli.ExitInterrupted, s.runContext(ctx, t, "export users").code)
}

// pages answers lists of users without end: so many, each with a kilobyte.
type pages struct{ left int }

func (p *pages) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	n := min(p.left, 500)
	filler := strings.Repeat("x", 1000)
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "[")
	for i := range n {
		if i > 0 {
			_, _ = io.WriteString(w, ",")
		}
		_, _ = fmt.Fprintf(w, `{"id":"user_%d","object":"user","public_metadata":{"x":%q},"private_metadata":{},"unsafe_metadata":{},"created_at":1,"updated_at":1}`, p.left-i, filler)
	}
	_, _ = io.WriteString(w, "]")
	p.left -= n
}

// peak is a writer that looks at the heap now and then.
type peak struct {
	lines, writes int
	heap          uint64
}

func (p *peak) Write(b []byte) (int, error) {
	p.lines += strings.Count(string(b), "\n")
	if p.writes++; p.writes%20 == 0 {
		p.heap = max(p.heap, heapInUse())
	}
	return len(b), nil
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestExportIsBounded(t *testing.T) { //nolint:paralleltest // it measures the heap
	if testing.Short() {
		t.Skip("it reads much")
	}
	const n = 12_000 // 13 MB of lines
	server := httptest.NewServer(&pages{left: n})
	t.Cleanup(server.Close)
	before := heapInUse() // what earlier runs in this process left
	out := &peak{}
	code := cli.Run(t.Context(), cli.Env{
		Args: []string{"export", "users"}, Stdin: strings.NewReader(""), Stdout: out, Stderr: io.Discard,
		Getenv: func(name string) string {
			return map[string]string{"CLERK_SECRET_KEY": testKey, "CLERK_API_URL": server.URL}[name]
		},
	})
	require.Equal(t, cli.ExitOK, code)
	require.Equal(t, n, out.lines)
	require.Greater(t, out.heap, before)
	require.Less(t, out.heap-before, uint64(8<<20))
	t.Logf("%d MiB at most", (out.heap-before)>>20)
}
