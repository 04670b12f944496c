// Command report runs the benchmarks on every release of Go that is supported and
// writes docs/benchmarks.md:
//
//	go -C test/benchmarks run ./report
//
// It takes some 15 minutes. With -group it runs the groups whose name holds a text,
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
	rounds     int
	each       time.Duration
	group, out string
	toolchains []string
	measure    bool
}

func main() {
	testing.Init()
	var o options
	flag.IntVar(&o.rounds, "rounds", 15, "how often each candidate is measured, by turns with the others")
	flag.DurationVar(&o.each, "each", 40*time.Millisecond, "how long a measurement takes at least")
	flag.StringVar(&o.group, "group", "", "run only the groups whose name holds this, and write no file")
	flag.StringVar(&o.out, "o", "../../docs/benchmarks.md", "the file to write")
	toolchains := flag.String("toolchains", "", "the releases to run on, by comma; those of .ci/go-releases if empty")
	flag.BoolVar(&o.measure, "measure", false, "run on this release alone and write the results as JSON: what the command calls itself with")
	flag.Parse()
	var err error
	if o.toolchains = strings.Split(*toolchains, ","); *toolchains == "" {
		o.toolchains, err = supported("../../.ci/go-releases")
	}
	if err == nil {
		err = run(o)
	}
	if err != nil {
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
	var releases []release
	for _, toolchain := range o.toolchains {
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
	return os.WriteFile(o.out, page.Bytes(), 0o644) //nolint:gosec // a document is for everyone
}

// supported reads the releases from CI's list: the first word of each line that is no
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

// measureOn runs the command itself, built and run by another release of Go.
func measureOn(toolchain string, o options) (release, error) {
	cmd := exec.Command("go", "run", "./report", "-measure", "-rounds", fmt.Sprint(o.rounds), "-each", o.each.String(), "-group", o.group) //nolint:gosec // of our own flags
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
	for _, name := range set.Groups() {
		if !strings.Contains(name, o.group) {
			continue
		}
		fmt.Fprintln(os.Stderr, r.Go+": "+name)
		g := group{Name: name}
		for _, c := range set.Cases {
			if c.Group != name {
				continue
			}
			m, err := measure(c, o.rounds)
			if err != nil {
				return r, err
			}
			g.Cases = append(g.Cases, m)
		}
		r.Groups = append(r.Groups, g)
	}
	return r, nil
}
