package docs_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
)

var update = flag.Bool("update", false, "write the generated parts of docs/guesses.md anew")

// TestGuessesAreDocumented compares the generated parts of docs/guesses.md with the code; with -update it
// writes them.
func TestGuessesAreDocumented(t *testing.T) {
	t.Parallel()
	rows := "| name | question | the fake's answer | alternatives | how sure | basis |\n|---|---|---|---|---|---|\n"
	attitudes := ""
	for _, g := range clerktest.Guesses() {
		rows += guessRow(g)
		attitudes += attitudeRow(g)
	}
	parts := map[string]string{"guesses": rows, "attitudes": attitudes}
	testkit.Generated(t, filepath.Join(root, "docs", "guesses.md"), parts, *update)
}

func guessRow(g clerktest.Guess) string {
	return fmt.Sprintf("| `%s` | %s | `%s` | `%s` | %s | %s |\n",
		g.Name, cell(g.Question), g.Default, strings.Join(g.Alternatives, "`, `"), g.Evidence, cell(g.Basis))
}

// attitudeRow is what strict and lenient choose, where they differ.
func attitudeRow(g clerktest.Guess) string {
	if g.Strict == g.Lenient {
		return ""
	}
	return fmt.Sprintf("- `%s` strict: `%s`, lenient: `%s`\n", g.Name, g.Strict, g.Lenient)
}

// cell keeps a text from ending its cell of the table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
