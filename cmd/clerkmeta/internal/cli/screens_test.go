package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// TestScreens runs commands on terminals of 80 and of 40 columns, with and without colour, and
// compares what they show with testdata, where <32> stands for a change of colour.
func TestScreens(t *testing.T) {
	t.Parallel()
	const text = `{"user":"user_1","patch":{"public_metadata":{"role":"admin","limits":{"seats":null}},"private_metadata":{"new":"cus_hidden"}}}
{"user":"user_9","patch":{"public_metadata":{"n":1}}}
{"user":"user_9","patch":{"public_metadata":{"n":2}}}
`
	for name, tc := range map[string]struct {
		columns int
		env     string
		flags   string
	}{
		"80_color": {80, "", ""}, "80": {80, "NO_COLOR", ""}, "40_color": {40, "", ""},
		"never": {80, "", " --color never"}, "always": {0, "NO_COLOR", " --color always"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShellWith(t, testKey, clerktest.Seed{Users: []clerktest.User{{
				ID: "user_full", PublicMetadata: object{"note": strings.Repeat("many words ", 12), "role": "member"},
			}}})
			s.env["NO_COLOR"] = ""
			s.env[tc.env] = "1"
			s.columns = tc.columns
			if tc.columns > 0 {
				s.terminals = "out err"
			}
			changes := filepath.Join(t.TempDir(), "c.ndjson")
			require.NoError(t, os.WriteFile(changes, []byte(text), 0o600))
			var b strings.Builder
			for _, args := range [][]string{
				{"users get user_full"},
				{"users diff user_1 --public --json", `{"role": "admin", "limits": {"seats": 5}, "beta": true, "note": "` + strings.Repeat("y", 60) + `"}`},
				{"users patch user_1 --public --set role=admin"},
				{"plan --details", changes},
				{"apply --no-plan", changes},
				{"users get user_9"},
				{"users get user_1 --outpt json"},
			} {
				r := s.run(t, args[0]+tc.flags, args[1:]...)
				fmt.Fprintf(&b, "$ clerkmeta %s\n%s%s[%d]\n\n", args[0], r.err, r.out, r.code)
			}
			got := regexp.MustCompile(`(\r[^\r\n]*\x1b\[K)+\n?`).ReplaceAllString(b.String(), "") // bars
			got = regexp.MustCompile(`in [0-9.]+m?s \([0-9]+ requests`).ReplaceAllString(got, "in 0s (5 requests")
			got = regexp.MustCompile(`\x1b\[([0-9;]+)m`).ReplaceAllString(got, "<$1>")
			got = strings.ReplaceAll(got, s.host(), "127.0.0.1:40100")
			cli.Golden(t, "screen_"+name+".txt", got)
		})
	}
}
