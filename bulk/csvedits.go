package bulk

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// ReadEdits reads the edits of a table that WriteCSV wrote and someone edited, together with
// what was read then. Of each row the cells are what the keys become:
//
//   - an empty cell is a key that is absent: where it was there, it is removed;
//   - an apostrophe at the beginning of a cell is not part of it: spreadsheets leave such a
//     cell alone;
//   - true and false may have capitals, in which spreadsheets write them;
//   - everything else is as ReadCSV has it.
//
// Keys without a column stay as they are. Rows and columns may be in any order, and rows may
// be missing. A row that comes twice, whose entity was lacks, or that belongs to another
// reading, which the column was shows, is a *LineError. If the file of was has changed, or
// cannot be read, that is the Last one. The delimiter is 0 for an unknown one, as for
// ReadDelimited. ReadEdits reads r as it is walked, so it can be walked once.
func ReadEdits(r io.Reader, delimiter rune, was *Was) iter.Seq2[Change, error] {
	return read(r, func(in *bufio.Reader) source {
		t := &table{in: in, header: header{delimiter: delimiter}, was: was}
		if was == nil {
			t.was = &Was{}
		}
		t.rows = make([]int32, len(t.was.lines))
		return t.change
	})
}

// ErrNoWas is the fault of a table with a column was that is read without what was read: its
// cells are no changes by themselves.
var ErrNoWas = errors.New(`column "was" shows that the table was written to be edited: read it together with the file of what was read, which was written beside it`)

// Faults of a table of edits.
var (
	errNoEdits      = errors.New(`the column "was" is missing, which shows what the rows were read as: keep it, or export again`)
	errOtherReading = errors.New(`the column "was" is not that of the file of what was read: the table and the file are of two exports`)
	errInTheWay     = errors.New("the key is inside of what is no object")
)

// fits checks that the columns are those of a table of edits, or of one of changes.
func (t *table) fits() error {
	has := map[string]bool{}
	for _, col := range t.columns {
		has[col.kind] = true
	}
	switch {
	case t.was == nil && has[ofWas]:
		return ErrNoWas
	case t.was == nil:
		return nil
	case !has[ofWas]:
		return errNoEdits
	case slices.ContainsFunc(t.columns, func(col column) bool { return isName(col.kind) }):
		return errors.New("a table of edits names users by id, as they were read")
	case has[ofVerb] || has[ofPaths]:
		return errors.New("a table of edits has no column verb or paths: what changes is the difference to what was read")
	}
	return nil
}

// parseEdit reads a row of a table of edits.
func (t *table) parseEdit(record []string) (Change, error) {
	var c Change
	reading := ""
	for i, col := range t.columns {
		switch col.kind {
		case ofWas:
			reading = record[i]
		case ofUser, ofOrganization, ofNothing:
			if err := col.parse(&c, nil, record[i]); record[i] != "" && err != nil {
				return c, fmt.Errorf("column %d: %w", i+1, err)
			}
		}
	}
	at, found, err := t.was.find(c.entity)
	switch {
	case err != nil:
		return c, &LineError{t.line, true, err}
	case at < 0:
		return c, fmt.Errorf("%s is not in the file of what was read: an edit is of an entity that was exported", c.entity)
	case t.rows[at] != 0:
		return c, fmt.Errorf("%s is in line %d as well: one row edits an entity", c.entity, t.rows[at])
	}
	t.rows[at] = int32(t.line)
	c = found
	if want, err := c.reading(); err != nil || want != reading {
		return c, cmp.Or(err, errOtherReading)
	}
	for field, name := range entity.User.Fields() {
		if c.now[field], err = t.edited(c.was[field], field, record); err != nil {
			return c, fmt.Errorf("%s: %w", name, err)
		}
	}
	return c, nil
}

// edited returns what the cells of a row make of a field.
func (t *table) edited(was metadata.Object, field int, record []string) (metadata.Object, error) {
	members, err := was.Map()
	if err != nil {
		return was, err
	}
	for i, col := range t.columns {
		if col.kind != ofMetadata || col.field != field {
			continue
		}
		cell := strings.TrimPrefix(record[i], "'")
		switch {
		case was.IsZero() && record[i] != "":
			return was, errNotRead
		case len(col.keys) == 0:
			if cell != "" {
				return metadata.ParseObject([]byte(cell))
			}
		case record[i] == "":
			remove(members, col.keys)
		default:
			if col.json && (strings.EqualFold(cell, "true") || strings.EqualFold(cell, "false")) {
				cell = strings.ToLower(cell)
			}
			leaf, err := col.leaf(cell)
			if err != nil {
				return was, fmt.Errorf("column %d: %w", i+1, err)
			}
			if !pointer.Set(members, col.keys, leaf) {
				return was, fmt.Errorf("column %d: %w", i+1, errInTheWay)
			}
		}
	}
	now, err := metadata.Of(members).Object()
	if err != nil {
		return was, err
	}
	if changed, err := metadata.Changed(was, now); err != nil || len(changed) == 0 {
		return was, err // a null too
	}
	return now, nil
}

// remove removes a key, however deep.
func remove(members map[string]any, keys []string) {
	last := len(keys) - 1
	inner, _ := pointer.Lookup(members, keys[:last])
	if object, is := inner.(map[string]any); is {
		delete(object, keys[last])
	}
}
