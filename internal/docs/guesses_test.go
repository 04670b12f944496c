package docs_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// TestGuessesAreDocumented compares the table in docs/guesses.md with the code:
// the same guesses, in the same order, in the same words.
func TestGuessesAreDocumented(t *testing.T) {
	t.Parallel()
	const start = "| `" // of the rows in that table, and of no other line
	var documented []string
	for line := range strings.Lines(read(t, filepath.Join(root, "docs", "guesses.md"))) {
		if strings.HasPrefix(line, start) {
			documented = append(documented, strings.TrimSpace(line))
		}
	}
	var rows []string
	for _, g := range clerktest.Guesses() {
		row := guessRow(g)
		rows = append(rows, row)
		require.True(t, slices.Contains(documented, row), "docs/guesses.md has no such row for %s:\n%s", g.Name, row)
	}
	require.Equal(t, rows, documented, "docs/guesses.md has rows that are no guesses, or another order")
}

func guessRow(g clerktest.Guess) string {
	row := fmt.Sprintf("| `%s` | %s | `%s` | `%s` | %s |", g.Name, cell(g.Question), g.Default, strings.Join(g.Alternatives, "`, `"), cell(g.Basis))
	return strings.Join(strings.Fields(row), " ")
}

// cell keeps a text from ending its cell of the table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
