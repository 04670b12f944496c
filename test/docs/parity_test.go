package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// parityRow is a row of docs/parity.md: a behaviour, how sure it is, what switches it and what tests it.
type parityRow struct{ behaviour, basis, switches, tests string }

var (
	quoted = regexp.MustCompile("`([^`]+)`")
	// jsTests are the tests that a row names by a word in front: browser: what it is called.
	jsTests = map[string]string{
		"js":      "test/clients/js/backend.test.mjs",
		"browser": "test/clients/browser/browser.test.mjs",
	}
)

// TestParityTableIsTrue checks that every row says how sure it is, and that its switch and its tests exist.
// clerktest.TestGuesses pins what the table of guesses says.
func TestParityTableIsTrue(t *testing.T) {
	t.Parallel()
	rows := parityRows(t, read(t, filepath.Join(root, "docs", "parity.md")))
	require.NotEmpty(t, rows)
	for _, row := range rows {
		for _, problem := range row.problems() {
			t.Errorf("docs/parity.md: %s: %s", row.behaviour, problem)
		}
	}
	require.Empty(t, noTest("clerktest.TestGuesses"))
}

// TestParityCheckCanFail makes each mistake that the check is for.
func TestParityCheckCanFail(t *testing.T) {
	t.Parallel()
	right := parityRow{"a", "documented", "–", "`clerktest.TestSemantics/array`"}
	require.Empty(t, right.problems())
	for want, row := range map[string]parityRow{
		"is no basis":        {"a", "certain", "–", right.tests},
		"names no switch":    {"a", "guessed", "someday", right.tests},
		"no such switch":     {"a", "guessed", "`Weather`", right.tests},
		"no such field":      {"a", "guessed", "`Config.Weather`", right.tests},
		"has for evidence":   {"a", "seen", "`EmptyPatch`", right.tests},
		"has no test":        {"a", "seen", "–", "–"},
		"no test function":   {"a", "seen", "–", "`clerktest.TestWeather`"},
		"no test folder":     {"a", "seen", "–", "`weather.TestWeather`"},
		"no subtest":         {"a", "seen", "–", "`clerktest.TestSemantics/weather`"},
		"no test in":         {"a", "seen", "–", "`js: weather`"},
		"is no test's name:": {"a", "seen", "–", "`weather`"},
	} {
		require.Contains(t, strings.Join(row.problems(), "\n"), want)
	}
}

// parityRows are the rows of every table in the document.
func parityRows(t *testing.T, text string) (rows []parityRow) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| behaviour |") {
			continue
		}
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		require.Len(t, cells, 6, "a row of docs/parity.md has four cells: %s", line)
		for i, c := range cells {
			cells[i] = strings.TrimSpace(strings.ReplaceAll(c, "\x00", "|"))
		}
		rows = append(rows, parityRow{cells[1], cells[2], cells[3], cells[4]})
	}
	return rows
}

func (r parityRow) problems() (found []string) {
	if !slices.Contains([]string{"documented", "documented once", "catalogued", "seen", "reported", "guessed", "our own"}, r.basis) {
		found = append(found, fmt.Sprintf("%q is no basis", r.basis))
	}
	for _, g := range clerktest.Guesses() {
		if r.switches == "`"+string(g.Name)+"`" && r.basis != string(g.Evidence) {
			found = append(found, fmt.Sprintf("%q is not what the guess %s has for evidence: %q", r.basis, g.Name, g.Evidence))
		}
	}
	switches := quoted.FindAllStringSubmatch(r.switches, -1)
	if len(switches) == 0 && r.switches != "–" {
		found = append(found, fmt.Sprintf("%q names no switch; – says that there is none", r.switches))
	}
	for _, m := range switches {
		if problem := noSwitch(m[1]); problem != "" {
			found = append(found, problem)
		}
	}
	tests := quoted.FindAllStringSubmatch(r.tests, -1)
	if len(tests) == 0 {
		found = append(found, "it has no test")
	}
	for _, m := range tests {
		if problem := noTest(m[1]); problem != "" {
			found = append(found, problem)
		}
	}
	return found
}

// noSwitch says why a name is neither a guess nor a field of clerktest's Config or Seed.
func noSwitch(name string) string {
	typ, field, ok := strings.Cut(name, ".")
	switches := map[string]reflect.Type{"Config": reflect.TypeFor[clerktest.Config](), "Seed": reflect.TypeFor[clerktest.Seed]()}
	if ok && switches[typ] != nil {
		if _, ok := switches[typ].FieldByName(field); !ok {
			return "no such field: " + name
		}
		return ""
	}
	for _, g := range clerktest.Guesses() {
		if string(g.Name) == name {
			return ""
		}
	}
	return "no such switch: " + name
}

// noTest says why a name is none of a test: folder.TestName, folder.TestName/subtest or, for the tests in
// JavaScript, js: name and browser: name.
func noTest(name string) string {
	if kind, title, ok := strings.Cut(name, ": "); ok && jsTests[kind] != "" {
		file := filepath.Join(root, jsTests[kind])
		if !inFiles(file, func(text string) bool { return strings.Contains(text, "it('"+title+"'") }) {
			return fmt.Sprintf("no test in %s is called %q", jsTests[kind], title)
		}
		return ""
	}
	folder, test, ok := strings.Cut(name, ".Test")
	if !ok {
		return "is no test's name: " + name
	}
	test, sub, hasSub := strings.Cut("Test"+test, "/")
	files, _ := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if files == nil {
		return "no test folder " + folder
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err.Error()
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == test {
				if hasSub && !says(f, sub) {
					return "no subtest of " + folder + "." + test + " is called " + strconv.Quote(sub)
				}
				return ""
			}
		}
	}
	return "no test function " + folder + "." + test
}

// says whether a function holds a string.
func says(f *ast.FuncDecl, want string) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			found = found || err == nil && text == want
		}
		return !found
	})
	return found
}

func inFiles(pattern string, holds func(string) bool) bool {
	files, _ := filepath.Glob(pattern)
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && holds(string(text))
	})
}
