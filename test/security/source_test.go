package security

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// shunned are packages that get behind the compiler's back, or run programs or
// code that is data.
var shunned = []string{"unsafe", "C", "plugin", "os/exec", "text/template", "html/template"}

// excepted is what single files have: the command runs the user's editor.
var excepted = map[string][]string{root + "/cmd/clerkmeta/internal/cli/editor.go": {"imports os/exec"}}

// TestCodeIsPlainGo reads all code that programs compile: no unsafe, no cgo, no
// assembly, no linkname, nothing that runs other code, and TLS verified as Go
// does it.
func TestCodeIsPlainGo(t *testing.T) {
	t.Parallel()
	files := 0
	for _, name := range sources(t) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		files++
		require.Equal(t, excepted[filepath.ToSlash(name)], impurities(t, string(text)), name)
	}
	require.Greater(t, files, 100)
}

// sources are the Go files of the modules that programs import and of the command;
// tests and examples are left out.
func sources(t *testing.T) []string {
	t.Helper()
	var all []string
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root {
			_, err := os.Stat(filepath.Join(path, "go.mod"))
			nested := err == nil && d.Name() != "otel"
			if nested || strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"node_modules", "testdata", "examples", "test", "testkit"}, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		switch filepath.Ext(path) {
		case ".s", ".S", ".c", ".h", ".cc", ".syso":
			t.Errorf("%s is compiled in, and is not Go", path)
		case ".go":
			if !strings.HasSuffix(path, "_test.go") {
				all = append(all, path)
			}
		}
		return nil
	}))
	return all
}

// impurities are what a file has that no file may have.
func impurities(t *testing.T, text string) (found []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	for _, imported := range file.Imports {
		path, err := strconv.Unquote(imported.Path.Value)
		require.NoError(t, err)
		if slices.Contains(shunned, path) {
			found = append(found, "imports "+path)
		}
	}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:linkname") || strings.HasPrefix(c.Text, "//go:cgo") {
				found = append(found, c.Text)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && slices.Contains([]string{"InsecureSkipVerify", "VerifyPeerCertificate"}, id.Name) {
			found = append(found, id.Name)
		}
		return true
	})
	return found
}

func TestImpuritiesAreFound(t *testing.T) {
	t.Parallel()
	require.Empty(t, impurities(t, "package p\n\nimport \"fmt\"\n\n// go:linkname is a word.\nvar _ = fmt.Sprint()\n"))
	for _, text := range []string{
		"package p\n\nimport \"unsafe\"\n", "package p\n\nimport \"C\"\n", "package p\n\nimport x \"os/exec\"\n",
		"package p\n\n//go:linkname a b\nfunc a()\n", "package p\n\nvar c = tls.Config{InsecureSkipVerify: true}\n",
	} {
		require.Len(t, impurities(t, text), 1, text)
	}
}
