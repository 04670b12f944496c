// Command licenses prints the licences of the modules that a module compiles, and
// fails for one that is not allowed or not recognized. It reads the module cache and
// needs no network:
//
//	licenses [-development] DIR…
//
// Without the flag it checks the packages of the module in DIR, which its users
// compile. With it, it also checks tests and tools, which run only here and may be
// under the GPL.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	classifier "github.com/google/licenseclassifier/v2"
	"github.com/google/licenseclassifier/v2/assets"

	"github.com/clerkmeta/clerkmeta-go/tools/check/internal/command"
)

// allowed are licences that require no more than to pass on their text.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}

// allowedFor are exceptions for a module and what is compiled with it.
var allowedFor = map[string]string{
	// The MPL covers the files of these modules, which are used as they are.
	"github.com/hashicorp/go-cleanhttp":                  "MPL-2.0",
	"github.com/hashicorp/go-retryablehttp":              "MPL-2.0",
	"github.com/riverqueue/river":                        "MPL-2.0",
	"github.com/riverqueue/river/riverdriver":            "MPL-2.0",
	"github.com/riverqueue/river/riverdriver/riverpgxv5": "MPL-2.0",
	"github.com/riverqueue/river/rivershared":            "MPL-2.0",
	"github.com/riverqueue/river/rivertype":              "MPL-2.0",
}

// allowedInDevelopment are the additional ones for tests and tools.
var allowedInDevelopment = []string{"GPL-3.0", "MPL-2.0", "OFL-1.1", "Unlicense"}

// withoutFile are modules without a licence file, whose sources name the licence.
var withoutFile = map[string]string{
	"github.com/golangci/gofmt": "BSD-3-Clause", // a copy of Go's own gofmt
}

func main() {
	development := flag.Bool("development", false, "also check tests and tools")
	flag.Parse()
	var out bytes.Buffer
	err := run(&out, *development, flag.Args())
	fmt.Print(out.String())
	if err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func run(out *bytes.Buffer, development bool, dirs []string) error {
	known, err := assets.DefaultClassifier()
	if err != nil {
		return err
	}
	var refused []string
	for _, dir := range dirs {
		modules, err := dependencies(dir, development)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d modules\n", dir, len(modules))
		for _, m := range modules {
			found, err := licences(known, m.dir)
			if err != nil {
				return fmt.Errorf("%s: %w", m.path, err)
			}
			if stated := withoutFile[m.path]; stated != "" && len(found) == 0 {
				found = []string{stated}
			}
			if !development {
				fmt.Fprintf(out, "\t%s %s: %s\n", m.path, m.version, strings.Join(found, ", "))
			}
			if fault := judge(m.path, found, development); fault != "" {
				refused = append(refused, fmt.Sprintf("%s %s: %s", m.path, m.version, fault))
			}
		}
	}
	if len(refused) > 0 {
		slices.Sort(refused)
		return fmt.Errorf("not allowed:\n%s", strings.Join(slices.Compact(refused), "\n"))
	}
	return nil
}

// own is how the paths of this project's modules begin.
const own = "github.com/clerkmeta/clerkmeta-go/"

type module struct{ path, version, dir string }

// dependencies returns the modules, other than this project's own, with packages that
// the module in dir compiles.
func dependencies(dir string, development bool) ([]module, error) {
	args := []string{"list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}", "./..."}
	if development {
		args = slices.Insert(append(args, "tool"), 1, "-test")
	}
	out, err := command.Go(dir, args...)
	if err != nil {
		return nil, err
	}
	var all []module
	for _, line := range slices.Compact(slices.Sorted(strings.Lines(string(out)))) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) == 3 && !strings.HasPrefix(fields[0]+"/", own) {
			all = append(all, module{fields[0], fields[1], fields[2]})
		}
	}
	return all, nil
}

// judge returns what is wrong with a module's licences, "" for nothing.
func judge(path string, found []string, development bool) string {
	if len(found) == 0 {
		return "no licence is recognized"
	}
	for _, name := range found {
		fine := slices.Contains(allowed, name) || allowedFor[path] == name ||
			development && slices.Contains(allowedInDevelopment, name)
		if !fine {
			return name
		}
	}
	return ""
}

var licenceFile = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying)([-._].*)?$`)

// licences returns the SPDX names of the texts in the licence files of a folder.
func licences(known *classifier.Classifier, dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() || !licenceFile.MatchString(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name())) //nolint:gosec // a file of the module cache
		if err != nil {
			return nil, err
		}
		for _, match := range known.Match(text).Matches {
			if match.MatchType == "License" || match.MatchType == "Header" {
				names = append(names, match.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
