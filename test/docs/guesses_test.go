package docs_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

var update = flag.Bool("update", false, "write the generated parts of docs/guesses.md anew")

// TestGuessesAreDocumented compares the generated parts of docs/guesses.md with the code; with -update it
// writes them.
func TestGuessesAreDocumented(t *testing.T) {
	t.Parallel()
	file := filepath.Join(root, "docs", "guesses.md")
	text := read(t, file)
	want := text
	for part, rows := range map[string]func(clerktest.Guess) string{"guesses": guessRow, "attitudes": attitudeRow} {
		begin, end := "<!-- "+part+": generated -->\n", "<!-- "+part+": end -->"
		before, rest, ok := strings.Cut(want, begin)
		_, after, ends := strings.Cut(rest, end)
		require.True(t, ok && ends, "docs/guesses.md has no part %s", part)
		var b strings.Builder
		if part == "guesses" {
			b.WriteString("| name | question | the fake's answer | alternatives | how sure | basis |\n|---|---|---|---|---|---|\n")
		}
		for _, g := range clerktest.Guesses() {
			b.WriteString(rows(g))
		}
		want = before + begin + b.String() + end + after
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o600))
		return
	}
	require.Equal(t, want, text, "run go test ./test/docs -run TestGuessesAreDocumented -update")
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
