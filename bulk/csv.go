package bulk

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

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
//   - user, organization: ids; at least one of the two columns, both for a
//     membership.
//   - verb: patch, replace or unset; without the column, or where the cell is
//     empty, patch.
//   - FIELD/KEY or FIELD/KEY/KEY…: the cell is a string to be stored there.
//   - the same with :json behind it: the cell is JSON; null removes the key in a
//     patch and is stored in a replace.
//   - FIELD: the cell is a JSON object, all of the field.
//   - paths: what an unset removes, separated by blanks.
//
// FIELD is public_metadata, private_metadata or unsafe_metadata. An empty cell is
// left alone; the empty string is "" in a :json column. Other columns are
// refused, and so are columns of which one lies inside another.
//
// Errors and walks are as for ReadNDJSON. A header that is faulty is a
// *LineError and the last thing that is yielded.
func ReadCSV(r io.Reader) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		limited := &recordLimit{r: r}
		reader := csv.NewReader(limited)
		reader.ReuseRecord = true
		limited.left = MaxLine
		header, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var columns []column
		if err == nil {
			columns, err = parseHeader(header)
		}
		if err != nil {
			yield(Change{Line: 1}, csvError(1, err))
			return
		}
		line := 1
		for {
			limited.left = MaxLine
			record, err := reader.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if len(record) > 0 {
				line, _ = reader.FieldPos(0)
			} else {
				line++ // about: a record that could not be read has no position
			}
			var c Change
			if err == nil {
				c, err = parseRecord(columns, record)
			}
			c.Line = line
			if err != nil {
				err = csvError(line, err)
			}
			var bad *LineError
			if !yield(c, err) || err != nil && (!errors.As(err, &bad) || errors.Is(err, errLongRecord)) {
				return
			}
		}
	}
}

// csvError gives an error its line. What the source of the bytes had to say
// stays as it is.
func csvError(line int, err error) error {
	var parse *csv.ParseError
	var inner *cellError
	switch {
	case errors.As(err, &parse):
		return &LineError{parse.StartLine, parse.Err}
	case errors.As(err, &inner), errors.Is(err, errLongRecord):
		return &LineError{line, err}
	default:
		return err
	}
}

// cellError is about what a record holds, not about reading it.
type cellError struct{ err error }

func (e *cellError) Error() string { return e.err.Error() }
func (e *cellError) Unwrap() error { return e.err }

func cellf(format string, args ...any) error { return &cellError{fmt.Errorf(format, args...)} }

var errLongRecord = fmt.Errorf("a record is longer than %d bytes: is a quote not closed?", MaxLine)

// recordLimit bounds what is read for one record: an open quote would take in
// the rest of the file.
type recordLimit struct {
	r    io.Reader
	left int
}

// Read reads until the bound.
func (l *recordLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLongRecord
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}

// column is what a column holds.
type column struct {
	name string // user, organization, verb, paths or ""
	// A column of metadata has a field and, unless it is the whole, keys.
	field int
	keys  []string
	json  bool
}

func parseHeader(header []string) ([]column, error) {
	columns := make([]column, len(header))
	ids := 0
	seen := map[string]bool{}
	for i, name := range header {
		if i == 0 {
			name = strings.TrimPrefix(name, "\uFEFF")
		}
		c, err := parseColumn(name)
		if err != nil {
			return nil, &cellError{err}
		}
		if c.name == "user" || c.name == "organization" {
			ids++
		}
		key := c.name
		if c.name == "" {
			key = fields[c.field] + "\x00" + strings.Join(c.keys, "\x00") // no key holds one in practice, and a clash is only refused
		}
		if seen[key] {
			return nil, cellf("column %q occurs twice", short(name))
		}
		seen[key] = true
		columns[i] = c
	}
	if ids == 0 {
		return nil, cellf("there is neither a column user nor organization")
	}
	return columns, clash(columns)
}

func parseColumn(name string) (column, error) {
	switch name {
	case "user", "organization", "verb", "paths":
		return column{name: name}, nil
	}
	if i, known := fieldIndex(name); known {
		return column{field: i, json: true}, nil
	}
	path, isJSON := strings.CutSuffix(name, ":json")
	field, keys, err := splitPath(path)
	if err != nil {
		return column{}, fmt.Errorf("column %q is none that there is: user, organization, verb, paths, FIELD, FIELD/KEY, FIELD/KEY:json", short(name))
	}
	return column{field: field, keys: keys, json: isJSON}, nil
}

// clash refuses columns of which one lies inside another.
func clash(columns []column) error {
	for i, a := range columns {
		for j, b := range columns {
			if i != j && a.name == "" && b.name == "" && a.field == b.field && len(a.keys) < len(b.keys) &&
				strings.Join(a.keys, "\x00") == strings.Join(b.keys[:len(a.keys)], "\x00") {
				return cellf("columns %d and %d: one lies inside the other", i+1, j+1)
			}
		}
	}
	return nil
}

func parseRecord(columns []column, record []string) (Change, error) {
	c := Change{Verb: Patch}
	for i, col := range columns {
		switch cell := record[i]; {
		case cell == "" || col.name == "":
		case !utf8.ValidString(cell):
			return c, cellf("column %d: %w", i+1, metadata.ErrInvalidString)
		case col.name == "user":
			c.Entity.UserID = cell
		case col.name == "organization":
			c.Entity.OrganizationID = cell
		case col.name == "verb":
			c.Verb = Verb(cell)
		case col.name == "paths":
			c.Unset = strings.Fields(cell)
		}
	}
	var trees [3]map[string]any
	for i, col := range columns {
		if col.name != "" || record[i] == "" {
			continue
		}
		if c.Verb == Unset {
			return c, cellf("column %d: an unset takes its paths from the column paths", i+1)
		}
		if err := col.put(&c, &trees, record[i]); err != nil {
			return c, cellf("column %d: %w", i+1, err)
		}
	}
	for i, tree := range trees {
		if tree == nil {
			continue
		}
		text, err := json.Marshal(tree)
		if err == nil {
			err = c.parseField(fields[i], text)
		}
		if err != nil {
			return c, &cellError{err}
		}
	}
	if err := c.Check(); err != nil {
		return c, &cellError{err}
	}
	return c, nil
}

// put takes a cell: the whole field, or a leaf of its tree.
func (col column) put(c *Change, trees *[3]map[string]any, cell string) error {
	if len(col.keys) == 0 {
		return c.parseField(fields[col.field], []byte(cell))
	}
	var leaf any = cell
	if !utf8.ValidString(cell) {
		return metadata.ErrInvalidString
	}
	if col.json {
		// Wrapped, so that whatever metadata refuses is refused here with the
		// column, doubled keys for one.
		if _, err := metadata.ParsePatch([]byte(`{"value":` + cell + `}`)); err != nil || !json.Valid([]byte(cell)) {
			return metadata.ErrSyntax
		}
		leaf = json.RawMessage(cell)
	}
	if trees[col.field] == nil {
		trees[col.field] = map[string]any{}
	}
	at := trees[col.field]
	last := len(col.keys) - 1
	for _, key := range col.keys[:last] {
		next, _ := at[key].(map[string]any)
		if next == nil {
			next = map[string]any{}
			at[key] = next
		}
		at = next
	}
	at[col.keys[last]] = leaf
	return nil
}
