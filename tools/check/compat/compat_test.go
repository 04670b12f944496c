// Package compat tests .ci/compat.
package compat

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/tools/check/internal/gittest"
)

// files of a small repository.
type files = gittest.Files

const library = `package lib

const Limit = 10

type User struct{ ID string }

func (u *User) Name() string { return u.ID }

func Get(id string) *User { return &User{ID: id} }
`

const box = "package lib\n\ntype Box[T any] struct{ V T }\n"

var released = files{
	"go.mod":             "module example.com/m\n\ngo 1.26.0\n",
	"lib/lib.go":         library,
	"lib/box.go":         box + "\nfunc (b *Box[T]) Open() T { return b.V }\n",
	"client/client.go":   "package client\n\nconst Version = \"0.1.0\"\n",
	"internal/in/in.go":  "package in\n\nfunc Hidden() {}\n",
	"cmd/tool/main.go":   "package main\n\nvar Seen = 1\n\nfunc main() {}\n",
	"CHANGELOG.md":       "# Changelog\n\n## [Unreleased]\n",
	"nested/go.mod":      "module example.com/m/nested\n\ngo 1.26.0\n",
	"nested/nested.go":   "package nested\n\nfunc Old() {}\n",
	"gone/gone.go":       "package gone\n\nfunc Gone() {}\n",
	"lib/testdata/x.txt": "x",
}

// repository holds the release, and what has changed since, uncommitted.
func repository(t *testing.T, changed files, after ...[]string) string {
	t.Helper()
	dir := gittest.New(t, released)
	for _, args := range after {
		gittest.Git(t, dir, args...)
	}
	gittest.Lay(t, dir, changed)
	return dir
}

// apidiff is the command that .ci/compat runs, which TestMain builds.
var apidiff string

func TestMain(m *testing.M) { os.Exit(withApidiff(m)) }

func withApidiff(m *testing.M) int {
	dir, err := os.MkdirTemp("", "apidiff")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	apidiff = filepath.Join(dir, "apidiff")
	if out, err := exec.Command("go", "build", "-o", apidiff, "golang.org/x/exp/cmd/apidiff").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building apidiff: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// run runs .ci/compat in a repository.
func run(t *testing.T, root string, modules ...string) (string, error) {
	t.Helper()
	script, err := filepath.Abs("../../../.ci/compat")
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "bash", append([]string{script, apidiff}, modules...)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var tagged = []string{"tag", "v0.1.0"}

func TestIncompatibleChanges(t *testing.T) {
	t.Parallel()
	const withoutName = "package lib\n\nconst Limit = 10\n\ntype User struct{ ID string }\n\nfunc Get(id string) *User { return &User{ID: id} }\n"
	const otherParams = "package lib\n\nconst Limit = 10\n\ntype User struct{ ID int }\n\nfunc (u *User) Name() string { return \"\" }\n\nfunc Get(ids ...string) *User { return &User{} }\n"
	for name, tc := range map[string]struct {
		changed files
		says    []string
		fails   bool
	}{
		"nothing":                {nil, []string{"compared with v0.1.0"}, false},
		"something added":        {files{"lib/more.go": "package lib\n\nfunc More() {}\n"}, nil, false},
		"a method removed":       {files{"lib/lib.go": withoutName}, []string{"NOT ANNOUNCED as `lib.User.Name`"}, true},
		"a method of a generic":  {files{"lib/box.go": box}, []string{"NOT ANNOUNCED as `lib.Box.Open`"}, true},
		"types changed":          {files{"lib/lib.go": otherParams}, []string{"`lib.User.ID`", "`lib.Get`"}, true},
		"a constant changed":     {files{"lib/lib.go": strings.Replace(library, "10", "11", 1)}, []string{"`lib.Limit`"}, true},
		"a package removed":      {files{"gone/gone.go": ""}, []string{"NOT ANNOUNCED as `gone`"}, true},
		"the version":            {files{"client/client.go": "package client\n\nconst Version = \"0.2.0\"\n"}, nil, false},
		"what nobody can import": {files{"internal/in/in.go": "package in\n", "cmd/tool/main.go": "package main\n\nfunc main() {}\n"}, nil, false},
		"announced": {files{"lib/lib.go": withoutName, "CHANGELOG.md": "# C\n\n## [Unreleased]\n\n### Added\n\n- x\n\n### Removed\n\n- `lib.User.Name`\n"},
			[]string{"announced: ./lib.(*User).Name: removed"}, false},
		"announced as added": {files{"lib/lib.go": withoutName, "CHANGELOG.md": "# C\n\n## [Unreleased]\n\n### Added\n\n- `lib.User.Name`\n"},
			[]string{"NOT ANNOUNCED"}, true},
		"announced for an older release": {files{"lib/lib.go": withoutName, "CHANGELOG.md": "# C\n\n## [Unreleased]\n\n## [0.1.0]\n\n### Removed\n\n- `lib.User.Name`\n"},
			[]string{"NOT ANNOUNCED"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := run(t, repository(t, tc.changed, tagged))
			for _, say := range tc.says {
				require.Contains(t, out, say)
			}
			require.Equal(t, tc.fails, err != nil, out)
			require.Equal(t, tc.fails, strings.Contains(out, "NOT ANNOUNCED"), out)
		})
	}
}

func TestNestedModules(t *testing.T) {
	t.Parallel()
	dir := repository(t, files{"nested/nested.go": "package nested\n", "fresh/go.mod": "module example.com/m/fresh\n\ngo 1.26.0\n"}, tagged)
	out, err := run(t, dir, ".", "nested", "fresh")
	require.Error(t, err)
	require.Contains(t, out, "NOT ANNOUNCED as `nested.Old`")
	require.Contains(t, out, "fresh: not in that release")
}

func TestWhatCountsAsTheLastRelease(t *testing.T) {
	t.Parallel()
	dir := repository(t, files{"lib/lib.go": "package lib\n"})
	for _, step := range []struct {
		lay   files
		git   []string
		says  string
		fails bool
	}{
		{nil, nil, "not compared: there is no tag v* and no file .ci/released", false},
		{files{".ci/released": "0123456789012345678901234567890123456789\n"}, nil, "not compared: this clone lacks the commit 0123", false},
		{nil, []string{"tag", "nested/v1.0.0"}, "not compared", false},
		{files{".ci/released": "HEAD\n"}, nil, "compared with HEAD", true},
		{nil, tagged, "compared with v0.1.0", true},
	} {
		gittest.Lay(t, dir, step.lay)
		if step.git != nil {
			gittest.Git(t, dir, step.git...)
		}
		out, err := run(t, dir)
		require.Contains(t, out, step.says)
		require.Equal(t, step.fails, err != nil, "%v", err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	out, err := run(t, repository(t, files{"lib/lib.go": "package lib\n\nfunc {"}, tagged))
	require.Error(t, err)
	require.Contains(t, out, "module . does not load")
	_, err = run(t, repository(t, files{"CHANGELOG.md": ""}, tagged))
	require.Error(t, err)
}
