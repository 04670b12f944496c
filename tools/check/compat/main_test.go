package main

import (
	"bytes"
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
		"nothing":                {nil, []string{"compared with v0.1.0", "example.com/m: 3 packages"}, false},
		"something added":        {files{"lib/more.go": "package lib\n\nfunc More() {}\n"}, nil, false},
		"a method removed":       {files{"lib/lib.go": withoutName}, []string{"NOT ANNOUNCED as `lib.User.Name`"}, true},
		"a method of a generic":  {files{"lib/box.go": box}, []string{"NOT ANNOUNCED as `lib.Box.Open`"}, true},
		"types changed":          {files{"lib/lib.go": otherParams}, []string{"`lib.User.ID`", "`lib.Get`"}, true},
		"a constant changed":     {files{"lib/lib.go": replace(library, "10", "11")}, []string{"`lib.Limit`"}, true},
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
			var out bytes.Buffer
			err := run(&out, repository(t, tc.changed, tagged), []string{"."})
			for _, say := range tc.says {
				require.Contains(t, out.String(), say)
			}
			if tc.fails {
				require.ErrorContains(t, err, "incompatible")
				return
			}
			require.NoError(t, err, out.String())
			require.NotContains(t, out.String(), "NOT")
		})
	}
}

func replace(text, old, by string) string {
	return string(bytes.ReplaceAll([]byte(text), []byte(old), []byte(by)))
}

func TestNestedModules(t *testing.T) {
	t.Parallel()
	dir := repository(t, files{"nested/nested.go": "package nested\n", "fresh/go.mod": "module example.com/m/fresh\n\ngo 1.26.0\n"}, tagged)
	var out bytes.Buffer
	require.Error(t, run(&out, dir, []string{".", "nested", "fresh"}))
	require.Contains(t, out.String(), "NOT ANNOUNCED as `nested.Old`")
	require.Contains(t, out.String(), "fresh: not in that release")
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
		var out bytes.Buffer
		err := run(&out, dir, []string{"."})
		require.Contains(t, out.String(), step.says)
		require.Equal(t, step.fails, err != nil, "%v", err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.ErrorContains(t, run(&out, repository(t, files{"lib/lib.go": "package lib\n\nfunc {"}, tagged), []string{"."}), "module .")
	require.Error(t, run(&out, repository(t, files{"CHANGELOG.md": ""}, tagged), []string{"."}))
}
