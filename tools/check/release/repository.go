package main

import (
	"errors"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/clerkmeta/clerkmeta-go/tools/check/internal/command"
)

// repository is what the checks read of a repository.
type repository struct {
	root      string
	version   string // client.Version
	changelog string
	modules   []*module // the root module first
	copies    []string  // where else a version is stated
}

var versionLine = regexp.MustCompile(`(?m)^const Version = "(.*)"$`)

func read(root string) (*repository, error) {
	r := &repository{root: root}
	sources, err := filepath.Glob(filepath.Join(root, "client", "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range sources {
		text, err := os.ReadFile(name) //nolint:gosec // a file of the repository
		if err != nil {
			return nil, err
		}
		if m := versionLine.FindSubmatch(text); m != nil {
			r.version = string(m[1])
		}
	}
	changelog, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md")) //nolint:gosec // a file of the repository
	if err != nil {
		return nil, err
	}
	r.changelog = string(changelog)
	if r.copies, err = copies(root); err != nil {
		return nil, err
	}
	files, err := command.Git(root, "ls-files", "--", "go.mod", ":(glob)contrib/**/go.mod")
	if err != nil {
		return nil, err
	}
	dirs := []string{"."}
	for file := range strings.FieldsSeq(string(files)) {
		if file != "go.mod" {
			dirs = append(dirs, path.Dir(file))
		}
	}
	for _, dir := range dirs {
		m, err := readModule(root, dir)
		if err != nil {
			return nil, err
		}
		r.modules = append(r.modules, m)
	}
	return r, nil
}

// copies returns the places that state a version of the module beside client.Version:
// as a User-Agent, as path@version, or as a sentence.
func copies(root string) ([]string, error) {
	const stated = `clerkmeta-go(/[a-z/]+)?[/@]v?[0-9]+\.[0-9]|[Vv]ersion is v?[0-9]+\.[0-9]`
	out, err := command.Git(root, "grep", "--untracked", "-InE", stated, "--", ".", ":!CHANGELOG.md", ":!tools/check/release")
	var lines []string
	for line := range strings.Lines(string(out)) {
		file, rest, _ := strings.Cut(line, ":")
		number, _, _ := strings.Cut(rest, ":")
		lines = append(lines, file+":"+number)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
		return nil, nil // no line matches
	}
	return lines, err
}

// tag is the root module's tag of this version.
func (r *repository) tag() string { return "v" + r.version }

// expected are the tags of this version.
func (r *repository) expected() []string {
	var tags []string
	for _, m := range r.modules {
		tags = append(tags, m.tag(r.tag()))
	}
	return tags
}

// module returns the module that a tag of this version is for, nil for none.
func (r *repository) module(tag string) *module {
	for _, m := range r.modules {
		if m.tag(r.tag()) == tag {
			return m
		}
	}
	return nil
}

// isModuleFile reports whether file is go.mod or go.sum of a nested module.
func (r *repository) isModuleFile(file string) bool {
	return slices.ContainsFunc(r.modules[1:], func(m *module) bool {
		return file == m.dir+"/go.mod" || file == m.dir+"/go.sum"
	})
}

func (r *repository) has(tag string) bool {
	_, err := command.Git(r.root, "rev-parse", "--verify", "--quiet", "refs/tags/"+tag)
	return err == nil
}

func (r *repository) sameCommit(a, b string) bool {
	first, err1 := command.Git(r.root, "rev-parse", a+"^{commit}")
	second, err2 := command.Git(r.root, "rev-parse", b+"^{commit}")
	return errors.Join(err1, err2) == nil && string(first) == string(second)
}

// contains reports whether HEAD descends from a tag.
func (r *repository) contains(tag string) bool {
	_, err := command.Git(r.root, "merge-base", "--is-ancestor", "refs/tags/"+tag, "HEAD")
	return err == nil
}

// lastRelease returns the highest tag of the root module other than besides, "" for none.
func (r *repository) lastRelease(besides string) string {
	out, _ := command.Git(r.root, "tag", "--list", "v[0-9]*") // without tags it prints nothing
	last := ""
	for tag := range strings.FieldsSeq(string(out)) {
		if tag != besides && semver.IsValid(tag) && semver.Compare(tag, last) > 0 {
			last = tag
		}
	}
	return last
}

var heading = regexp.MustCompile(`(?m)^## \[.*$`)

// changelogFault returns what a changelog lacks for a release, "" for nothing.
func changelogFault(changelog, version string) string {
	headings := heading.FindAllStringIndex(changelog, 2)
	if len(headings) < 2 || changelog[headings[0][0]:headings[0][1]] != "## [Unreleased]" {
		return "does not begin with the heading ## [Unreleased] and one of a release"
	}
	if text := changelog[headings[0][1]:headings[1][0]]; strings.TrimSpace(text) != "" {
		return "has entries under Unreleased: move them under the release"
	}
	want := regexp.MustCompile(`^## \[` + regexp.QuoteMeta(version) + `\] - \d{4}-\d{2}-\d{2}$`)
	if got := changelog[headings[1][0]:headings[1][1]]; !want.MatchString(got) {
		return "has the heading " + got + ": expected ## [" + version + "] - and the date as year-month-day"
	}
	return ""
}
