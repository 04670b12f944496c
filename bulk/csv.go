package bulk

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// ReadCSV reads changes from CSV (RFC 4180) with a line of column names:
//
//	user,verb,public_metadata/role,private_metadata/seats:json,paths
//	user_1,patch,admin,12,
//	user_2,unset,,,private_metadata/trial private_metadata/seats
//
// The columns, in any order:
//
//   - user, organization: ids; at least one of the columns, both for a membership.
//   - email, external_id, phone_number or username: names the user in the place of the
//     column user; see Resolve. Beside it, says whom the id is expected to be.
//   - verb: patch, replace or unset, in any case; patch without the column or in an
//     empty cell.
//   - FIELD/KEY or FIELD/KEY/KEY…: the cell is a string to be stored there.
//   - the same and :json: the cell is JSON; null removes the key in a patch and is
//     stored in a replace.
//   - FIELD: the cell is a JSON object, all of the field.
//   - paths: what an unset removes, separated by blanks.
//   - failure, failure/KEY: ignored, see Result.FailureLine.
//   - a column without a name, if all its cells are empty.
//
// FIELD is public_metadata, private_metadata or unsafe_metadata. An empty cell changes
// nothing; the empty string is "" in a :json column. Other columns are refused, and so is
// a column inside another. Names may have capitals and white space around them. In a KEY
// capitals count, and white space around it is refused.
//
// The delimiter is the comma, semicolon, tab or vertical bar that makes columns of the
// names, or what a line before them names: sep=;. If two do, the input is refused;
// ReadDelimited takes the delimiter. Lines end with LF or CRLF. A byte order mark of UTF-8
// is skipped.
//
// A faulty record is a *LineError, and the sequence continues behind it. A faulty line of
// names, and a quote that makes one record of several lines and does not end with a cell,
// are the Last LineError, and like an error of r the last thing it yields. It reads r as it
// is walked, so it can be walked once.
func ReadCSV(r io.Reader) iter.Seq2[Change, error] { return ReadDelimited(r, anyDelimiter) }

// ReadDelimited is ReadCSV with a known delimiter: one character other than a quote or the
// end of a line, which are an error; 0 is unknown.
func ReadDelimited(r io.Reader, delimiter rune) iter.Seq2[Change, error] {
	return read(r, func(in *bufio.Reader) source { return (&table{in: in, header: header{delimiter: delimiter}}).change })
}

// table reads the records of a table.
type table struct {
	in *bufio.Reader
	header
	limit   recordLimit
	records *csv.Reader // nil until the header is read
	line    int         // where the last record began

	was  *Was    // of a table of edits
	rows []int32 // the line of each edit, in the order of was
}

// change reads the next change.
func (t *table) change() (Change, error) {
	if t.records == nil {
		if err := t.read(t.in); err != nil {
			return Change{Line: 1}, err
		}
		if err := t.fits(); err != nil {
			return Change{Line: t.first}, &LineError{t.first, true, err}
		}
		t.limit.r, t.line = t.in, t.lines
		t.records = csv.NewReader(&t.limit)
		t.records.ReuseRecord = true
		t.records.Comma = t.delimiter
		t.records.FieldsPerRecord = len(t.columns)
	}
	t.limit.left = MaxLine
	record, err := t.records.Read()
	if errors.Is(err, io.EOF) {
		return Change{}, err
	}
	parse, faulty := errors.AsType[*csv.ParseError](err)
	switch {
	case faulty:
		t.line = t.lines + parse.StartLine
	case err == nil:
		at, _ := t.records.FieldPos(0)
		t.line = t.lines + at
	default:
		t.line++ // about: what could not be read has no position
	}
	var c Change
	switch {
	case t.limit.over: // whatever package csv found in the part that was read
		err = &LineError{t.line, true, errLongRecord}
	case faulty && parse.StartLine != parse.Line:
		err = &LineError{t.line, true, fmt.Errorf("%w: the record that begins here has %d lines: is a quote not closed?", parse.Err, parse.Line-parse.StartLine+1)}
	case errors.Is(err, csv.ErrFieldCount):
		err = &LineError{Line: t.line, Err: fmt.Errorf("the number of cells is %d, and the number of columns %d: is the delimiter within a cell, which then needs quotes?", len(record), len(t.columns))}
	case faulty:
		err = &LineError{Line: t.line, Err: parse.Err}
	case err == nil:
		c, err = t.parseRecord(record)
		if _, ok := errors.AsType[*LineError](err); err != nil && !ok {
			err = &LineError{Line: t.line, Err: err}
		}
	}
	c.Line = t.line
	return c, err
}

var errLongRecord = fmt.Errorf("a record is longer than %d bytes: is a quote not closed?", MaxLine)

// recordLimit bounds the bytes of one record: an open quote would include the rest of
// the file.
type recordLimit struct {
	r    io.Reader
	left int
	over bool // the record is longer
}

// Read reads until the bound.
func (l *recordLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		l.over = true
		return 0, errLongRecord
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}

func (t *table) parseRecord(record []string) (Change, error) {
	c := Change{verb: Patch}
	if !slices.ContainsFunc(record, func(cell string) bool { return strings.Trim(cell, " \t") != "" }) {
		return c, nil // a row that spreadsheets leave behind
	}
	if t.was != nil {
		return t.parseEdit(record)
	}
	for i, col := range t.columns { // the verb first, on which other cells depend
		if col.kind == ofVerb && record[i] != "" {
			c.verb = Verb(strings.ToLower(record[i]))
		}
	}
	var trees [3]map[string]any // the fields of which the row has single keys
	for i, cell := range record {
		if cell == "" {
			continue
		}
		if err := t.columns[i].parse(&c, &trees, cell); err != nil {
			return c, fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	for i, tree := range trees {
		if tree == nil {
			continue
		}
		text, err := json.Marshal(tree)
		if err != nil {
			return c, err
		}
		if err := c.parseField(entity.Field(i), text); err != nil {
			return c, err
		}
	}
	return c, nil
}

// parse reads a cell.
func (col column) parse(c *Change, trees *[3]map[string]any, cell string) error {
	if !utf8.ValidString(cell) {
		return metadata.ErrInvalidString
	}
	switch col.kind {
	case ofUser:
		c.entity.UserID = cell
		return clean(col.kind, cell)
	case ofOrganization:
		c.entity.OrganizationID = cell
		return clean(col.kind, cell)
	case ofEmail, ofExternalID, ofPhoneNumber, ofUsername:
		return c.setName(col.kind, cell)
	case ofVerb:
		if c.verb != Patch && c.verb != Replace && c.verb != Unset {
			hint := nearest.Hint(cell, []string{string(Patch), string(Replace), string(Unset)})
			return fmt.Errorf("verb %q is unknown; expected patch, replace or unset%s", short(cell), hint)
		}
	case ofPaths:
		paths := strings.Fields(cell)
		if len(paths) > 0 && c.verb != Unset {
			return fmt.Errorf("paths are for an unset, and the verb is %s", c.verb)
		}
		return c.parsePaths(paths)
	case ofNothing:
		return errors.New("it has no name, and the cell is not empty")
	case ofMetadata:
		if c.verb == Unset {
			return errors.New("an unset takes its paths from the column paths")
		}
		if len(col.keys) == 0 {
			return c.parseField(entity.Field(col.field), []byte(cell))
		}
		leaf, err := col.leaf(cell)
		if trees[col.field] == nil {
			trees[col.field] = map[string]any{}
		}
		pointer.Set(trees[col.field], col.keys, leaf) // the columns do not clash
		return err
	}
	return nil
}

// leaf returns the value of a single key.
func (col column) leaf(cell string) (any, error) {
	if !col.json {
		return cell, nil
	}
	err := jsonscan.Check([]byte(cell))
	if err != nil && (strings.EqualFold(cell, "true") || strings.EqualFold(cell, "false")) {
		err = fmt.Errorf("%w: true and false are written in small letters", err)
	}
	return json.RawMessage(cell), err
}
