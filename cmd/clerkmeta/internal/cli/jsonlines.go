package cli

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// The forms of the output. With outputJSON every line of standard output is a JSON object,
// and so is every line of a standard error that is no terminal.
const (
	outputTable = "table"
	outputJSON  = "json"

	outputUsage = "form of the output: json is lines of JSON, also for errors on standard error"
)

func outputFlag(cmd *cobra.Command) *choice {
	return choiceFlag(cmd, "output", outputUsage, outputTable, outputJSON)
}

// wantsJSON reports whether the arguments have --output json. It is asked for errors, which
// can come before the flag is parsed.
func wantsJSON(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	before := slices.Index(args, "--output") + 1
	return slices.Contains(args, "--output="+outputJSON) || before > 0 && before < len(args) && args[before] == outputJSON
}

func (e Env) writeJSON(out io.Writer, v any) error {
	line, err := lineOf(v)
	if err == nil {
		_, err = out.Write(e.harmless(out, line))
	}
	return err
}

// notes writes each line of text as {"note":"…"}. It is safe for concurrent use.
type notes struct {
	mu   sync.Mutex
	to   io.Writer
	rest []byte // of a line that has no end yet
}

// Write writes the lines that are complete.
func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rest = append(n.rest, p...)
	for {
		text, rest, ended := bytes.Cut(n.rest, []byte("\n"))
		if !ended {
			return len(p), nil
		}
		n.rest = rest
		if err := (Env{}).writeJSON(n.to, map[string]string{"note": string(text)}); err != nil {
			return 0, err
		}
	}
}

// resultLine is a result of plan or apply as JSON, without values.
type resultLine struct {
	Line         int          `json:"line"`
	User         string       `json:"user,omitempty"`
	Organization string       `json:"organization,omitempty"`
	Verb         bulk.Verb    `json:"verb"`
	Outcome      bulk.Outcome `json:"outcome"`
	Added        []string     `json:"added,omitempty"`
	Changed      []string     `json:"changed,omitempty"`
	Removed      []string     `json:"removed,omitempty"`
	Conflicts    []string     `json:"conflicts,omitempty"`
	Kept         []string     `json:"kept,omitempty"`
	KeptNulls    []string     `json:"kept_nulls,omitempty"`
	Approximate  bool         `json:"approximate,omitempty"`
	Error        *problem     `json:"error,omitempty"`
}

func (j *job) writeResult(r bulk.Result) error {
	line := resultLine{
		Line: r.Change.Line, User: r.Change.Entity().UserID, Organization: r.Change.Entity().OrganizationID,
		Verb: r.Change.Verb(), Outcome: r.Outcome, Approximate: r.Approximate,
	}
	if r.Diff != nil {
		line.Added, line.Changed, line.Removed = r.Diff.Added, r.Diff.Changed, r.Diff.Removed
	}
	if r.Kept != nil {
		line.Kept, line.KeptNulls = r.Kept.Changed, r.Kept.Nulls
	}
	if conflict, ok := errors.AsType[*bulk.ConflictError](r.Err); ok {
		line.Conflicts = conflict.Paths
	}
	if r.Err != nil {
		line.Error = new(j.problemOf(r))
	}
	return j.writeJSON(j.Stdout, line)
}
