// Command report runs the benchmarks on every release of Go that is supported and
// writes docs/benchmarks.md:
//
//	go -C test/benchmarks run ./report
//
// It takes some 15 minutes. With -group it runs the groups whose name contains a text,
// prints their tables and writes nothing.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/clerkmeta/clerkmeta-go/test/benchmarks"
)

type options struct {
	rounds  int
	each    time.Duration
	group   string
	measure bool
}

// The files that the command reads and writes, seen from the module's folder.
const (
	releasesFile = "../../.ci/go-releases"
	pageFile     = "../../docs/benchmarks.md"
)

func main() {
	testing.Init()
	var o options
	flag.IntVar(&o.rounds, "rounds", 15, "how often each candidate is measured, in turns with the others")
	flag.DurationVar(&o.each, "each", 40*time.Millisecond, "minimum duration of a measurement")
	flag.StringVar(&o.group, "group", "", "run only the groups whose name contains this, and write no file")
	flag.BoolVar(&o.measure, "measure", false, "measure on this release of Go and print the results as JSON; the command runs itself with it")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1) //nolint:forbidigo // the command's status
	}
}

func run(o options) error {
	if o.rounds < 1 {
		return fmt.Errorf("-rounds is %d, allowed is 1 or more", o.rounds)
	}
	if o.measure {
		r, err := measureAll(o)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	toolchains, err := supported(releasesFile)
	if err != nil {
		return err
	}
	var releases []release
	for _, toolchain := range toolchains {
		r, err := measureOn(toolchain, o)
		if err != nil {
			return fmt.Errorf("on %s: %w", toolchain, err)
		}
		releases = append(releases, r)
	}
	var page bytes.Buffer
	if o.group == "" {
		preface(&page, releases, o)
	}
	tables(&page, releases)
	if _, err := os.Stdout.Write(page.Bytes()); err != nil {
		return err
	}
	if o.group != "" {
		return nil
	}
	return os.WriteFile(pageFile, page.Bytes(), 0o644) //nolint:gosec // a document is for everyone
}

// supported returns the releases of CI's list: the first word of each line that is no
// comment.
func supported(name string) ([]string, error) {
	text, err := os.ReadFile(name) //nolint:gosec // a file of the repository
	if err != nil {
		return nil, err
	}
	var releases []string
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			releases = append(releases, words[0])
		}
	}
	return releases, nil
}

// measureOn runs this command with another release of Go.
func measureOn(toolchain string, o options) (release, error) {
	cmd := exec.Command("go", "run", "./report", "-measure", "-rounds", fmt.Sprint(o.rounds), "-each", o.each.String(), "-group", o.group) //nolint:gosec,noctx // of our own flags
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+toolchain)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return release{}, err
	}
	var r release
	return r, json.Unmarshal(text, &r)
}

// measureAll runs the groups on this release.
func measureAll(o options) (release, error) {
	r := release{Go: runtime.Version(), Modules: versions()}
	if err := flag.Set("test.benchtime", o.each.String()); err != nil {
		return r, err
	}
	set, err := benchmarks.NewSet()
	if err != nil {
		return r, err
	}
	defer set.Close()
	for _, c := range set.Cases {
		if !strings.Contains(c.Group, o.group) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s: %s, %s\n", r.Go, c.Group, c.Name)
		m, err := measure(c, o.rounds)
		if err != nil {
			return r, err
		}
		r.Cases = append(r.Cases, m)
	}
	return r, nil
}
