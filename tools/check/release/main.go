// Command release checks that the modules of a repository can be released, without
// a network:
//
//	release [-root DIR] [TAG]
//
// The modules are the root module and those below contrib/. Without a tag, release
// checks what must hold at every commit. With one, such as v0.2.0 or
// contrib/otel/v0.2.0, it checks that HEAD may carry that tag, before or after it is
// set. docs/releasing.md describes a release.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/clerkmeta/clerkmeta-go/tools/check/internal/command"
)

func main() {
	root := flag.String("root", ".", "folder of the repository")
	flag.Parse()
	tag := flag.Arg(0)
	if err := run(*root, tag); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if tag == "" {
		fmt.Println("the modules can be released")
		return
	}
	fmt.Println("HEAD may carry", tag)
}

// run returns every fault that it finds.
func run(root, tag string) error {
	r := &repository{root: root}
	if err := r.everyCommit(); err != nil {
		return err
	}
	if tag != "" {
		if err := r.mayCarry(tag); err != nil {
			return err
		}
	}
	return errors.Join(r.faults...)
}

// repository is one with the faults that were found in it.
type repository struct {
	root    string
	version string    // client.Version
	modules []*module // the root module first
	faults  []error
}

func (r *repository) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("release: "+format, args...))
}

// tag is the root module's tag of this version.
func (r *repository) tag() string { return "v" + r.version }

// git returns what git prints, without white space around it.
func (r *repository) git(args ...string) (string, error) {
	out, err := command.Git(r.root, args...)
	return strings.TrimSpace(string(out)), err
}

// grep returns file, line number and text of the lines that match.
func (r *repository) grep(pattern string, paths ...string) ([]string, error) {
	out, err := r.git(append([]string{"grep", "--untracked", "-InE", pattern, "--"}, paths...)...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
		return nil, nil // no line matches
	}
	return strings.Split(out, "\n"), err
}

// Statements of a version: client.Version, and any other, as a User-Agent, as
// path@version or as a sentence. No release is v0.0.0, which stands for a clone.
const (
	stated = `^const Version = "`
	copied = `clerkmeta-go(/[a-z/]+)?[/@]v?([1-9][0-9]*\.[0-9]|0\.[1-9]|0\.0\.[1-9])|[Vv]ersion is v?[0-9]+\.[0-9]`
)

// everyCommit reads the repository and looks for what must not be in any commit.
func (r *repository) everyCommit() error {
	lines, err := r.grep(stated, "client")
	if err != nil {
		return err
	}
	for _, line := range lines {
		_, rest, _ := strings.Cut(line, `"`)
		r.version, _, _ = strings.Cut(rest, `"`)
	}
	if !semver.IsValid(r.tag()) || semver.Canonical(r.tag()) != r.tag() {
		r.fault("client.Version is %q: write major.minor.patch", r.version)
	}
	lines, err = r.grep(copied, ".", ":!CHANGELOG.md", ":!tools/check/release")
	if err != nil {
		return err
	}
	for _, line := range lines {
		place := strings.SplitN(line, ":", 3)
		r.fault("%s:%s states a version: only client.Version and CHANGELOG.md do", place[0], place[1])
	}
	files, err := r.git("ls-files", "--", "go.mod", ":(glob)contrib/**/go.mod")
	if err != nil {
		return err
	}
	dirs := []string{"."}
	for file := range strings.FieldsSeq(files) {
		if file != "go.mod" {
			dirs = append(dirs, path.Dir(file))
		}
	}
	for _, dir := range dirs {
		m, err := readModule(r.root, dir)
		if err != nil {
			return err
		}
		r.modules = append(r.modules, m)
		r.checkModule(m)
	}
	return nil
}

// mayCarry looks for what keeps HEAD from carrying a tag.
func (r *repository) mayCarry(tag string) error {
	var tags []string
	for _, m := range r.modules {
		tags = append(tags, m.tag(r.tag()))
	}
	of := slices.Index(tags, tag)
	if of < 0 {
		r.fault("no module is tagged %s: expected one of %s", tag, strings.Join(tags, ", "))
		return nil
	}
	status, err := r.git("status", "--porcelain")
	if err != nil {
		return err
	}
	if status != "" {
		r.fault("the work tree differs from HEAD: commit or remove what differs")
	}
	if r.has(tag) {
		commits, err := r.git("rev-parse", tag+"^{commit}", "HEAD")
		if err != nil {
			return err
		}
		if c := strings.Fields(commits); c[0] != c[1] {
			r.fault("%s is on another commit: a published tag never moves, release the next version", tag)
		}
	}
	if of == 0 {
		return r.checkRootRelease(tag)
	}
	return r.checkNestedRelease(r.modules[of])
}

func (r *repository) has(tag string) bool {
	_, err := r.git("rev-parse", "--verify", "--quiet", "refs/tags/"+tag)
	return err == nil
}

// checkRootRelease is for a tag of the root module.
func (r *repository) checkRootRelease(tag string) error {
	text, err := r.git("tag", "--list", "v[0-9]*")
	if err != nil {
		return err
	}
	for _, other := range strings.Fields(text) {
		if other != tag && semver.IsValid(other) && semver.Compare(other, tag) > 0 {
			r.fault("%s is not above %s, the last release", tag, other)
		}
	}
	return r.checkChangelog()
}

var heading = regexp.MustCompile(`(?m)^## \[.*$`)

// checkChangelog looks for what the changelog lacks for a release of this version.
func (r *repository) checkChangelog() error {
	text, err := os.ReadFile(path.Join(r.root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	changelog := string(text)
	headings := heading.FindAllStringIndex(changelog, 2)
	if len(headings) < 2 || changelog[headings[0][0]:headings[0][1]] != "## [Unreleased]" {
		r.fault("CHANGELOG.md does not begin with the heading ## [Unreleased] and one of a release")
		return nil
	}
	if entries := changelog[headings[0][1]:headings[1][0]]; strings.TrimSpace(entries) != "" {
		r.fault("CHANGELOG.md has entries under Unreleased: move them under the release")
	}
	want := regexp.MustCompile(`^## \[` + regexp.QuoteMeta(r.version) + `\] - \d{4}-\d{2}-\d{2}$`)
	if got := changelog[headings[1][0]:headings[1][1]]; !want.MatchString(got) {
		r.fault("CHANGELOG.md has the heading %s: expected ## [%s] - and the date as year-month-day", got, r.version)
	}
	return nil
}

// checkNestedRelease is for a tag of a nested module. The root module is released
// first: the nested one requires its tag, which must be there to be fetched.
func (r *repository) checkNestedRelease(m *module) error {
	if !r.has(r.tag()) {
		r.fault("%s is not tagged: release the root module first", r.tag())
		return nil
	}
	if _, err := r.git("merge-base", "--is-ancestor", "refs/tags/"+r.tag(), "HEAD"); err != nil {
		r.fault("HEAD does not descend from %s: release the nested modules on top of it", r.tag())
		return nil
	}
	changed, err := r.git("diff", "--name-only", r.tag(), "HEAD")
	if err != nil {
		return err
	}
	for file := range strings.FieldsSeq(changed) {
		if !slices.ContainsFunc(r.modules[1:], func(m *module) bool { return file == m.dir+"/go.mod" || file == m.dir+"/go.sum" }) {
			r.fault("%s differs from %s: only go.mod and go.sum of nested modules may", file, r.tag())
		}
	}
	r.checkReleased(m)
	return nil
}
