package cli

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/fatih/color"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// summary counts the results of a plan by field, in constant memory.
type summary struct {
	Changes  int64                   `json:"changes"`
	Verbs    map[bulk.Verb]int64     `json:"verbs"`
	Skipped  int64                   `json:"skipped_lines"`
	Outcomes map[bulk.Outcome]int64  `json:"outcomes"`
	Fields   map[string]*fieldCounts `json:"fields"`
	// Approximate counts the changes of entities that came again after they were
	// forgotten.
	Approximate int64 `json:"approximate"`
	// Kept counts the places that an undo leaves as they are.
	Kept int64 `json:"kept,omitempty"`
	// reached counts the changes whose entity was read and that can be made, or are in
	// conflict with what is there.
	reached int64
}

type fieldCounts struct {
	Adds     int64 `json:"adds"`
	Changes  int64 `json:"changes"`
	Removals int64 `json:"removals"`
}

func newSummary(f *input) *summary {
	return &summary{
		Changes: f.valid, Verbs: f.verbs, Skipped: f.bad,
		Outcomes: map[bulk.Outcome]int64{}, Fields: map[string]*fieldCounts{},
	}
}

func (s *summary) add(r bulk.Result) {
	s.Outcomes[r.Outcome]++
	if r.Approximate {
		s.Approximate++
	}
	s.Kept += stays(r)
	if r.Outcome == bulk.Conflict {
		s.reached++
	}
	if r.Diff == nil {
		return
	}
	s.reached++
	for _, path := range r.Diff.Added {
		s.field(path).Adds++
	}
	for _, path := range r.Diff.Changed {
		s.field(path).Changes++
	}
	for _, path := range r.Diff.Removed {
		s.field(path).Removals++
	}
}

func (s *summary) field(path string) *fieldCounts {
	name, _, _ := strings.Cut(path, "/")
	if s.Fields[name] == nil {
		s.Fields[name] = &fieldCounts{}
	}
	return s.Fields[name]
}

// impossible counts the changes that cannot be made, those held back included.
func (s *summary) impossible() int64 {
	return s.Outcomes[bulk.Failed] + s.Outcomes[bulk.Conflict] + s.Outcomes[bulk.Managed] + s.Outcomes[bulk.HeldBack]
}

// writeSummary writes a summary for people, or as the member of an object.
func (j *job) writeSummary(member string, s *summary) error {
	if j.json() {
		return j.writeJSON(j.Stdout, map[string]any{member: s})
	}
	return j.print([]byte(s.text(j.paint(j.Stdout))), nil)
}

func (s *summary) text(p paint) string {
	var b strings.Builder
	verbs := listed(p, part{s.Verbs[bulk.Patch], "patch", 0}, part{s.Verbs[bulk.Replace], "replace", 0}, part{s.Verbs[bulk.Unset], "unset", 0}, part{s.Verbs[bulk.Edit], "edit", 0}, part{s.Verbs[bulk.Undo], "undo", 0})
	fmt.Fprintf(&b, "%s (%s)", count(s.Changes, "change", "changes"), verbs)
	if s.Skipped > 0 {
		fmt.Fprintf(&b, ", %s left out", count(s.Skipped, "faulty line", "faulty lines"))
	}
	b.WriteString("\n\n")
	if len(s.Fields) > 0 {
		var rows strings.Builder
		w := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', tabwriter.AlignRight)
		_, _ = fmt.Fprintln(w, "adds\tchanges\tremovals\t") // a strings.Builder takes everything
		for _, name := range entity.User.Fields() {
			if f := s.Fields[name]; f != nil {
				_, _ = fmt.Fprintf(w, "%d\t%d\t%d\t  %s\n", f.Adds, f.Changes, f.Removals, name)
			}
		}
		_ = w.Flush()
		head, rest, _ := strings.Cut(rows.String(), "\n")
		for word, as := range map[string]color.Attribute{"adds": added, "changes": changed, "removals": removed} {
			head = strings.Replace(head, word, p.text(word, as), 1)
		}
		b.WriteString(head + "\n" + rest + "\n")
	}
	if outcomes := listed(p,
		part{s.Outcomes[bulk.Planned], "would change something", added},
		part{s.Outcomes[bulk.Unchanged], "would change nothing", 0},
		part{s.Outcomes[bulk.Failed], "cannot be made", removed},
		part{s.Outcomes[bulk.Conflict], "in conflict with changes by others", removed},
		part{s.Outcomes[bulk.Managed], string(bulk.Managed), removed},
		part{s.Outcomes[bulk.HeldBack], "would be held back by one that cannot", removed},
		part{s.Outcomes[bulk.Recorded], "applied before", 0},
	); outcomes != "" {
		b.WriteString(outcomes + "\n")
	}
	if s.Approximate > 0 {
		fmt.Fprintf(&b, "%s compared without earlier ones of the same entity: they are too far apart\n", count(s.Approximate, "change was", "changes were"))
	}
	return b.String()
}

// part is a number of changes, what they are, and the colour for that, 0 for none.
type part struct {
	n    int64
	text string
	as   color.Attribute
}

// listed joins the parts that are not zero: "2 applied, 1 failed".
func listed(paint paint, parts ...part) string {
	var texts []string
	for _, p := range parts {
		if p.n > 0 {
			texts = append(texts, paint.text(fmt.Sprintf("%d %s", p.n, p.text), p.as))
		}
	}
	return strings.Join(texts, ", ")
}

func details(p paint, r bulk.Result) []byte {
	line := fmt.Appendf(nil, "%s: %s", subject(r.Change), r.Outcome)
	add := func(sign string, paths []string, as color.Attribute) {
		for _, path := range paths {
			line = append(line, " "+p.text(sign+printable(path), as)...)
		}
	}
	if r.Diff != nil {
		add("+", r.Diff.Added, added)
		add("~", r.Diff.Changed, changed)
		add("-", r.Diff.Removed, removed)
	}
	if conflict, ok := errors.AsType[*bulk.ConflictError](r.Err); ok {
		add("!", conflict.Paths, removed)
	}
	return line
}
