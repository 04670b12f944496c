package docs_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// awkward are phrases of which CONTRIBUTING.md has the plain form.
var awkward = regexp.MustCompile(`(?i)\bthat there (is|are) not\b|\bis told\b|\bwhoever\b|\blet in\b|\bmend(s|ed)?\b|` +
	`\bbegins anew\b|\band the like\b|\bin nobody's way\b|\bagreed to\b|\bis content to\b`)

// unread matches the tests that TestPlainWords does not read.
var unread = regexp.MustCompile(`^(cmd|clerktest)/.*_test\.go$`)

// TestPlainWords finds those phrases in documents and in Go code.
func TestPlainWords(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "*.md", "*.go").Output()
	require.NoError(t, err)
	checked := 0
	for name := range strings.Lines(string(out)) {
		name = strings.TrimSpace(name)
		if name == "test/docs/words_test.go" || strings.HasSuffix(name, ".gen.go") || unread.MatchString(name) {
			continue
		}
		text := read(t, filepath.Join(root, name))
		if name == "CONTRIBUTING.md" {
			_, list, found := strings.Cut(text, "| write | not |\n")
			require.True(t, found)
			list, _, _ = strings.Cut(list, "\n\n")
			text = strings.ReplaceAll(text, list, "")
		}
		for _, phrase := range awkward.FindAllString(text, -1) {
			t.Errorf("%s: %q is on the list of CONTRIBUTING.md, How we write", name, phrase)
		}
		checked++
	}
	require.Greater(t, checked, 100)
}

// TestPlainWordsCanFail tries the phrases in sentences.
func TestPlainWordsCanFail(t *testing.T) {
	t.Parallel()
	require.Regexp(t, awkward, "A user that there is not")
	require.Regexp(t, awkward, "Whoever waits is told so.")
	require.NotRegexp(t, awkward, "Recommended: outlet in the amendment, that there is nothing")
}
