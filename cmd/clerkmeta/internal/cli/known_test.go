package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// Ids and keys complete from the files in the working directory, without a key and without a
// value of theirs. The working directory is the process's, so no other test runs beside it.
func TestCompletion(t *testing.T) {
	files := map[string]string{
		"users.ndjson": `{"id":"user_1","public_metadata":{"role":"hidden","limits":{"seats":5}},"private_metadata":{"plan":"hidden"}}
{"id":"user_2","public_metadata":{"a.b":"hidden","two words":1,"line\nbreak":1,"empty":{}}}
{"id":"user_$(x)"}
{"id":"user_broken
`,
		"members.jsonl": `{"id":"orgmem_1","organization_id":"org_1","user_id":"user_3","public_metadata":{"desk":"hidden"}}` + "\n",
		"failed.ndjson": `{"user":"user_4","unset":["public_metadata/trial/end"],"failure":{"reason":"hidden"}}
{"organization":"org_2","replace":{"public_metadata":{"tier":"hidden"}}}
`,
		"changes.csv": "user,public_metadata/team\nuser_5,hidden\nuser_6\n",
		"notes.txt":   `{"id":"user_text"}`,
		"long.ndjson": strings.Repeat(" ", 1<<20-len(`{"id":"user_7"}`+"\n"+`{"id":"user_8"}`)) + `{"id":"user_7"}` + "\n" + `{"id":"user_8"}9`,
	}
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder.ndjson"), 0o700))
	t.Chdir(dir)
	for line, want := range map[string]string{
		"users get |":        "user_1 user_2 user_4 user_5 user_7 :4",
		"users get user_1 |": "user_2 user_4 user_5 user_7 :4",
		"users get |org":     ":4",
		"users patch user_1 --public --set a=1 |": ":4",
		"orgs get |":                                     "org_2 :4",
		"members get |":                                  "org_1 org_2 :4",
		"members get org_1 |":                            "user_3 :4",
		"members get org_2 |":                            ":4",
		"export members |":                               "org_1 org_2 :4",
		"export users |":                                 ":4",
		"export users --starting-after |user_1":          "user_1 :4",
		"users diff user_1 --public --json {} |":         ":4",
		"users unset user_1 --public |":                  "empty limits.seats role team trial.end :4",
		"users unset user_1 --public role |l":            "limits.seats :4",
		"users unset user_1 --private |":                 "plan :4",
		"members unset org_1 user_3 --public |":          "desk :4",
		"orgs patch org_2 --public --set |":              "tier= :6",
		"users patch user_1 --public --set-string |r":    "role= :6",
		"users patch user_1 --public --set |role=":       "role= :6",
		"users patch user_1 --public --set |role=member": ":6",
		"plan |":            "ndjson jsonl json csv tsv :8",
		"apply |":           "ndjson jsonl json csv tsv :8",
		"apply a.csv |":     ":4",
		"plan --format |":   "auto ndjson csv :4",
		"plan --failures |": ":0",
		"whoami |":          ":4",
		"version |":         ":4",
		"emulate |":         ":4",
	} {
		given, begun, _ := strings.Cut(line, "|")
		code, stdout, _ := run(t, "", append(append([]string{"__complete"}, strings.Fields(given)...), begun)...)
		require.Equal(t, cli.ExitOK, code, line)
		require.NotContains(t, stdout, "hidden", line)
		require.Equal(t, want, strings.Join(strings.Fields(stdout), " "), line)
	}
}

// Completion reads a few files and offers a few words.
func TestCompletionIsBounded(t *testing.T) { //nolint:paralleltest // changes the working directory
	write := func(dir, name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	many, long := t.TempDir(), t.TempDir()
	var text strings.Builder
	for i := range 300 {
		line := fmt.Sprintf(`{"id":"user_%03d"}`+"\n", i)
		text.WriteString(line)
		write(many, fmt.Sprintf("%03d.ndjson", i), line)
	}
	write(long, "a.ndjson", text.String())
	for dir, want := range map[string]int{many: 16, long: 200} {
		t.Chdir(dir)
		_, stdout, _ := run(t, "", "__complete", "users", "get", "")
		require.Equal(t, want, strings.Count(stdout, "user_"))
	}
}
