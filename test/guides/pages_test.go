package guides_test

import (
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the programs of the pages")

var (
	goBlock       = regexp.MustCompile("(?ms)^```go\n(.*?)^```")
	importOfTests = regexp.MustCompile(`(?m)^\t"testing"$`)
)

// TestPages requires each program to be its page's, so that the tests and go vet of this
// module hold for the pages.
func TestPages(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/guides/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	want := map[string]string{}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(page), ".md")
		for file, code := range programs(t, name, string(text)) {
			want[filepath.Join(name, file)] = code
		}
	}
	if *update {
		for file, code := range want {
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(code), 0o644))
		}
	}
	have := map[string]string{}
	for _, pattern := range []string{"*/guide.gen.go", "*/guide.gen_test.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			code, err := os.ReadFile(file)
			require.NoError(t, err)
			have[file] = string(code)
		}
	}
	require.Equal(t, want, have, "write them with: go -C test/guides test -run TestPages . -update")
}

// programs returns the Go files of a page. A block with a package clause begins a file.
func programs(t *testing.T, page, text string) map[string]string {
	t.Helper()
	var files []string
	for _, m := range goBlock.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(m[1], "package ") {
			files = append(files, m[1])
			continue
		}
		require.NotEmpty(t, files, "%s: the first Go block lacks a package clause", page)
		files[len(files)-1] += "\n" + m[1]
	}
	named := map[string]string{}
	for _, code := range files {
		formatted, err := format.Source([]byte(code))
		require.NoError(t, err, page)
		require.Equal(t, string(formatted), code, "%s: not as gofmt formats it", page)
		name := "guide.gen.go"
		if importOfTests.MatchString(code) {
			name = "guide.gen_test.go"
		}
		require.NotContains(t, named, name, "%s: two files of a kind", page)
		named[name] = fmt.Sprintf("// Code generated from docs/guides/%s.md. DO NOT EDIT.\n\n%s", page, code)
	}
	require.NotEmpty(t, named, "%s has no program", page)
	return named
}
