package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// module is one that is released.
type module struct {
	dir  string // "." for the root module
	file *modfile.File
	sums string // go.sum
}

func readModule(root, dir string) (*module, error) {
	name := filepath.Join(root, dir, "go.mod")
	text, err := os.ReadFile(name) //nolint:gosec // a file of the repository
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse(name, text, nil)
	if err != nil {
		return nil, err
	}
	sums, err := os.ReadFile(filepath.Join(root, dir, "go.sum")) //nolint:gosec // a file of the repository
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	return &module{dir, file, string(sums)}, nil
}

func (m *module) path() string { return m.file.Module.Mod.Path }

// tag is what a release of the module is tagged with.
func (m *module) tag(version string) string {
	if m.dir == "." {
		return version
	}
	return m.dir + "/" + version
}

// faults returns what must not be in the module's go.mod at any commit. "go install
// path@version" refuses a go.mod with a replace or an exclude.
func (m *module) faults(root *module) (faults []string) {
	report := func(format string, args ...any) {
		faults = append(faults, filepath.ToSlash(filepath.Join(m.dir, "go.mod"))+" "+fmt.Sprintf(format, args...))
	}
	if len(m.file.Exclude) > 0 {
		report("has an exclude, which go install refuses: remove it")
	}
	for _, r := range m.file.Replace {
		if m == root {
			report("replaces %s, which go install refuses: remove it", r.Old.Path)
		} else if r.Old.Path != root.path() || r.New.Path != upwards(m.dir) {
			report("replaces %s by %s: only %s may be replaced, by %s", r.Old.Path, r.New.Path, root.path(), upwards(m.dir))
		}
	}
	if m == root {
		for _, r := range m.file.Require {
			if strings.HasPrefix(r.Mod.Path, m.path()+"/") {
				report("requires %s, which is released after it: remove it", r.Mod.Path)
			}
		}
		return faults
	}
	if want := root.path() + "/" + m.dir; m.path() != want {
		report("is of module %s: expected %s", m.path(), want)
	}
	if m.goVersion() != root.goVersion() {
		report("says go %s: expected go %s, as the root module says", m.goVersion(), root.goVersion())
	}
	return faults
}

// releaseFaults returns what must not be in a nested module's release, which is
// tested and installed with the root module at tag.
func (m *module) releaseFaults(root *module, tag string) (faults []string) {
	report := func(format string, args ...any) {
		faults = append(faults, m.dir+"/"+fmt.Sprintf(format, args...))
	}
	for _, r := range m.file.Replace {
		report("go.mod replaces %s, which go install refuses: go mod edit -dropreplace=%s", r.Old.Path, r.Old.Path)
	}
	required := ""
	for _, r := range m.file.Require {
		if r.Mod.Path == root.path() {
			required = r.Mod.Version
		}
	}
	if required != tag {
		report("go.mod requires %s %q: go mod edit -require=%s@%s", root.path(), required, root.path(), tag)
	}
	if !strings.Contains(m.sums, root.path()+" "+tag+" h1:") {
		report("go.sum lacks %s %s: go mod tidy", root.path(), tag)
	}
	return faults
}

func (m *module) goVersion() string {
	if m.file.Go == nil {
		return ""
	}
	return m.file.Go.Version
}

// upwards is the way from a folder of the repository to its root: "../..".
func upwards(dir string) string {
	return strings.TrimSuffix(strings.Repeat("../", strings.Count(dir, "/")+1), "/")
}
