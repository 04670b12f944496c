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
// are a *FormatError, and like an error of r the last thing it yields. It reads r as it is
// walked, so it can be walked once.
func ReadCSV(r io.Reader) iter.Seq2[Change, error] { return readTable(r, anyDelimiter) }

// ReadDelimited is ReadCSV with a known delimiter: one character other than a quote or the
// end of a line, which are a *FormatError.
func ReadDelimited(r io.Reader, delimiter rune) iter.Seq2[Change, error] {
	return readTable(r, delimiter)
}

func readTable(r io.Reader, delimiter rune) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		h, err := readHeader(in, delimiter)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				yield(Change{Line: 1, fault: err}, err)
			}
			return
		}
		limited := &recordLimit{r: in}
		reader := csv.NewReader(limited)
		reader.ReuseRecord = true
		reader.Comma = h.delimiter
		reader.FieldsPerRecord = len(h.columns)
		line := h.lines
		for {
			limited.left = MaxLine
			record, err := reader.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if limited.over { // whatever package csv found in the part that was read
				err = errLongRecord
			}
			c := Change{Line: line + 1} // about: what could not be read has no position
			if parse, ok := errors.AsType[*csv.ParseError](err); ok {
				c.Line = h.lines + parse.StartLine
			}
			if err == nil {
				at, _ := reader.FieldPos(0)
				c, err = parseRecord(h.columns, record, h.lines+at)
			} else {
				err = recordError(c.Line, len(record), len(h.columns), err)
			}
			line, c.fault = c.Line, err
			if !yield(c, err) || ends(err) {
				return
			}
		}
	}
}

// recordError returns the error of a record that could not be read, with its line. An
// error of the source stays as it is.
func recordError(line, cells, columns int, err error) error {
	parse, faulty := errors.AsType[*csv.ParseError](err)
	switch {
	case faulty && parse.StartLine != parse.Line:
		return &FormatError{line, fmt.Errorf("%w: the record that begins here has %d lines: is a quote not closed?", parse.Err, parse.Line-parse.StartLine+1)}
	case errors.Is(err, csv.ErrFieldCount):
		return &LineError{line, fmt.Errorf("the number of cells is %d, and the number of columns %d: is the delimiter within a cell, which then needs quotes?", cells, columns)}
	case faulty:
		return &LineError{line, parse.Err}
	case errors.Is(err, errLongRecord):
		return &FormatError{line, err}
	default:
		return err
	}
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

// parseRecord reads a change and checks it. The error is a *LineError.
func parseRecord(columns []column, record []string, line int) (Change, error) {
	c := Change{Line: line, verb: Patch}
	if !slices.ContainsFunc(record, func(cell string) bool { return strings.Trim(cell, " \t") != "" }) {
		return c, nil // a row that spreadsheets leave behind
	}
	err := c.parseCells(columns, record)
	if err == nil {
		c = c.checked()
		err = c.fault
	}
	if err != nil {
		return c, &LineError{line, err}
	}
	return c, nil
}

func (c *Change) parseCells(columns []column, record []string) error {
	var paths []string
	for i, col := range columns {
		if record[i] == "" || col.kind == ofMetadata {
			continue
		}
		if err := col.parse(c, &paths, record[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	var trees [3]map[string]any
	for i, col := range columns {
		if col.kind != ofMetadata || record[i] == "" {
			continue
		}
		if c.verb == Unset {
			return fmt.Errorf("column %d: an unset takes its paths from the column paths", i+1)
		}
		if err := col.put(c, &trees, record[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	if err := c.parseTrees(trees); err != nil {
		return err
	}
	if c.verb != Unset && len(paths) > 0 {
		return fmt.Errorf("the column paths is for an unset, and the verb is %s", c.verb)
	}
	return c.parsePaths(paths)
}

// parse reads a cell without metadata.
func (col column) parse(c *Change, paths *[]string, cell string) error {
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
	case ofVerb:
		c.verb = Verb(strings.ToLower(cell))
		if c.verb != Patch && c.verb != Replace && c.verb != Unset {
			hint := nearest.Hint(cell, []string{string(Patch), string(Replace), string(Unset)})
			return fmt.Errorf("verb %q is unknown; expected patch, replace or unset%s", short(cell), hint)
		}
	case ofPaths:
		*paths = strings.Fields(cell)
	case ofNothing:
		return errors.New("it has no name, and the cell is not empty")
	}
	return nil
}

// parseTrees sets the fields of which the row has single keys.
func (c *Change) parseTrees(trees [3]map[string]any) error {
	for i, tree := range trees {
		if tree == nil {
			continue
		}
		text, err := json.Marshal(tree)
		if err != nil {
			return err
		}
		if err := c.parseField(entity.Field(i), text); err != nil {
			return err
		}
	}
	return nil
}

// put reads a cell of metadata: the whole field, or a leaf of its tree.
func (col column) put(c *Change, trees *[3]map[string]any, cell string) error {
	if len(col.keys) == 0 {
		return c.parseField(entity.Field(col.field), []byte(cell))
	}
	var leaf any = cell
	if !utf8.ValidString(cell) {
		return metadata.ErrInvalidString
	}
	if col.json {
		if err := jsonscan.Check([]byte(cell)); err != nil {
			if strings.EqualFold(cell, "true") || strings.EqualFold(cell, "false") {
				return fmt.Errorf("%w: true and false are written in small letters", err)
			}
			return err
		}
		leaf = json.RawMessage(cell)
	}
	if trees[col.field] == nil {
		trees[col.field] = map[string]any{}
	}
	pointer.Set(trees[col.field], col.keys, leaf) // the columns do not clash
	return nil
}
