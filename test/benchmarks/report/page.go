package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/test/benchmarks"
)

const introduction = `# Benchmarks

Written by ` + "`go -C test/benchmarks run ./report`" + `; do not edit. How answers are
read, and the candidates for it, is in [the decisions](decisions.md).

The baseline, *by hand*, is what someone writes in an hour: net/http and encoding/json,
with this module's two default timeouts and without retries; *go-retryablehttp* adds
retries. *clerk-sdk-go* is Clerk's official client; it decodes every field of a user and
has no timeout but that of its http.Client.

All get the same transport and the same answer of %d bytes. The candidates of a case take
turns, %d rounds of at least %s each, so that other load hits all alike. *Time* is the
median; *×* compares each round with the first row's of the same round, as median
(least–most); in the first row it shows the spread of its own rounds. The releases of Go run
one after the other, so compare within a release. Bytes and allocations are those of the
whole process, a server on the same machine included. *clerk-sdk-go* has no call for the
cases that lack it. In *A typed value* the client written by hand sends its whole struct,
over concurrent changes; Modify sends what it changed, tries that out first, and looks for
concurrent changes in the answer. A replacement takes the same path as an update.

Not measured: Clerk, a network or TLS, next to which all of it is small; memory of idle
connections; what a retry saves. Times hold for this machine and this day. CI checks no
time, but that an update allocates no more often, and no more bytes, than the baseline.

Run with %s, %s/%s, %d CPUs%s.

| module | version |
|---|---|
%s`

func preface(w *bytes.Buffer, releases []release) {
	var names []string
	for _, r := range releases {
		names = append(names, r.Go)
	}
	modules := strings.Join(releases[0].Modules, "\n") + "\n"
	fmt.Fprintf(w, introduction, benchmarks.AnswerSize(), rounds, each, strings.Join(names, " and "),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), cpu(), modules)
}

// cpu returns the processor's name on Linux, else "".
func cpu() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(info)) {
		if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return " (" + strings.TrimSpace(model) + ")"
		}
	}
	return ""
}

// versions returns a table row for each module that is compared.
func versions() []string {
	compared := []string{"github.com/clerk/clerk-sdk-go/v2", "github.com/hashicorp/go-retryablehttp", "github.com/evanphx/json-patch/v5"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	var rows []string
	for _, dep := range info.Deps {
		if slices.Contains(compared, dep.Path) {
			rows = append(rows, fmt.Sprintf("| %s | %s |", dep.Path, dep.Version))
		}
	}
	return rows
}

// tables writes a table for each group, with the columns of every release.
func tables(w *bytes.Buffer, releases []release) {
	group := ""
	for i, c := range releases[0].Cases {
		if c.Group != group {
			group = c.Group
			heading(w, group, releases)
		}
		name := c.Name
		for j, first := range c.Rows {
			fmt.Fprintf(w, "| %s | %s |", name, first.Name)
			for _, release := range releases {
				r := release.Cases[i].Rows[j]
				fmt.Fprintf(w, " %.1f µs | %.2f (%.2f–%.2f) | %.0f | %.0f | %.2f |", r.Nanos/1e3, r.Ratio, r.Low, r.High, r.Bytes, r.Allocs, r.Allocs/release.Cases[i].Rows[0].Allocs)
			}
			w.WriteByte('\n')
			name = ""
		}
	}
}

func heading(w *bytes.Buffer, group string, releases []release) {
	fmt.Fprintf(w, "\n## %s\n\n| | |", group)
	for _, r := range releases {
		fmt.Fprintf(w, " %s | × | bytes | allocations | × |", r.Go)
	}
	fmt.Fprintf(w, "\n|---|---|%s\n", strings.Repeat("--:|--:|--:|--:|--:|", len(releases)))
}
