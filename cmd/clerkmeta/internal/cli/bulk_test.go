package cli_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// named writes a file of that name.
func named(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const changes = `{"user":"user_1","patch":{"public_metadata":{"role":"admin","limits":{"seats":null}},"private_metadata":{"new":"cus_hidden"}}}
{"user":"user_2","replace":{"public_metadata":{}}}
{"organization":"org_1","unset":["private_metadata/plan"]}
{"organization":"org_1","user":"user_1","patch":{"public_metadata":{"desk":"2"}}}
`

func TestPlan(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	r := s.run(t, "plan --details", named(t, "c.ndjson", changes))
	require.Equal(t, cli.ExitOK, r.code, r.err)
	require.Equal(t, `line 1 user user_1: planned +private_metadata/new ~public_metadata/role -public_metadata/limits/seats
line 2 user user_2: unchanged
line 3 organization org_1: planned -private_metadata/plan
line 4 membership org_1 user_1: planned ~public_metadata/desk
4 changes (2 patch, 1 replace, 1 unset)

  adds  changes  removals
     0        2         1  public_metadata
     1        0         1  private_metadata

3 would change something, 1 would change nothing
`, r.out)
	require.Empty(t, r.err)
	require.Empty(t, s.writes())

	r = s.run(t, "plan --output json", named(t, "c.csv", "user,paths,verb\nuser_1,public_metadata/role,unset\nuser_9,public_metadata/role,unset\n"))
	require.Equal(t, cli.ExitPartly, r.code)
	require.Contains(t, r.err, `{"note":"line 3 user user_9: failed: no user user_9 at `+s.host()+` (development key)"}`+"\n")
	require.Contains(t, r.err, `{"error":{"message":"1 change cannot be made",`)
	out := strings.Split(strings.TrimSpace(r.out), "\n")
	require.Len(t, out, 3)
	require.JSONEq(t, `{"line":2,"user":"user_1","verb":"unset","outcome":"planned","removed":["public_metadata/role"]}`, out[0])
	require.JSONEq(t, `{"summary":{"changes":2,"verbs":{"unset":2},"skipped_lines":0,"outcomes":{"planned":1,"failed":1},"fields":{"public_metadata":{"adds":0,"changes":0,"removals":1}},"approximate":0}}`, out[2])
}

func TestApplyAndGoOn(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	dir := t.TempDir()
	checkpoint, failures := filepath.Join(dir, "done"), filepath.Join(dir, "failed.ndjson")
	text := changes + `{"user":"user_2","patch":{"public_metadata":{"n":1}}}
{"user":"user_9","patch":{"public_metadata":{"n":1}}}
{"user":"user_9","patch":{"public_metadata":{"n":2,"gone":null}}}
`
	name := named(t, "c.ndjson", text)
	r := s.run(t, "apply --checkpoint "+checkpoint+" --failures "+failures, name)
	require.Equal(t, cli.ExitPartly, r.code)
	require.Contains(t, r.out, "7 changes (5 patch, 1 replace, 1 unset)")
	require.Regexp(t, `5 applied, 1 failed, 1 held back in [0-9.m]+s \([0-9]+ requests, [0-9]+ waited for the rate limit, 0 answered with 429\)`, r.out)
	require.Contains(t, r.err, "line 6 user user_9: failed: no user user_9 at "+s.host()+" (development key)\n")
	require.Contains(t, r.err, "line 7 user user_9: held back")
	require.Contains(t, r.err, "2 changes were not applied\nhint: "+failures+" holds what to run again")
	require.NotContains(t, r.err, "hidden")
	left, err := os.ReadFile(failures)
	require.NoError(t, err)
	require.Regexp(t, `^{"user":"user_9","patch":{"public_metadata":{"n":1}},"failure":{"outcome":"failed","status":404,"code":"resource_not_found","reason":"no user user_9 at .* \(development key\)"}}
{"user":"user_9","patch":{"public_metadata":{"gone":null,"n":2}},"failure":{"outcome":"held back","reason":"an earlier change .*"}}
$`, string(left))
	r = s.run(t, "plan", named(t, "failed.ndjson", string(left)))
	require.Contains(t, r.out, "1 cannot be made, 1 would be held back by one that cannot\n")
	u, _ := s.User("user_1")
	require.JSONEq(t, `{"role":"admin","limits":{}}`, u.PublicMetadata.String())

	require.NoError(t, s.SetState(clerktest.Seed{Users: []clerktest.User{{ID: "user_9"}}})) // now it is there
	r = s.run(t, "apply --output json --checkpoint "+checkpoint+" --failures "+failures, name)
	require.Equal(t, cli.ExitOK, r.code, r.err)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	require.Len(t, lines, 9, "the plan, a line for each change, and the summary")
	require.Contains(t, lines[0], `{"plan":{"changes":7,`)
	require.Contains(t, lines[8], `{"summary":{"changes":7,"outcomes":{"applied":2,"recorded":5},`)
	left, err = os.ReadFile(failures)
	require.NoError(t, err)
	require.Empty(t, left)

	r = s.run(t, "apply --checkpoint "+checkpoint, named(t, "c.ndjson", text+"\n"))
	require.Equal(t, cli.ExitFile, r.code)
	require.Contains(t, r.err, "belongs to something else: to another input, or the same read in another way: name another file, or remove it")
	s.env["CLERK_SECRET_KEY"] = liveKey
	r = s.run(t, "apply --yes --checkpoint "+checkpoint, name)
	require.Equal(t, cli.ExitFile, r.code)
	require.Contains(t, r.err, `something else: to a key of the kind "test", and this run to "live": name another file`)
}

func TestBadLinesAreToldBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	text := changes + "{\n" + strings.Repeat("17\n", 30) + `{"user":"user_1","replace":{"public_metadata":{"big":"` + strings.Repeat("x", 9000) + `"}}}` + "\n"
	r := s.run(t, "apply", named(t, "c.ndjson", text))
	require.Equal(t, cli.ExitFile, r.code)
	require.Contains(t, r.err, "c.ndjson: line 5: not valid JSON: the object that begins here does not end\n")
	require.Contains(t, r.err, "c.ndjson: line 24: is no JSON object\n")
	require.NotContains(t, r.err, "line 25:")
	require.Contains(t, r.err, "and 12 more\n")
	require.Contains(t, r.err, "32 lines are faulty, nothing was sent")
	require.Empty(t, s.Requests())

	r = s.run(t, "apply --skip-invalid --no-plan --skip-unchanged", named(t, "c.ndjson", text))
	require.Equal(t, cli.ExitOK, r.code, r.err)
	require.Contains(t, r.out, "4 changes (2 patch, 1 replace, 1 unset), 32 faulty lines left out")
	require.Contains(t, r.out, "3 applied, 1 unchanged in ")

	for text, want := range map[string]string{
		"": "holds no changes", "{": "1 line is faulty",
		`{"user":"user_1","replace":{"public_metadata":{"big":"` + strings.Repeat("x", 9000) + `"}}}`: "public_metadata is too large: 9010 bytes, the limit is 8192",
	} {
		r = s.run(t, "plan", named(t, "c.ndjson", text))
		require.Equal(t, cli.ExitFile, r.code)
		require.Contains(t, r.err, want)
	}
	r = s.run(t, "plan "+filepath.Join(t.TempDir(), "missing"))
	require.Equal(t, cli.ExitFile, r.code)
}

func TestChangesFromStandardInput(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	s.stdin = strings.NewReader("user,public_metadata/role\nuser_1,admin\n")
	r := s.run(t, "apply - --format csv")
	require.Equal(t, cli.ExitOK, r.code, r.err)
	u, _ := s.User("user_1")
	require.Contains(t, u.PublicMetadata.String(), `"role":"admin"`)

	s.stdin = brokenReader{}
	r = s.run(t, "plan -")
	require.Equal(t, cli.ExitFile, r.code)
	s.stdin = strings.NewReader("{}")
	r = s.run(t, "plan -")
	require.Equal(t, cli.ExitFile, r.code)
	require.Contains(t, r.err, "standard input: line 1")

	delete(s.env, "CLERK_SECRET_KEY")
	s.stdin = strings.NewReader(testKey)
	r = s.run(t, "apply --secret-key-stdin", named(t, "c.ndjson", changes))
	require.Equal(t, cli.ExitOK, r.code, r.err)
}

type brokenReader struct{}

// Read fails.
func (brokenReader) Read([]byte) (int, error) { return 0, os.ErrInvalid }

func TestWrongUseOfBulk(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	name := named(t, "c.ndjson", changes)
	for args, want := range map[string]string{
		"apply":                                          "FILE is missing",
		"apply " + name + " --concurrency 0":             "--concurrency 0 is out of range; expected 1 to 256",
		"apply " + name + " --rate fast":                 `--rate "fast" is unknown; expected development`,
		"apply " + name + " --rate 0/10s":                "--rate",
		"apply " + name + " --failures " + name:          "--failures and the file of changes are the same file",
		"apply " + name + " --checkpoint " + name:        "--checkpoint and the file of changes are the same file",
		"apply - --secret-key-stdin":                     "both the secret key and the changes",
		"apply " + name + " --checkpoint x --failures x": "the same file",
	} {
		t.Run(args[:min(len(args), 9)]+want, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(args, " x") {
				args = strings.ReplaceAll(args, " x", " "+filepath.Join(t.TempDir(), "x"))
				parts := strings.Fields(args)
				parts[len(parts)-1] = parts[len(parts)-3]
				args = strings.Join(parts, " ")
			}
			r := s.run(t, args)
			require.Equal(t, cli.ExitUsage, r.code, r.err)
			require.Contains(t, r.err, want)
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			require.Equal(t, changes, string(text))
		})
	}
	other := named(t, "notes.txt", "my notes\n")
	r := s.run(t, "apply --checkpoint "+other, name)
	require.Equal(t, cli.ExitFile, r.code)
	text, err := os.ReadFile(other)
	require.NoError(t, err)
	require.Equal(t, "my notes\n", string(text))
	r = s.run(t, "apply --failures "+t.TempDir(), name)
	require.Equal(t, cli.ExitFile, r.code)
}

func TestLiveKeysAreAskedFor(t *testing.T) {
	t.Parallel()
	s := newShell(t, liveKey)
	name := named(t, "c.ndjson", changes)
	s.stdin = strings.NewReader("y\n") // an answer, and not from a terminal
	r := s.run(t, "apply", name)
	require.Equal(t, cli.ExitDeclined, r.code)
	require.Contains(t, r.err, "the command cannot ask\nhint: pass --yes")
	require.Empty(t, s.writes())

	s.terminals = "in err"
	s.stdin = strings.NewReader("n\n")
	r = s.run(t, "apply", name)
	require.Equal(t, cli.ExitDeclined, r.code)
	require.Contains(t, r.err, "Apply 4 changes with a live key? [y/N] ")
	require.Contains(t, r.out, "3 would change something", "the summary comes first")
	require.Empty(t, s.writes())

	s.stdin = strings.NewReader("y\n")
	r = s.run(t, "apply", name)
	require.Equal(t, cli.ExitOK, r.code, r.err)
	require.Contains(t, r.err, "\rapply [")
	require.Contains(t, r.err, "100% 4/4")
	s.terminals, s.stdin = "", nil
	r = s.run(t, "apply --yes", name)
	require.Equal(t, cli.ExitOK, r.code, r.err)
}

func TestUnauthorized(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	name := named(t, "c.ndjson", changes)
	s.env["CLERK_SECRET_KEY"] = "sk_test_other"
	for _, args := range []string{"plan", "apply", "apply --no-plan"} {
		r := s.run(t, args, name)
		require.Equal(t, cli.ExitUnauthorized, r.code, r.err)
	}
	delete(s.env, "CLERK_SECRET_KEY")
	r := s.run(t, "apply", name)
	require.Equal(t, cli.ExitUnauthorized, r.code)
}

func TestClerkIsDown(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	for range 4 {
		s.Script(clerktest.GetUserList, clerktest.Answer(http.StatusUnprocessableEntity, "x"))
	}
	r := s.run(t, "plan", named(t, "c.ndjson", changes))
	require.Equal(t, cli.ExitPartly, r.code)
	for range 3 {
		r = s.run(t, "plan", named(t, "c.ndjson", changes))
	}
	require.Contains(t, r.err, "2 changes cannot be made")
}

func TestBulkOutputsThatAreClosed(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	name := named(t, "c.ndjson", changes)
	for _, args := range [][]string{{"plan"}, {"plan", "--details"}, {"plan", "--output", "json"}, {"apply"}} {
		var errs bytes.Buffer
		code := cli.Run(t.Context(), cli.Env{
			Args: append(args, name), Stdin: strings.NewReader(""), Stdout: brokenWriter{}, Stderr: &errs,
			Getenv: func(name string) string { return s.env[name] },
		})
		require.Equal(t, cli.ExitFailure, code)
	}
	require.Empty(t, s.writes())
}
