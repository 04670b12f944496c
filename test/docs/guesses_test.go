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

// TestGuessesAreDocumented compares the table of docs/guesses.md with the code; with -update it writes the
// table.
func TestGuessesAreDocumented(t *testing.T) {
	t.Parallel()
	table := "| name | question | the fake's answer | alternatives | strict, lenient | how sure | basis |\n|---|---|---|---|---|---|---|\n"
	for _, g := range clerktest.Guesses() {
		table += guessRow(g)
	}
	testkit.Generated(t, filepath.Join(root, "docs", "guesses.md"), map[string]string{"guesses": table}, *update)
}

func guessRow(g clerktest.Guess) string {
	attitudes := "–"
	if g.Strict != g.Lenient {
		attitudes = fmt.Sprintf("`%s`, `%s`", g.Strict, g.Lenient)
	}
	return fmt.Sprintf("| `%s` | %s | `%s` | `%s` | %s | %s | %s |\n",
		g.Name, cell(g.Question), g.Default, strings.Join(g.Alternatives, "`, `"), attitudes, g.Evidence, cell(g.Basis))
}

// cell keeps a text from ending its cell of the table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
