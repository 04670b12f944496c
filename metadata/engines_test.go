package metadata_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	enginesPage = "../docs/json-engines.md"
	tableBegins = "<!-- The table is written by the test: see below. -->\n"
	tableEnds   = "<!-- The table ends. -->\n"
	holds       = "holds"
)

// engines are the columns of the page: a release of Go, and whether encoding/json
// runs on the engine of v2.
var engines = []struct {
	title, release string
	v2             bool
}{
	{"Go 1.26", "go1.26", false},
	{"1.26, `jsonv2`", "go1.26", true},
	{"Go 1.27", "go1.27", true},
	{"1.27, `nojsonv2`", "go1.27", false},
}

var updateEngines = flag.Bool("update-engines", false, "write the column of the engine that runs the test into "+enginesPage)

// TestEnginesPage holds docs/json-engines.md against the promises: its rows are
// theirs, and the column of the engine that runs the test says what TestPromises
// finds on it. CI runs it on each of the four.
func TestEnginesPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(enginesPage)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(page), tableBegins)
	require.True(t, found)
	table, after, found := strings.Cut(rest, tableEnds)
	require.True(t, found)
	cells := map[string][]string{}
	for line := range strings.Lines(table) {
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		cells[row[0]] = row[1:]
	}

	var want strings.Builder
	titles, rules := "| promise", "|---"
	for _, e := range engines {
		titles += " | " + e.title
		rules += "|---"
	}
	fmt.Fprintf(&want, "%s |\n%s|\n", titles, rules)
	for _, p := range promises {
		kept := t.Run(p.name, p.hold)
		want.WriteString("| " + p.name)
		for i, e := range engines {
			cell := "?"
			if row := cells[p.name]; i < len(row) {
				cell = row[i]
			}
			if e.v2 == jsonv2 && strings.HasPrefix(runtime.Version(), e.release) {
				cell = map[bool]string{true: holds, false: "fails"}[kept]
			}
			want.WriteString(" | " + cell)
		}
		want.WriteString(" |\n")
	}
	if *updateEngines {
		require.NoError(t, os.WriteFile(enginesPage, []byte(before+tableBegins+want.String()+tableEnds+after), 0o644))
		return
	}
	require.NotContains(t, want.String(), "?", "an engine on which the row was never tried")
	require.Equal(t, want.String(), table, "run this test with -update-engines on each engine")
}
