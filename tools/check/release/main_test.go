package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/tools/check/internal/gittest"
)

const (
	rootMod     = "module example.com/m\n\ngo 1.26.0\n"
	nestedMod   = "module example.com/m/contrib/a\n\ngo 1.26.0\n\nrequire example.com/m v0.0.0-00010101000000-000000000000\n\nreplace example.com/m => ../..\n"
	releasedMod = "module example.com/m/contrib/a\n\ngo 1.26.0\n\nrequire example.com/m v0.2.0\n"
	releasedSum = "example.com/m v0.2.0 h1:AAAA=\n"
	unreleased  = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- x\n"
	changelog   = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-29\n\n- x\n\n## [0.1.0] - 2026-01-01\n"
)

// development is a repository between two releases.
func development() gittest.Files {
	return gittest.Files{
		"go.mod":            rootMod,
		"contrib/a/go.mod":  nestedMod,
		"tools/go.mod":      "module example.com/m/tools\n\nreplace example.com/m => ../\n",
		"client/client.go":  "package client\n\nconst Version = \"0.2.0\"\n",
		"client/options.go": "package client\n",
		"CHANGELOG.md":      unreleased,
		"README.md":         "clerkmeta-go@latest, clerkmeta-go@v0.0.0\n",
	}
}

func TestEveryCommit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		changed gittest.Files
		want    string
	}{
		"nothing":              {nil, ""},
		"a released module":    {gittest.Files{"contrib/a/go.mod": releasedMod}, ""},
		"a module of tests":    {gittest.Files{"contrib/a/testdata/b/go.mod": "module example.com/b\n"}, ""},
		"no version":           {gittest.Files{"client/client.go": "package client\n"}, `client.Version is "": write major.minor.patch`},
		"half a version":       {gittest.Files{"client/client.go": "package client\n\nconst Version = \"0.2\"\n"}, `client.Version is "0.2"`},
		"a v in the version":   {gittest.Files{"client/client.go": "package client\n\nconst Version = \"v0.2.0\"\n"}, `client.Version is "v0.2.0"`},
		"a User-Agent":         {gittest.Files{"docs/cli.md": "\nUser-Agent: clerkmeta-go/0.2.0\n"}, "docs/cli.md:2 states a version"},
		"go get of a version":  {gittest.Files{"README.md": "go get x/clerkmeta-go@v0.2.0\n"}, "README.md:1 states a version"},
		"of a nested module":   {gittest.Files{"README.md": "go get x/clerkmeta-go/contrib/a@v0.2.0\n"}, "README.md:1 states a version"},
		"a sentence":           {gittest.Files{"README.md": "The version is 0.2.0.\n"}, "README.md:1 states a version"},
		"root: replace":        {gittest.Files{"go.mod": rootMod + "replace example.com/b => ../b\n"}, "go.mod replaces example.com/b, which go install refuses"},
		"root: exclude":        {gittest.Files{"go.mod": rootMod + "exclude example.com/b v1.0.0\n"}, "go.mod has an exclude"},
		"root: needs nested":   {gittest.Files{"go.mod": rootMod + "require example.com/m/contrib/a v0.2.0\n"}, "go.mod requires example.com/m/contrib/a, which is released after it"},
		"nested: exclude":      {gittest.Files{"contrib/a/go.mod": nestedMod + "exclude example.com/b v1.0.0\n"}, "contrib/a/go.mod has an exclude"},
		"nested: replace":      {gittest.Files{"contrib/a/go.mod": nestedMod + "replace example.com/b => ../b\n"}, "contrib/a/go.mod replaces example.com/b by ../b"},
		"nested: elsewhere":    {gittest.Files{"contrib/a/go.mod": strings.Replace(nestedMod, "../..", "..", 1)}, "contrib/a/go.mod replaces example.com/m by .."},
		"nested: another path": {gittest.Files{"contrib/a/go.mod": strings.Replace(nestedMod, "contrib/a", "a", 1)}, "contrib/a/go.mod is of module example.com/m/a: expected example.com/m/contrib/a"},
		"nested: another go":   {gittest.Files{"contrib/a/go.mod": strings.Replace(nestedMod, "1.26.0", "1.27.0", 1)}, "contrib/a/go.mod says go 1.27.0: expected go 1.26.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := gittest.New(t, development())
			gittest.Lay(t, root, tt.changed)
			err := run(root, "")
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "release: "+tt.want)
			require.NotContains(t, err.Error(), "\n", "there is one fault")
		})
	}
}

func TestRootRelease(t *testing.T) {
	t.Parallel()
	const tag = "v0.2.0"
	for name, tt := range map[string]struct {
		changed     gittest.Files
		uncommitted gittest.Files
		git         [][]string
		tag         string
		want        string
	}{
		"nothing":           {tag: tag},
		"after the tag":     {git: [][]string{{"tag", tag}}, tag: tag},
		"the next":          {git: [][]string{{"tag", "v0.1.0"}}, tag: tag},
		"another version":   {tag: "v0.3.0", want: "no module is tagged v0.3.0: expected one of v0.2.0, contrib/a/v0.2.0"},
		"not a module":      {tag: "tools/v0.2.0", want: "no module is tagged tools/v0.2.0"},
		"without v":         {tag: "0.2.0", want: "no module is tagged 0.2.0"},
		"an open change":    {uncommitted: gittest.Files{"README.md": "x\n"}, tag: tag, want: "the work tree differs from HEAD"},
		"an untracked file": {uncommitted: gittest.Files{"more.md": "x\n"}, tag: tag, want: "the work tree differs from HEAD"},
		"a tag that moves":  {git: [][]string{{"tag", tag, "HEAD~1"}}, tag: tag, want: "v0.2.0 is on another commit"},
		"an older one":      {git: [][]string{{"tag", "v0.10.0"}}, tag: tag, want: "v0.2.0 is not above v0.10.0, the last release"},
		"open entries":      {changed: gittest.Files{"CHANGELOG.md": strings.Replace(changelog, "\n\n## [0.2.0]", "\n\n- x\n\n## [0.2.0]", 1)}, tag: tag, want: "CHANGELOG.md has entries under Unreleased"},
		"no entries":        {changed: gittest.Files{"CHANGELOG.md": unreleased}, tag: tag, want: "CHANGELOG.md does not begin with the heading"},
		"another heading":   {changed: gittest.Files{"CHANGELOG.md": strings.Replace(changelog, "[0.2.0]", "[0.3.0]", 1)}, tag: tag, want: "CHANGELOG.md has the heading ## [0.3.0] - 2026-11-29: expected ## [0.2.0]"},
		"no date":           {changed: gittest.Files{"CHANGELOG.md": strings.Replace(changelog, " - 2026-11-29", "", 1)}, tag: tag, want: "CHANGELOG.md has the heading ## [0.2.0]: expected"},
		"what never may be": {changed: gittest.Files{"go.mod": rootMod + "replace example.com/b => ../b\n"}, tag: tag, want: "go.mod replaces example.com/b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := gittest.New(t, development())
			gittest.Lay(t, root, gittest.Files{"CHANGELOG.md": changelog})
			gittest.Lay(t, root, tt.changed)
			gittest.Commit(t, root)
			for _, args := range tt.git {
				gittest.Git(t, root, args...)
			}
			gittest.Lay(t, root, tt.uncommitted)
			requireFault(t, run(root, tt.tag), tt.want)
		})
	}
}

func TestNestedRelease(t *testing.T) {
	t.Parallel()
	const tag = "contrib/a/v0.2.0"
	ready := gittest.Files{"contrib/a/go.mod": releasedMod, "contrib/a/go.sum": releasedSum}
	for name, tt := range map[string]struct {
		changed gittest.Files
		git     [][]string
		want    string
	}{
		"nothing":             {changed: ready},
		"after the tag":       {changed: ready, git: [][]string{{"tag", tag}}},
		"before the root":     {changed: ready, git: [][]string{{"tag", "-d", "v0.2.0"}}, want: "v0.2.0 is not tagged: release the root module first"},
		"beside the root":     {changed: ready, git: [][]string{{"tag", "-f", "v0.2.0"}, {"checkout", "-q", "HEAD~1"}}, want: "HEAD does not descend from v0.2.0"},
		"a tag that moves":    {changed: ready, git: [][]string{{"tag", tag, "HEAD~1"}}, want: tag + " is on another commit"},
		"a replace":           {changed: gittest.Files{"contrib/a/go.mod": releasedMod + "\nreplace example.com/m => ../..\n", "contrib/a/go.sum": releasedSum}, want: "contrib/a/go.mod replaces example.com/m, which go install refuses: go mod edit -dropreplace=example.com/m"},
		"another root":        {changed: gittest.Files{"contrib/a/go.mod": strings.Replace(releasedMod, "v0.2.0", "v0.1.0", 1), "contrib/a/go.sum": releasedSum}, want: `contrib/a/go.mod requires example.com/m "v0.1.0": go mod edit -require=example.com/m@v0.2.0`},
		"no root":             {changed: gittest.Files{"contrib/a/go.mod": strings.Replace(releasedMod, "require example.com/m v0.2.0\n", "", 1), "contrib/a/go.sum": releasedSum}, want: `contrib/a/go.mod requires example.com/m ""`},
		"no sum":              {changed: gittest.Files{"contrib/a/go.mod": releasedMod}, want: "contrib/a/go.sum lacks example.com/m v0.2.0: go mod tidy"},
		"a sum of go.mod":     {changed: gittest.Files{"contrib/a/go.mod": releasedMod, "contrib/a/go.sum": "example.com/m v0.2.0/go.mod h1:AAAA=\n"}, want: "contrib/a/go.sum lacks example.com/m v0.2.0"},
		"code beside go.mod":  {changed: gittest.Files{"contrib/a/go.mod": releasedMod, "contrib/a/go.sum": releasedSum, "contrib/a/a.go": "package a\n"}, want: "contrib/a/a.go differs from v0.2.0"},
		"the root's go.mod":   {changed: gittest.Files{"contrib/a/go.mod": releasedMod, "contrib/a/go.sum": releasedSum, "go.mod": rootMod + "\n"}, want: "go.mod differs from v0.2.0"},
		"what never may be":   {changed: gittest.Files{"contrib/a/go.mod": releasedMod + "\nexclude example.com/b v1.0.0\n", "contrib/a/go.sum": releasedSum}, want: "contrib/a/go.mod has an exclude"},
		"an untidy work tree": {changed: ready, git: [][]string{{"rm", "-q", "--cached", "README.md"}}, want: "the work tree differs from HEAD"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := gittest.New(t, development())
			gittest.Git(t, root, "tag", "v0.2.0")
			gittest.Lay(t, root, tt.changed)
			gittest.Commit(t, root)
			for _, args := range tt.git {
				gittest.Git(t, root, args...)
			}
			requireFault(t, run(root, tag), tt.want)
		})
	}
}

func requireFault(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		require.NoError(t, err)
		return
	}
	require.ErrorContains(t, err, "release: "+want)
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	require.Error(t, run(t.TempDir(), ""), "no repository")
	root := gittest.New(t, development())
	gittest.Lay(t, root, gittest.Files{"contrib/a/go.mod": "what?\n"})
	require.ErrorContains(t, run(root, ""), "contrib/a/go.mod")
}
