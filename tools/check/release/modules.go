package main

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// module is one that is released.
type module struct {
	*modfile.File

	dir  string // "." for the root module
	path string
	sums string // go.sum
}

func (r *repository) readModules() error {
	nested := strings.Fields(r.git("ls-files", "--", ":(glob)contrib/*/go.mod"))
	for _, name := range append([]string{"go.mod"}, nested...) {
		file := filepath.Join(r.root, name)
		text, err := os.ReadFile(file) //nolint:gosec // a file of the repository
		if err != nil {
			return err
		}
		parsed, err := modfile.Parse(file, text, nil)
		if err != nil {
			return err
		}
		sums, err := os.ReadFile(strings.TrimSuffix(file, "mod") + "sum") //nolint:gosec // a file of the repository
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		r.modules = append(r.modules, &module{parsed, path.Dir(name), parsed.Module.Mod.Path, string(sums)})
	}
	return nil
}

// requires is the version of a module that m requires, "" for none.
func (m *module) requires(path string) string {
	for _, r := range m.Require {
		if r.Mod.Path == path {
			return r.Mod.Version
		}
	}
	return ""
}

// checkModule looks for what must not be in the module's go.mod at any commit. "go
// install path@version" refuses a go.mod with a replace or an exclude.
func (r *repository) checkModule(m *module) {
	root := r.modules[0]
	file := path.Join(m.dir, "go.mod")
	up, _ := filepath.Rel(m.dir, ".") // "../.."
	if len(m.Exclude) > 0 {
		r.fault("%s has an exclude, which go install refuses: remove it", file)
	}
	for _, replace := range m.Replace {
		if m == root {
			r.fault("%s replaces %s, which go install refuses: remove it", file, replace.Old.Path)
		} else if replace.Old.Path != root.path || replace.New.Path != up {
			r.fault("%s replaces %s by %s: only %s may be replaced, by %s", file, replace.Old.Path, replace.New.Path, root.path, up)
		}
	}
	if m == root {
		for _, required := range m.Require {
			if strings.HasPrefix(required.Mod.Path, m.path+"/") {
				r.fault("%s requires %s, which is released after it: remove it", file, required.Mod.Path)
			}
		}
		return
	}
	if want := root.path + "/" + m.dir; m.path != want {
		r.fault("%s is of module %s: expected %s", file, m.path, want)
	}
	if m.goVersion() != root.goVersion() {
		r.fault("%s says go %s: expected go %s, as the root module says", file, m.goVersion(), root.goVersion())
	}
}

// checkReleased looks for what must not be in a nested module's release, which is
// tested and installed with the root module of this version.
func (r *repository) checkReleased(m *module) {
	root := r.modules[0].path
	for _, replace := range m.Replace {
		r.fault("%s/go.mod replaces %s, which go install refuses: go mod edit -dropreplace=%s", m.dir, replace.Old.Path, replace.Old.Path)
	}
	if got := m.requires(root); got != r.tag() {
		r.fault("%s/go.mod requires %s %q: go mod edit -require=%s@%s", m.dir, root, got, root, r.tag())
	}
	if !strings.Contains(m.sums, root+" "+r.tag()+" h1:") {
		r.fault("%s/go.sum lacks %s %s: go mod tidy", m.dir, root, r.tag())
	}
}

func (m *module) goVersion() string {
	if m.File.Go == nil {
		return ""
	}
	return m.Go.Version
}
