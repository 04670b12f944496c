package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

var (
	goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```")
	// block is any fenced code, which is no place for a link.
	block = regexp.MustCompile("(?ms)^```.*?^```")
	link  = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
)

// TestEverySnippetIsRun finds each Go block of the documents, line by line, in a
// test or a program. The module test/guides builds and tests those of the guides.
func TestEverySnippetIsRun(t *testing.T) {
	t.Parallel()
	var sources []string
	var documents []string
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return fs.SkipDir
		}
		isExample := strings.HasSuffix(path, "_test.go")
		for _, programs := range []string{"examples", "test/guides"} {
			isExample = isExample || strings.HasPrefix(path, filepath.Join(root, programs)) && strings.HasSuffix(path, ".go")
		}
		switch {
		case isExample:
			sources = append(sources, flat(read(t, path)))
		case filepath.Ext(path) == ".md":
			documents = append(documents, path)
		}
		return nil
	}))
	snippets := 0
	for _, doc := range documents {
		for _, m := range goBlock.FindAllStringSubmatch(read(t, doc), -1) {
			snippets++
			require.True(t, containsAny(sources, flat(m[1])), "%s: this is not run by any test:\n%s", doc, m[1])
		}
	}
	require.NotZero(t, snippets)
}

// flat takes the indentation off, so that a snippet fits into any function.
func flat(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}

func containsAny(sources []string, snippet string) bool {
	for _, s := range sources {
		if strings.Contains(s, snippet) {
			return true
		}
	}
	return false
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// TestLinksLead checks the relative links of the documents.
func TestLinksLead(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/guides/*.md"} {
		documents, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, documents)
		for _, doc := range documents {
			for _, m := range link.FindAllStringSubmatch(block.ReplaceAllString(read(t, doc), ""), -1) {
				require.FileExists(t, filepath.Join(filepath.Dir(doc), m[1]), doc)
			}
		}
	}
}
