// Command release checks that the modules of a repository can be released, without
// a network:
//
//	release [-root DIR] [TAG]
//
// The modules are the root module and those in contrib/. Without a tag, release
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
	r.checkVersion()
	if err := r.readModules(); err != nil {
		return err
	}
	for _, m := range r.modules {
		r.checkModule(m)
	}
	if tag != "" {
		r.checkTag(tag)
	}
	return errors.Join(r.faults...)
}

// repository is one with the faults that were found in it, failures of git included.
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
func (r *repository) git(args ...string) string {
	out, err := command.Git(r.root, args...)
	if err != nil {
		r.fault("%w", err)
	}
	return strings.TrimSpace(string(out))
}

// is reports whether git succeeds.
func (r *repository) is(args ...string) bool {
	_, err := command.Git(r.root, args...)
	return err == nil
}

// grep returns file, line number and text of the lines that match.
func (r *repository) grep(pattern string, paths ...string) []string {
	args := append([]string{"grep", "--untracked", "-InE", pattern, "--"}, paths...)
	_, err := command.Git(r.root, args...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
		return nil // no line matches
	}
	return strings.FieldsFunc(r.git(args...), func(c rune) bool { return c == '\n' })
}

// Statements of a version: client.Version, and any other, as a User-Agent, as
// path@version or as a sentence. No release is v0.0.0, which stands for a clone.
const (
	stated = `^const Version = "`
	copied = `clerkmeta-go(/[a-z/]+)?[/@]v?([1-9][0-9]*\.[0-9]|0\.[1-9]|0\.0\.[1-9])|[Vv]ersion is v?[0-9]+\.[0-9]`
)

// checkVersion reads client.Version and looks for copies of it.
func (r *repository) checkVersion() {
	for _, line := range r.grep(stated, "client") {
		_, rest, _ := strings.Cut(line, `"`)
		r.version, _, _ = strings.Cut(rest, `"`)
	}
	if !semver.IsValid(r.tag()) || semver.Canonical(r.tag()) != r.tag() {
		r.fault("client.Version is %q: write major.minor.patch", r.version)
	}
	for _, line := range r.grep(copied, ".", ":!CHANGELOG.md", ":!tools/check/release") {
		place := strings.SplitN(line, ":", 3)
		r.fault("%s:%s states a version: only client.Version and CHANGELOG.md do", place[0], place[1])
	}
}

// checkTag looks for what keeps HEAD from carrying a tag.
func (r *repository) checkTag(tag string) {
	var tags []string
	for _, m := range r.modules {
		tags = append(tags, path.Join(m.dir, r.tag()))
	}
	of := slices.Index(tags, tag)
	if of < 0 {
		r.fault("no module is tagged %s: expected one of %s", tag, strings.Join(tags, ", "))
		return
	}
	if r.git("status", "--porcelain") != "" {
		r.fault("the work tree differs from HEAD: commit or remove what differs")
	}
	if r.has(tag) && r.git("rev-parse", tag+"^{commit}") != r.git("rev-parse", "HEAD") {
		r.fault("%s is on another commit: a published tag never moves, release the next version", tag)
	}
	if of == 0 {
		r.checkRootRelease(tag)
	} else {
		r.checkNestedRelease(r.modules[of])
	}
}

func (r *repository) has(tag string) bool {
	return r.is("rev-parse", "--verify", "--quiet", "refs/tags/"+tag)
}

// checkRootRelease is for a tag of the root module.
func (r *repository) checkRootRelease(tag string) {
	for other := range strings.FieldsSeq(r.git("tag", "--list", "v[0-9]*")) {
		if semver.IsValid(other) && semver.Compare(other, tag) > 0 {
			r.fault("%s is not above %s, the last release", tag, other)
		}
	}
	r.checkChangelog()
}

var heading = regexp.MustCompile(`(?m)^## \[.*$`)

// checkChangelog looks for what the changelog lacks for a release of this version.
func (r *repository) checkChangelog() {
	text, err := os.ReadFile(path.Join(r.root, "CHANGELOG.md"))
	if err != nil {
		r.fault("%w", err)
	}
	changelog := string(text)
	headings := heading.FindAllStringIndex(changelog, 2)
	if len(headings) < 2 || changelog[headings[0][0]:headings[0][1]] != "## [Unreleased]" {
		r.fault("CHANGELOG.md does not begin with the heading ## [Unreleased] and one of a release")
		return
	}
	if entries := changelog[headings[0][1]:headings[1][0]]; strings.TrimSpace(entries) != "" {
		r.fault("CHANGELOG.md has entries under Unreleased: move them under the release")
	}
	want := regexp.MustCompile(`^## \[` + regexp.QuoteMeta(r.version) + `\] - \d{4}-\d{2}-\d{2}$`)
	if got := changelog[headings[1][0]:headings[1][1]]; !want.MatchString(got) {
		r.fault("CHANGELOG.md has the heading %s: expected ## [%s] - and the date as year-month-day", got, r.version)
	}
}

// checkNestedRelease is for a tag of a nested module. The root module is released
// first: the nested one requires its tag, which must be there to be fetched.
func (r *repository) checkNestedRelease(m *module) {
	switch {
	case !r.has(r.tag()):
		r.fault("%s is not tagged: release the root module first", r.tag())
		return
	case !r.is("merge-base", "--is-ancestor", "refs/tags/"+r.tag(), "HEAD"):
		r.fault("HEAD does not descend from %s: release the nested modules on top of it", r.tag())
		return
	}
	for file := range strings.FieldsSeq(r.git("diff", "--name-only", r.tag(), "HEAD")) {
		if !slices.ContainsFunc(r.modules[1:], func(m *module) bool { return file == m.dir+"/go.mod" || file == m.dir+"/go.sum" }) {
			r.fault("%s differs from %s: only go.mod and go.sum of nested modules may", file, r.tag())
		}
	}
	r.checkReleased(m)
}
