package cli_test

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// texts is the content of a file.
func texts(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(name))
	require.NoError(t, err)
	return string(text)
}

// TestUneditedExports exports every kind, and applies what nobody edited: nothing is sent.
func TestUneditedExports(t *testing.T) {
	t.Parallel()
	seed := crowd(3)
	seed.Users[0].PublicMetadata = metadata.Of(object{"zip": "00123", "on": true, "n": 12, "big": metadata.Of(object{"x": nil}), "empty": "", "f": "=1+1"})
	seed.Users[1].UnsafeMetadata = metadata.Null()
	s := newShellWith(t, testKey, seed)
	for _, what := range []string{"users", "orgs", "members org_c1"} {
		for _, private := range []string{"", " --include-private"} {
			dir := t.TempDir()
			lines, table := filepath.Join(dir, "lines.ndjson"), filepath.Join(dir, "table.csv")
			require.Equal(t, cli.ExitOK, s.run(t, "export "+what+private+" --resume "+lines).code)
			r := s.run(t, "export "+what+private+" --csv "+table)
			require.Equal(t, cli.ExitOK, r.code, r.err)
			require.Empty(t, r.out)
			require.Equal(t, texts(t, lines), texts(t, table+".was.ndjson"))
			require.Equal(t, private != "", strings.Contains(texts(t, table), "private_metadata"))
			for _, name := range []string{table, table + ".was.ndjson"} {
				info, err := os.Stat(name)
				require.NoError(t, err)
				if runtime.GOOS != "windows" {
					require.Equal(t, os.FileMode(0o600), info.Mode())
				}
			}
			s.ResetRequests()
			for _, line := range []string{lines, table + " --was " + table + ".was.ndjson", table + " --was " + lines} {
				for _, command := range []string{"plan ", "apply "} {
					r = s.run(t, command+line)
					require.Equal(t, cli.ExitOK, r.code, r.err)
					require.NotContains(t, r.out, "would change something")
				}
			}
			require.Empty(t, s.Requests(), "an edit that changes nothing needs no request")
		}
	}
}

// TestEditedTable edits a table, of whose users others change one.
func TestEditedTable(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, crowd(3))
	dir := t.TempDir()
	table, failures, checkpoint := filepath.Join(dir, "t.csv"), filepath.Join(dir, "failed.ndjson"), filepath.Join(dir, "done")
	was := table + ".was.ndjson"
	require.Equal(t, cli.ExitOK, s.run(t, "export users --csv "+table).code)
	edited := strings.NewReplacer(",1,", ",11,", ",2,", ",22,", ",3,", ",33,").Replace(texts(t, table))
	require.NoError(t, os.WriteFile(table, []byte(edited), 0o600))
	require.Equal(t, cli.ExitOK, s.run(t, "users patch user_c2 --public --set n=5").code)
	s.Script(clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusConflict, clerkerr.CodeManagedBySCIM))
	r := s.run(t, "apply "+table+" --was "+was+" --concurrency 1 --no-plan --output json --checkpoint "+checkpoint+" --failures "+failures)
	require.Equal(t, cli.ExitPartly, r.code)
	require.Contains(t, r.out, `"conflicts":["public_metadata/n"]`)
	require.Contains(t, r.out, `"outcomes":{"applied":1,"conflict":1,"managed by directory":1,"unchanged":2}`)
	require.Contains(t, texts(t, failures), `{"user":"user_c2","public_metadata":{"n":22},"unsafe_metadata":{},"was":{"public_metadata":{"n":2},"unsafe_metadata":{}},"failure":{"outcome":"conflict",`)
	r = s.run(t, "apply "+table+" --was "+was+" --checkpoint "+checkpoint)
	require.Equal(t, cli.ExitPartly, r.code)
	require.Contains(t, r.out, "1 applied, 2 unchanged, 1 in conflict, 1 applied before in ")
	user, _ := s.User("user_c2")
	require.JSONEq(t, `{"n":5}`, user.PublicMetadata.String())

	// A conflict alone is no sign of another instance.
	only := named(t, "only.ndjson", `{"user":"user_c2","public_metadata":{"n":22},"was":{"public_metadata":{"n":2}}}`)
	r = s.run(t, "apply "+only)
	require.Equal(t, cli.ExitPartly, r.code)
	require.Contains(t, r.out, "1 in conflict in ")
	require.Contains(t, r.err, "export again to edit those in conflict anew")
	require.NotContains(t, r.err, "check the key")

	// A checkpoint belongs to what was read, too.
	require.NoError(t, os.WriteFile(was, []byte(texts(t, was)+"\n"), 0o600))
	r = s.run(t, "apply "+table+" --was "+was+" --checkpoint "+checkpoint)
	require.Equal(t, cli.ExitFile, r.code)
	require.Contains(t, r.err, "another input")
}

func TestTableErrors(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, crowd(3))
	dir := t.TempDir()
	table := filepath.Join(dir, "t.csv")
	was := table + ".was.ndjson"
	require.Equal(t, cli.ExitOK, s.run(t, "export users --csv "+table).code)
	lines := named(t, "lines.ndjson", texts(t, was))
	for _, tc := range []struct {
		line string
		code int
		want string
	}{
		{"export users --csv -", cli.ExitUsage, "--csv cannot write to standard output"},
		{"export users --csv x.csv --resume y.ndjson", cli.ExitUsage, "--csv"},
		{"export users --csv " + table, cli.ExitFile, table + " exists"},
		{"export users --csv " + strings.TrimSuffix(was, ".was.ndjson") + "x/y", cli.ExitFile, "no such file"},
		{"plan " + table, cli.ExitFile, "hint: name the file with --was: export wrote it beside the table, as FILE.was.ndjson"},
		{"plan " + lines + " --was " + was, cli.ExitUsage, "--was is for tables"},
		{"plan " + table + " --was " + dir, cli.ExitFile, "it is not a regular file"},
		{"plan " + table + " --was " + dir + "/none", cli.ExitFile, "no such file"},
		{"plan " + table + " --was " + table, cli.ExitFile, "line 1: not valid JSON"},
		{"plan " + table + " --was " + named(t, "other.ndjson", strings.ReplaceAll(texts(t, was), `"n":2`, `"n":7`)), cli.ExitFile, `line 3: the column "was" is not that of the file of what was read`},
		{"plan " + named(t, "bare.ndjson", `{"user":"user_c1","public_metadata":{"n":"hidden"}}`), cli.ExitFile, "public_metadata stands beside the ids"},
		{"apply " + table + " --was " + was + " --checkpoint " + was, cli.ExitUsage, "--checkpoint and --was are the same file"},
		{"apply " + table + " --was " + was + " --failures " + was, cli.ExitUsage, "--failures and --was are the same file"},
	} {
		r := s.run(t, tc.line)
		require.Equal(t, tc.code, r.code, tc.line+": "+r.err)
		require.Contains(t, r.err, tc.want, tc.line)
		require.NotContains(t, r.err, "hidden")
	}

	// An export that fails leaves no file; one that no table can hold leaves the NDJSON.
	second := filepath.Join(dir, "second.csv")
	s.Script(clerktest.GetUserList, clerktest.Answer(http.StatusUnauthorized, "x"))
	require.Equal(t, cli.ExitUnauthorized, s.run(t, "export users --csv "+second).code)
	require.NoFileExists(t, second+".was.ndjson")
	require.Equal(t, cli.ExitOK, s.run(t, `users patch user_c1 --public --json {"":1}`).code)
	r := s.run(t, "export users --csv "+second)
	require.Equal(t, cli.ExitFile, r.code)
	require.Contains(t, r.err, "user user_c1: public_metadata/: the key cannot be in the name of a column")
	require.Contains(t, r.err, "hint: "+second+".was.ndjson holds the export as NDJSON")
	require.NoFileExists(t, second)
	require.FileExists(t, second+".was.ndjson")
}
