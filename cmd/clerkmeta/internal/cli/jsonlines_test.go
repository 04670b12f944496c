package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// With --output json each line of both streams is a JSON object, and the last one of an end with
// another code than 0 is the error.
func TestOutputIsJSON(t *testing.T) {
	t.Parallel()
	bad := file(t, "{}\n[]\n")
	few := file(t, `{"user":"user_1","patch":{"public_metadata":{"a":1}}}`+"\n"+`{"user":"user_9","patch":{"public_metadata":{"a":1}}}`+"\n")
	for _, tc := range []struct {
		line    string
		code    int
		word    string
		out     []string // of each line of standard output, a part
		message string
	}{
		{"users get user_1 user_2", 0, "", []string{`"id":"user_1"`, `"id":"user_2"`}, ""},
		{"users get user_9", cli.ExitNotFound, "not_found", nil, "no user user_9 at "},
		{"users patch user_1 --public --set role=admin", 0, "", []string{`"role":"admin"`}, ""},
		{"users patch user_1 --public --set role=admin --dry-run", 0, "", []string{`"method":"PATCH"`}, ""},
		{"users patch user_1 --public --set a --debug", cli.ExitUsage, "usage", nil, "PATH=VALUE"},
		{"orgs unset org_1 --public gone", 0, "", []string{`"public_metadata":{}`}, ""},
		{"users diff user_1 --public --json {} --exit-code", cli.ExitDifferent, "different", []string{`"role":null`}, "different"},
		{"export orgs", 0, "", []string{`"organization":"org_1"`}, ""},
		{"export members org_9", cli.ExitNotFound, "not_found", nil, "org_9"},
		{"plan " + few, cli.ExitPartly, "partly", []string{`"outcome":"planned"`, `"error":{"message":"no user user_9 at `, `{"summary":{"changes":2,`}, "1 change cannot be made"},
		{"apply " + few, cli.ExitPartly, "partly", []string{`{"plan":{"changes":2,`, `"line":`, `"line":`, `{"summary":{"changes":2,"outcomes":{"applied":1,"failed":1},`}, "1 change was not applied"},
		{"apply " + bad, cli.ExitFile, "file", nil, "nothing was sent"},
		{"whoami", 0, "", []string{`"status":200`}, ""},
		{"version", 0, "", []string{`"version":"`}, ""},
		{"whoami --nothing", cli.ExitUsage, "usage", nil, "--nothing is unknown"},
	} {
		for _, form := range []string{"--output json", "--output=json"} {
			t.Run(tc.line+" "+form, func(t *testing.T) {
				t.Parallel()
				s := newShell(t, testKey)
				r := s.run(t, tc.line+" "+form)
				require.Equal(t, tc.code, r.code, r.err)
				lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
				if r.out == "" {
					lines = nil
				}
				require.Len(t, lines, len(tc.out), r.out)
				for i, line := range lines {
					require.Contains(t, line, tc.out[i])
				}
				var last struct {
					Error struct {
						Message, Code string
						ExitCode      int `json:"exit_code"`
					}
				}
				for line := range strings.Lines(r.out + r.err) {
					last.Error.Message, last.Error.Code, last.Error.ExitCode = "", "", 0
					require.NoError(t, json.Unmarshal([]byte(line), &last), line)
				}
				require.Equal(t, tc.word, last.Error.Code)
				require.Equal(t, tc.code, last.Error.ExitCode)
				require.Contains(t, last.Error.Message, tc.message)
			})
		}
	}
}

// On a terminal, messages stay text for people, and the error is JSON.
func TestJSONOnATerminal(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	s.terminals, s.env["NO_COLOR"] = "err", "1"
	r := s.run(t, "users unset user_1 --public gone --output json")
	require.Equal(t, "gone does not exist\nnothing to change, nothing sent\n", r.err)
	r = s.run(t, "users get user_9 --output json")
	require.True(t, strings.HasPrefix(r.err, `{"error":{"message":"no user user_9`), r.err)
	// What stands behind -- is no flag.
	r = s.run(t, "users get user_9 -- --output=json")
	require.False(t, strings.HasPrefix(r.err, "{"), r.err)
}
