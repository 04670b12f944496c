package cli_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// The help on flags fits the terminal, except for the name of one that is wider by itself.
func TestHelpFitsTheTerminal(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^ +(-\w, )?(--[\w-]+)( [\w|-]+)?$`)
	for _, columns := range []int{40, 80} {
		for _, line := range []string{"plan --help", "help apply", "emulate --help", "users patch --help"} {
			t.Run(line+" "+strconv.Itoa(columns), func(t *testing.T) {
				t.Parallel()
				s := newShell(t, testKey)
				s.terminals, s.columns = "out", columns
				r := s.run(t, line)
				require.Equal(t, cli.ExitOK, r.code)
				_, flags, found := strings.Cut(r.out, "\nFlags:\n")
				require.True(t, found, r.out)
				for text := range strings.Lines(flags) {
					text = strings.TrimSuffix(text, "\n")
					require.Equal(t, strings.TrimRight(text, " "), text)
					if !name.MatchString(text) {
						require.LessOrEqual(t, utf8.RuneCountInString(text), columns, text)
					}
				}
			})
		}
	}
}

// The examples of a file in the help of plan and apply are files that they read.
func TestHelpHasFilesToPaste(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"plan", "apply"} {
		_, help, _ := run(t, "", command, "--help")
		require.Contains(t, help, "https://github.com/clerkmeta/clerkmeta-go/blob/main/docs/bulk.md\n")
		for form, read := range map[string]int{"NDJSON:\n\n": 3, "CSV:\n\n": 2} {
			_, text, found := strings.Cut(help, form)
			require.True(t, found, help)
			text, _, _ = strings.Cut(text, "\n\n")
			text = strings.ReplaceAll("\n"+text, "\n  ", "\n")[1:]
			changes := bulk.ReadNDJSON(strings.NewReader(text))
			if form == "CSV:\n\n" {
				changes = bulk.ReadCSV(strings.NewReader(text))
			}
			n := 0
			for c, err := range changes {
				require.NoError(t, err)
				require.NoError(t, c.Check())
				n++
			}
			require.Equal(t, read, n)
		}
	}
}
