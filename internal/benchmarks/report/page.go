package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

const introduction = `# Benchmarks

Written by ` + "`go -C internal/benchmarks run ./report`" + `; do not edit. How answers are
read, and what was weighed for it, is in [reading-answers.md](reading-answers.md).

The baseline, *by hand*, is what someone writes in an hour: net/http and
encoding/json, with the two timeouts that this module has by default, without
retries. *go-retryablehttp* is the same with retries. *clerk-sdk-go* is Clerk's
official client; it decodes every field of a user and has no timeout but that of
its http.Client. *oapi-codegen* is the client that the generator makes of this
module's own document, response wrappers included, without timeouts.

All are given the same transport and the same answer of %d bytes. The candidates
of a case take turns, %d rounds of at least %s each, so that what else the machine
does hits all alike. *Time* is the median; *×* compares with the first row, each
round with the baseline of the same round, as median (least–most); for the first
row it tells how far its own rounds lie apart. Bytes and allocations are those of
the whole process, a server on the same machine included. A dash stands where a
candidate has no such call. In *A typed value* the client written by hand sends its
whole struct, over what other writers have changed; Modify sends what it changed,
tries that out first, and looks for what others have changed in the answer.

What this does not show: Clerk, a network or TLS, next to which all of it is
small; memory held by idle connections; what a retry saves. Times hold for this
machine and this day. CI checks none of them: what it checks is that an update
allocates at most 1.4 times what the baseline does.

Run with %s, %s/%s, %d CPUs%s.

%s`

func preface(w *bytes.Buffer, answerSize, rounds int, each time.Duration) {
	fmt.Fprintf(w, introduction, answerSize, rounds, each, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), cpu(), versions())
}

// cpu is the machine's kind, where Linux tells it.
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

// versions are those of the modules that are compared.
func versions() string {
	compared := []string{
		"github.com/clerk/clerk-sdk-go/v2", "github.com/hashicorp/go-retryablehttp", "github.com/evanphx/json-patch/v5",
		"github.com/go-json-experiment/json", "github.com/goccy/go-json", "github.com/bytedance/sonic",
		"github.com/segmentio/encoding", "github.com/tidwall/gjson", "github.com/valyala/fastjson", "github.com/buger/jsonparser",
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var b strings.Builder
	b.WriteString("| module | version |\n|---|---|\n")
	for _, dep := range info.Deps {
		if slices.Contains(compared, dep.Path) {
			fmt.Fprintf(&b, "| %s | %s |\n", dep.Path, dep.Version)
		}
	}
	return b.String()
}

func table(w *bytes.Buffer, title string, cases []measuredCase) {
	fmt.Fprintf(w, "\n## %s\n\n| | | time | × | a second | bytes | × | allocations | × |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n", title)
	for _, c := range cases {
		name := c.name
		for _, r := range c.rows {
			if r.none {
				fmt.Fprintf(w, "| %s | %s | – | | | | | | |\n", name, r.name)
			} else {
				fmt.Fprintf(w, "| %s | %s | %.1f µs | %.2f (%.2f–%.2f) | %.0f | %.0f | %.2f | %.0f | %.2f |\n", name, r.name,
					r.nanos/1e3, r.ratio, r.low, r.high, 1e9/r.nanos, r.bytes, r.bytesRatio, r.allocs, r.allocsRatio)
			}
			name = ""
		}
	}
}
