package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf16"

	"github.com/clerkmeta/clerkmeta-go/internal/difference"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// hidden stands for a private value that was not requested.
const hidden = "(hidden; --show-private shows it)"

func (e Env) print(text []byte, err error) error {
	if err == nil {
		_, err = e.Stdout.Write(text)
	}
	return err
}

// record is an entity as JSON: what get prints and what an export is made of.
type record struct {
	ID             string          `json:"id"`
	OrganizationID string          `json:"organization_id,omitempty"`
	UserID         string          `json:"user_id,omitempty"`
	Public         metadata.Object `json:"public_metadata,omitzero"`
	Private        metadata.Object `json:"private_metadata,omitzero"`
	Unsafe         metadata.Object `json:"unsafe_metadata,omitzero"`
}

// line encodes an entity as one line of JSON, with the fields that shows allows.
func line(e *entity.Record, shows func(field) bool) ([]byte, error) {
	r := record{ID: e.Name}
	if e.Kind() == entity.Membership {
		r.OrganizationID, r.UserID = e.OrganizationID, e.UserID
	}
	for f, to := range []*metadata.Object{&r.Public, &r.Private, &r.Unsafe} {
		if shows(field(f)) {
			*to = e.Objects[f]
		}
	}
	return lineOf(r)
}

// lineOf encodes a value as one line of JSON, with the escapes that JSON requires.
func lineOf(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return b.Bytes(), err
}

// entity returns the text of an entity and the fields chosen.
func (o *one) entity(r *entity.Record, chosen []field) ([]byte, error) {
	if o.json() {
		text, err := line(r, func(f field) bool { return slices.Contains(chosen, f) && o.shows(f) })
		return o.harmless(o.Stdout, text), err
	}
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = io.WriteString(w, "FIELD\tKEY\tVALUE\n") // a buffer takes everything
	for _, f := range chosen {
		if err := o.rows(w, f, r.Objects[f]); err != nil {
			return nil, err
		}
	}
	_ = w.Flush()
	return o.table(visible(called(r)), b.String()), nil
}

// table returns rows below a title, in the columns and colours of standard output. A value
// that is too wide continues below itself.
func (o *one) table(title, rows string) []byte {
	head, rows, _ := strings.Cut(rows, "\n")
	p, width := o.paint(o.Stdout), o.columns(o.Stdout)
	indent := min(strings.Index(head, "VALUE"), width/2)
	text := p.text(title, heading) + "\n" + p.text(head, aside) + "\n"
	for row := range strings.SplitSeq(strings.TrimSuffix(rows, "\n"), "\n") {
		text += wrapped(row, width, indent) + "\n"
	}
	return []byte(strings.ReplaceAll(text, hidden, p.text(hidden, aside)))
}

// rows writes a row for each key of a field.
func (o *one) rows(w io.Writer, f field, stored metadata.Object) error {
	members, err := stored.Map()
	row := func(key, value string) { _, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", f, key, value) } // as above
	switch {
	case err != nil:
		return fmt.Errorf("%s cannot be shown: %w", f.json(), err)
	case !o.shows(f):
		row("", hidden)
		return nil
	case stored.IsZero():
		row("", "(absent)")
	case len(members) == 0:
		row("", "(empty)")
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		row(dotted([]string{key}), shown(members[key]))
	}
	return nil
}

// differences returns the lines of a field's diff: + is added, - is removed, ~ is changed.
func (o *one) differences(f field, before, after *entity.Record) ([]string, error) {
	all, err := difference.Of(before.Objects[f], after.Objects[f])
	lines := make([]string, len(all))
	for i, d := range all {
		lines[i] = visible(d.String(f.json()))
		if !o.shows(f) {
			lines[i] = visible(d.Sign+" "+d.Name(f.json())+": ") + hidden
		}
	}
	return lines, err
}

// shown encodes a value as JSON that is safe for a terminal.
func shown(value any) string {
	text, err := lineOf(value)
	if err != nil {
		return "(cannot be shown)"
	}
	return visible(strings.TrimSuffix(string(text), "\n"))
}

// harmless returns a line of JSON for a stream: a terminal gets it with the escapes that it
// needs, and a program as it is.
func (e Env) harmless(stream any, line []byte) []byte {
	if text, whole := strings.CutSuffix(string(line), "\n"); whole && e.terminal(stream) {
		return []byte(visible(text) + "\n")
	}
	return line
}

// visible escapes, as JSON does, the characters that control a terminal or the direction of
// text.
func visible(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
