package bulk

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// Bounds of a table that WriteCSV writes.
const (
	// MaxColumns bounds the keys of all entities together: each is a column.
	MaxColumns = 1000
	// MaxCell bounds the characters of a cell: Excel drops the rest.
	MaxCell = 32_767
)

// WriteCSV writes what edits were read as, a row each, as a table that ReadEdits reads after
// someone has edited it in a spreadsheet. It walks edits twice, first for the columns: the
// ids, a column was, which names the reading, and one for each key of each field.
//
// A column whose values are all strings holds them as they are. The cells of any other, whose
// name ends in :json, are JSON, and so are those of a column with an empty string, control
// characters, or white space around a string. A cell is empty where the key is absent.
//
// A cell that a spreadsheet could take for a formula, a date or a truth value, or whose
// digits it could alter, begins with an apostrophe: strings that begin with anything but a
// letter, those with a digit and neither _ nor @, and numbers other than integers of up to
// 11 digits. The text is UTF-8 with a byte order mark, without which Excel guesses another
// encoding.
//
// It fails with the entity and the key for more than MaxColumns keys, a key that cannot be
// in the name of a column, a cell of more than MaxCell characters and a row of more than
// MaxLine bytes; and with the error of edits or w.
func WriteCSV(w io.Writer, edits iter.Seq2[Change, error]) error {
	t := &tableWriter{columns: map[fieldKey]*column{}}
	for c, err := range edits {
		if err != nil {
			return err
		}
		if err := t.measure(c); err != nil {
			return fmt.Errorf("%s: %w", c.entity, err)
		}
	}
	if err := t.begin(w); err != nil {
		return err
	}
	for c, err := range edits {
		if err != nil {
			return err
		}
		if err := t.row(w, c); err != nil {
			return fmt.Errorf("%s: %w", c.entity, err)
		}
	}
	return nil
}

// fieldKey names a key of a field.
type fieldKey struct {
	field int
	key   string
}

// tableWriter writes a table of edits.
type tableWriter struct {
	columns             map[fieldKey]*column
	order               []fieldKey
	users, organization bool // which ids there are
}

// each calls f with every key of what an edit was read as, until an error.
func each(c Change, f func(at fieldKey, value []byte) error) error {
	var failure error
	for field, object := range c.was {
		_ = jsonscan.Members(object.Raw(), func(name, value []byte) { // it was checked
			failure = cmp.Or(failure, f(fieldKey{field, jsonscan.String(name)}, value))
		})
	}
	return failure
}

// measure adds the columns of an edit.
func (t *tableWriter) measure(c Change) error {
	if c.verb != Edit {
		return errors.New("it is no edit, so nothing says what was read")
	}
	t.users = t.users || c.entity.UserID != ""
	t.organization = t.organization || c.entity.OrganizationID != ""
	return each(c, func(at fieldKey, value []byte) error {
		col := t.columns[at]
		if col == nil {
			col = &column{kind: ofMetadata, path: path{at.field, []string{at.key}}, json: strings.HasSuffix(at.key, jsonSuffix)}
			if again, err := parseColumn(col.name()); err != nil || again.id() != col.id() {
				return fmt.Errorf("%s: the key cannot be in the name of a column: export NDJSON", col.path)
			}
			if len(t.columns) == MaxColumns {
				return fmt.Errorf("%s: the key is one more than the %d that a table can have: export NDJSON", col.path, MaxColumns)
			}
			t.columns[at] = col
		}
		if _, plain := plainText(value); !plain {
			col.json = true
		}
		return nil
	})
}

// name is the name of a column of metadata.
func (col column) name() string {
	if col.json {
		return col.String() + jsonSuffix
	}
	return col.String()
}

// begin writes the names of the columns.
func (t *tableWriter) begin(w io.Writer) error {
	for at := range t.columns {
		t.order = append(t.order, at)
	}
	slices.SortFunc(t.order, func(a, b fieldKey) int { return cmp.Or(a.field-b.field, strings.Compare(a.key, b.key)) })
	names := t.cells(ofUser, ofOrganization, ofWas)
	for _, at := range t.order {
		names = append(names, t.columns[at].name())
	}
	text, err := record(names)
	if err != nil {
		return err
	}
	if err := (&header{}).parse(string(text)); err != nil {
		return fmt.Errorf("the names of the columns cannot be read back: %w: export NDJSON", err)
	}
	_, err = w.Write(append([]byte(mark), text...))
	return err
}

// cells returns the first cells of a row.
func (t *tableWriter) cells(user, organization, was string) (cells []string) {
	if t.organization {
		cells = append(cells, organization)
	}
	if t.users {
		cells = append(cells, user)
	}
	return append(cells, was)
}

// row writes an edit.
func (t *tableWriter) row(w io.Writer, c Change) error {
	reading, err := c.reading()
	if err != nil {
		return err
	}
	cells := t.cells(c.entity.UserID, c.entity.OrganizationID, reading)
	values := map[fieldKey]string{}
	err = each(c, func(at fieldKey, value []byte) error {
		col := t.columns[at]
		if col == nil {
			return errors.New("the edits are others than in the first walk")
		}
		values[at], err = col.cell(value)
		if utf8.RuneCountInString(values[at]) > MaxCell {
			err = fmt.Errorf("%s: the cell has more than %d characters, of which spreadsheets drop the rest: export NDJSON", col.path, MaxCell)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, at := range t.order {
		cells = append(cells, values[at])
	}
	text, err := record(cells)
	if err == nil && len(text) > MaxLine {
		err = fmt.Errorf("the row has more than %d bytes: export NDJSON", MaxLine)
	}
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

// record returns a line of CSV.
func record(cells []string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	err := w.Write(cells)
	w.Flush()
	return b.Bytes(), cmp.Or(err, w.Error())
}

// short integers are those that every spreadsheet shows, and saves, with all digits.
var shortInteger = regexp.MustCompile(`^-?[0-9]{1,11}$`)

// cell returns the text of a value.
func (col column) cell(value []byte) (string, error) {
	if !col.json {
		text, _ := plainText(value)
		if altered(text) {
			text = "'" + text
		}
		return text, nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, value); err != nil {
		return "", err
	}
	text := b.String()
	if isNumber := strings.IndexByte("-0123456789", text[0]) >= 0; isNumber && !shortInteger.MatchString(text) {
		text = "'" + text
	}
	return text, nil
}

// plainText returns a string that can be a cell of its own.
func plainText(value []byte) (string, bool) {
	text := jsonscan.String(value)
	return text, text != "" && text == strings.TrimSpace(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// altered reports whether a spreadsheet may take a text for something else.
func altered(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return !unicode.IsLetter(first) || strings.EqualFold(text, "true") || strings.EqualFold(text, "false") ||
		strings.ContainsFunc(text, unicode.IsDigit) && !strings.ContainsAny(text, "_@")
}
