// Command compat compares the exported API of modules with that of the last
// release, without a network:
//
//	compat [-root DIR] [MODULE…]
//
// A MODULE is a folder of the git repository at DIR, by default the root module. The
// last release is the newest tag v* from which HEAD descends; before the first tag it
// is the commit that the file .ci/released names. Without either, or in a shallow clone
// that lacks it, compat says so and compares nothing.
//
// A change that breaks callers fails, unless the CHANGELOG's part Unreleased names
// it in backticks under "### Changed" or "### Removed": `users.GetMany`,
// `users.Service.GetUser`, `users.User.ID`, or `users` for a package that is gone.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/exp/apidiff"
)

func main() {
	root := flag.String("root", ".", "folder of the repository")
	flag.Parse()
	modules := flag.Args()
	if len(modules) == 0 {
		modules = []string{"."}
	}
	var out bytes.Buffer
	err := run(&out, *root, modules)
	fmt.Print(out.String())
	if err != nil {
		fmt.Fprintln(os.Stderr, "compat:", err)
		os.Exit(1)
	}
}

func run(out *bytes.Buffer, root string, modules []string) error {
	release, why := lastRelease(root)
	if release == "" {
		fmt.Fprintln(out, "not compared:", why)
		return nil
	}
	old, err := os.MkdirTemp("", "compat-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(old) //nolint:errcheck // a temporary folder
	if err := checkOut(root, release, old); err != nil {
		return err
	}
	changelog, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md")) //nolint:gosec // a file of the repository
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "compared with %s\n", release)
	unnamed := 0
	for _, module := range modules {
		n, err := compare(out, filepath.Join(old, module), filepath.Join(root, module), announced(string(changelog)))
		if err != nil {
			return fmt.Errorf("module %s: %w", module, err)
		}
		unnamed += n
	}
	if unnamed > 0 {
		return fmt.Errorf("%d incompatible changes that CHANGELOG.md does not name under Unreleased, Changed or Removed", unnamed)
	}
	return nil
}

// compare prints what broke and returns how much of it is not announced.
func compare(out *bytes.Buffer, oldDir, newDir, announced string) (int, error) {
	if _, err := os.Stat(filepath.Join(oldDir, "go.mod")); os.IsNotExist(err) {
		fmt.Fprintf(out, "%s: not in that release\n", filepath.Base(newDir))
		return 0, nil
	}
	before, err := load(oldDir)
	if err != nil {
		return 0, fmt.Errorf("the release: %w", err)
	}
	after, err := load(newDir)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "%s: %d packages\n", after.Path, len(after.Packages))
	unnamed := 0
	for _, change := range apidiff.ModuleChanges(before, after).Changes {
		name := nameOf(path.Base(after.Path), change.Message)
		if change.Compatible || everyRelease[name] {
			continue
		}
		said := "announced"
		if !strings.Contains(announced, "`"+name+"`") {
			said = "NOT ANNOUNCED as `" + name + "`"
			unnamed++
		}
		fmt.Fprintf(out, "%s: %s\n", said, change.Message)
	}
	return unnamed, nil
}

// everyRelease are constants whose values differ in every release.
var everyRelease = map[string]bool{"client.Version": true}

// typeParameters matches those that follow a receiver's name.
var typeParameters = regexp.MustCompile(`\[[^\]]*\]`)

// nameOf returns the subject of a message of apidiff as the CHANGELOG writes it:
// users.Service.GetUser for "./users.(*Service).GetUser: removed", and the same for a
// (*Service[T]). Messages about the module's root package name no package.
func nameOf(root, message string) string {
	name, _, _ := strings.Cut(message, ": ")
	name = typeParameters.ReplaceAllString(name, "")
	name, _, _ = strings.Cut(name, ",")
	if slash := strings.LastIndex(name, "/"); slash >= 0 {
		name = name[slash+1:]
	} else {
		name = root + "." + name
	}
	return strings.NewReplacer("(*", "", ")", "").Replace(name)
}

// announced returns the text under Changed and Removed in the part Unreleased.
func announced(changelog string) string {
	_, unreleased, _ := strings.Cut(changelog, "\n## [Unreleased]")
	unreleased, _, _ = strings.Cut(unreleased, "\n## ")
	var text strings.Builder
	for part := range strings.SplitSeq(unreleased, "\n### ") {
		if strings.HasPrefix(part, "Changed\n") || strings.HasPrefix(part, "Removed\n") {
			text.WriteString(part)
		}
	}
	return text.String()
}
