package cli_test

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
)

var update = flag.Bool("update", false, "write the generated tables of the command's documents")

// TestTablesAreThoseOfHelp compares the documents' tables of commands, flags and exit codes with the
// command's own help.
func TestTablesAreThoseOfHelp(t *testing.T) {
	t.Parallel()
	const docs = "../../../../docs/"
	for file, parts := range map[string]map[string]string{
		"cli.md": {
			"commands":   commandTable(help(t)),
			"exit codes": exitTable(help(t, "exit-codes")),
		},
		"emulator.md": {"flags": flagTable(help(t, "emulate"))},
	} {
		testkit.Generated(t, docs+file, parts, *update)
	}
}

func help(t *testing.T, args ...string) string {
	t.Helper()
	code, text, _ := run(t, "", append(args, "--help")...)
	require.Equal(t, cli.ExitOK, code)
	return text
}

func commandTable(help string) string {
	_, list, _ := strings.Cut(help, "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	return table("command", list, regexp.MustCompile(`(?m)^  (\w+) +(.*)$`), "clerkmeta ")
}

// exitTable is the list of the help topic as a table.
func exitTable(help string) string {
	return table("code", help, regexp.MustCompile(`(?m)^ +(\d+)  (.*)$`), "")
}

// flagTable is the flags of a command, without --help.
func flagTable(help string) string {
	_, list, _ := strings.Cut(help, "\nFlags:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	list = regexp.MustCompile(`(?m)^ +-h, --help.*\n`).ReplaceAllString(list, "")
	return table("flag", list, regexp.MustCompile(`(?m)^ +(--\S+(?: \S+)?)  +(.*)$`), "")
}

func table(head, list string, row *regexp.Regexp, prefix string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | meaning |\n|---|---|\n", head)
	for _, m := range row.FindAllStringSubmatch(list, -1) {
		fmt.Fprintf(&b, "| `%s%s` | %s |\n", prefix, strings.ReplaceAll(m[1], "|", `\|`), strings.ReplaceAll(m[2], "|", `\|`))
	}
	return b.String()
}
