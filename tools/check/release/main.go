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
	r, err := read(root)
	if err != nil {
		return err
	}
	faults := r.everyCommit()
	if tag != "" {
		more, err := r.mayCarry(tag)
		if err != nil {
			return err
		}
		faults = append(faults, more...)
	}
	var all error
	for _, fault := range faults {
		all = errors.Join(all, errors.New("release: "+fault))
	}
	return all
}

// everyCommit returns what must not be in any commit.
func (r *repository) everyCommit() []string {
	var faults []string
	if !semver.IsValid(r.tag()) || semver.Canonical(r.tag()) != r.tag() {
		faults = append(faults, fmt.Sprintf("client.Version is %q: write major.minor.patch", r.version))
	}
	for _, place := range r.copies {
		faults = append(faults, place+" states a version: only client.Version and CHANGELOG.md do")
	}
	for _, m := range r.modules {
		faults = append(faults, m.faults(r.modules[0])...)
	}
	return faults
}

// mayCarry returns what keeps HEAD from carrying a tag.
func (r *repository) mayCarry(tag string) (faults []string, err error) {
	m := r.module(tag)
	if m == nil {
		return []string{fmt.Sprintf("no module is tagged %s: expected one of %s", tag, strings.Join(r.expected(), ", "))}, nil
	}
	status, err := command.Git(r.root, "status", "--porcelain")
	if err != nil {
		return nil, err
	}
	if len(status) > 0 {
		faults = append(faults, "the work tree differs from HEAD: commit or remove what differs")
	}
	if r.has(tag) && !r.sameCommit(tag, "HEAD") {
		faults = append(faults, tag+" is on another commit: a published tag never moves, release the next version")
	}
	if m.dir == "." {
		return append(faults, r.rootFaults(tag)...), nil
	}
	more, err := r.nestedFaults(m)
	return append(faults, more...), err
}

// rootFaults is for a tag of the root module.
func (r *repository) rootFaults(tag string) (faults []string) {
	if last := r.lastRelease(tag); last != "" && semver.Compare(last, tag) >= 0 {
		faults = append(faults, fmt.Sprintf("%s is not above %s, the last release", tag, last))
	}
	if problem := changelogFault(r.changelog, r.version); problem != "" {
		faults = append(faults, "CHANGELOG.md "+problem)
	}
	return faults
}

// nestedFaults is for a tag of a nested module. The root module is released first:
// the nested one requires its tag, which must be there to be fetched.
func (r *repository) nestedFaults(m *module) (faults []string, err error) {
	if !r.has(r.tag()) {
		return []string{fmt.Sprintf("%s is not tagged: release the root module first", r.tag())}, nil
	}
	if !r.contains(r.tag()) {
		return []string{fmt.Sprintf("HEAD does not descend from %s: release the nested modules on top of it", r.tag())}, nil
	}
	changed, err := command.Git(r.root, "diff", "--name-only", r.tag(), "HEAD")
	if err != nil {
		return nil, err
	}
	for file := range strings.FieldsSeq(string(changed)) {
		if !r.isModuleFile(file) {
			faults = append(faults, fmt.Sprintf("%s differs from %s: only go.mod and go.sum of nested modules may", file, r.tag()))
		}
	}
	return append(faults, m.releaseFaults(r.modules[0], r.tag())...), nil
}
