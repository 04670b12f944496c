// Command report runs the benchmarks on every release of Go that is supported and
// writes docs/benchmarks.md:
//
//	go -C test/benchmarks run ./report
//
// It takes some 10 minutes.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The files that the command reads and writes, seen from the module's folder.
const (
	releasesFile = "../../.ci/go-releases"
	pageFile     = "../../docs/benchmarks.md"
)

func main() {
	testing.Init()
	measures := flag.Bool("measure", false, "measure on this release of Go and print the results as JSON; the command runs itself with it")
	flag.Parse()
	run := writePage
	if *measures {
		run = printMeasured
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1) //nolint:forbidigo // the command's status
	}
}

func writePage() error {
	toolchains, err := supported(releasesFile)
	if err != nil {
		return err
	}
	var releases []release
	for _, toolchain := range toolchains {
		cmd := exec.Command("go", "run", "./report", "-measure") //nolint:noctx // it ends by itself
		cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+toolchain)
		cmd.Stderr = os.Stderr
		text, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("on %s: %w", toolchain, err)
		}
		var r release
		if err := json.Unmarshal(text, &r); err != nil {
			return err
		}
		releases = append(releases, r)
	}
	var page bytes.Buffer
	preface(&page, releases)
	tables(&page, releases)
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
