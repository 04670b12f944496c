package docs_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/clerkmeta/clerkmeta-go/"

// imports are those of each package that this module is built from, by path; of
// this module's own without its name in front.
type imports map[string][]string

func listImports(t *testing.T) (all imports, own []string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "-C", root, "list", "-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	require.NoError(t, err)
	all = imports{}
	for line := range strings.Lines(strings.ReplaceAll(string(out), module, "./")) {
		words := strings.Fields(line)
		all[words[0]] = words[1:]
		if strings.HasPrefix(words[0], "./") {
			own = append(own, words[0])
		}
	}
	require.NotEmpty(t, own)
	return all, own
}

// reach is every package that name imports, by detours too.
func (all imports) reach(name string, seen map[string]bool) map[string]bool {
	for _, next := range all[name] {
		if !seen[next] {
			seen[next] = true
			all.reach(next, seen)
		}
	}
	return seen
}

// layers are the tables of docs/architecture.md, by the packages of a row.
type layers struct {
	own, others, never map[string][]string
}

func readLayers(text string) layers {
	l := layers{map[string][]string{}, map[string][]string{}, map[string][]string{}}
	names := func(cell string) (found []string) {
		for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
			found = append(found, m[1])
		}
		return found
	}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		for _, name := range names(strings.Join(cells[:min(2, len(cells))], "")) {
			switch len(cells) {
			case 5:
				l.own[name], l.others[name] = names(cells[2]), names(cells[3])
			case 4:
				l.never[name] = names(cells[2])
			}
		}
	}
	return l
}

// row is the name under which the table has a package, "" for none.
func (l layers) row(pkg string) string {
	if _, ok := l.own[pkg]; ok {
		return pkg
	}
	for name := range l.own {
		if prefix, ok := strings.CutSuffix(name, "*"); ok && strings.HasPrefix(pkg, prefix) {
			return name
		}
	}
	return ""
}

// major is the version at the end of an import path.
var major = regexp.MustCompile(`/v\d+$`)

// problems are the imports of a package that its row does not allow.
func (l layers) problems(pkg string, imported []string) (found []string) {
	row := l.row(pkg)
	if row == "" {
		return []string{pkg + " has no row"}
	}
	for _, path := range imported {
		own, isOwn := strings.CutPrefix(path, "./")
		isOther := strings.Contains(strings.Split(path, "/")[0], ".")
		allowed := true
		switch {
		case isOwn:
			allowed = slices.Contains(l.own[row], l.row(own))
		case isOther:
			allowed = slices.ContainsFunc(l.others[row], func(name string) bool {
				return strings.Contains(major.ReplaceAllString(path, "")+"/", "/"+name+"/")
			})
		}
		if !allowed {
			found = append(found, fmt.Sprintf("%s imports %s", pkg, path))
		}
	}
	return found
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	l := readLayers(read(t, filepath.Join(root, "docs", "architecture.md")))
	all, own := listImports(t)
	for _, pkg := range own {
		require.Empty(t, l.problems(strings.TrimPrefix(pkg, "./"), all[pkg]))
	}
	for name := range l.own {
		require.True(t, strings.HasSuffix(name, "*") || slices.Contains(own, "./"+name), "there is no package %s", name)
	}
	require.NotEmpty(t, l.never)
	for name, never := range l.never {
		require.Contains(t, own, "./"+name)
		reached := all.reach("./"+name, map[string]bool{})
		require.NotEmpty(t, reached)
		for _, other := range never {
			require.True(t, slices.Contains(own, "./"+other) || all[other] != nil, "there is no package %s", other)
			require.False(t, reached[other] || reached["./"+other], "%s reaches %s", name, other)
		}
	}
}

// TestImportCheckCanFail makes each mistake that the check is for.
func TestImportCheckCanFail(t *testing.T) {
	t.Parallel()
	l := readLayers(read(t, filepath.Join(root, "docs", "architecture.md")))
	require.Empty(t, l.problems("client", []string{"./users", "./internal/transport", "github.com/hashicorp/go-cleanhttp", "net/http"}))
	require.Empty(t, l.problems("test/faults", []string{"./metadata"}))
	for pkg, path := range map[string]string{
		"users":              "./client",
		"metadata":           "./clerkerr",
		"internal/transport": "./users",
		"internal/request":   "./cmd/clerkmeta/internal/cli",
		"clerktest":          "github.com/stretchr/testify/require",
		"client":             "github.com/hashicorp/go-retryablehttp",
	} {
		require.Equal(t, []string{pkg + " imports " + path}, l.problems(pkg, []string{path}))
	}
	require.Equal(t, []string{"weather has no row"}, l.problems("weather", nil))
}
