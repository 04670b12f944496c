// Command report runs the benchmarks and writes docs/benchmarks.md:
//
//	go -C internal/benchmarks run ./report
//
// With -group it runs the groups whose name holds a text, prints their table and
// writes nothing.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/benchmarks"
)

func main() {
	testing.Init()
	rounds := flag.Int("rounds", 15, "how often each candidate is measured, by turns with the others")
	each := flag.Duration("each", 40*time.Millisecond, "how long a measurement takes at least")
	group := flag.String("group", "", "run only the groups whose name holds this, and write no file")
	out := flag.String("o", "../../docs/benchmarks.md", "the file to write")
	flag.Parse()
	if err := run(*rounds, *each, *group, *out); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1) //nolint:forbidigo // the command's status
	}
}

func run(rounds int, each time.Duration, group, out string) error {
	if rounds < 1 {
		return fmt.Errorf("-rounds is %d, allowed is 1 or more", rounds)
	}
	if err := flag.Set("test.benchtime", each.String()); err != nil {
		return err
	}
	set, err := benchmarks.NewSet()
	if err != nil {
		return err
	}
	defer set.Close()
	var page bytes.Buffer
	if group == "" {
		preface(&page, benchmarks.AnswerSize(), rounds, each)
	}
	for _, name := range set.Groups() {
		if !strings.Contains(name, group) {
			continue
		}
		fmt.Fprintln(os.Stderr, name)
		var measured []measuredCase
		for _, c := range set.Cases {
			if c.Group != name {
				continue
			}
			m, err := measure(c, rounds)
			if err != nil {
				return err
			}
			measured = append(measured, m)
		}
		table(&page, name, measured)
	}
	if _, err := os.Stdout.Write(page.Bytes()); err != nil {
		return err
	}
	if group != "" {
		return nil
	}
	return os.WriteFile(out, page.Bytes(), 0o644) //nolint:gosec // a document is for everyone
}
