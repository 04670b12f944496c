package bulk

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
)

const (
	anyDelimiter = 0       // the delimiter that the names of the columns suggest
	delimiters   = ",;\t|" // those that the names can suggest
	// maxKeys bounds the keys in the name of a column, and maxNested those in all names
	// together: each row makes as many objects.
	maxKeys   = 100
	maxNested = 10_000
)

// header is the beginning of a table.
type header struct {
	delimiter rune
	columns   []column
	first     int // the line of the names
	lines     int // those of the header
}

// What a column holds.
const (
	ofMetadata     = "metadata"
	ofUser         = "user"
	ofOrganization = "organization"
	ofVerb         = "verb"
	ofPaths        = "paths"
	ofNothing      = ""
	whyFailed      = "failure" // and what is inside it, as Result.FailureLine writes it
)

type column struct {
	kind string
	path // of a column of metadata; without keys it is the whole field
	json bool
}

// id is equal for columns of the same data.
func (col column) id() string {
	if col.kind != ofMetadata {
		return col.kind
	}
	return entity.Field(col.field) + "\x00" + strings.Join(col.keys, "\x00") // a zero in a key refuses too much at worst
}

// readHeader reads the names of the columns. The error is a *FormatError, io.EOF for an
// empty input, or that of r.
func readHeader(r *bufio.Reader, delimiter rune) (header, error) {
	if first, _ := r.Peek(4); notUTF8(first) {
		return header{}, &FormatError{1, errUTF16}
	}
	if first, _ := r.Peek(len(mark)); string(first) == mark {
		_, _ = r.Discard(len(mark)) // they are there
	}
	h := header{delimiter: delimiter}
	text, err := h.record(r)
	if err != nil {
		return h, err
	}
	if named, is := separator(text); is {
		if delimiter != anyDelimiter && delimiter != named {
			return h, &FormatError{h.lines, fmt.Errorf("the delimiter is %q here, and %q was given", named, delimiter)}
		}
		h.delimiter = named
		if text, err = h.record(r); err != nil {
			return h, err
		}
	}
	switch trimmed := strings.TrimLeft(text, " "); {
	case strings.HasPrefix(trimmed, "{"), strings.HasPrefix(trimmed, "["):
		err = errors.New("this is JSON, not a table with column names: read it as NDJSON")
	case strings.Contains(strings.TrimRight(text, "\r\n"), "\r"):
		err = errors.New("the lines end with carriage returns alone: save the file with the line ends of Unix or Windows")
	default:
		err = h.parse(text)
	}
	if err != nil {
		return h, &FormatError{h.first, err}
	}
	return h, nil
}

// record reads the text of the next record, without blank lines before it.
func (h *header) record(r *bufio.Reader) (string, error) {
	var text []byte
	h.first = h.lines + 1
	quotes := 0
	for {
		part, err := r.ReadSlice('\n')
		text = append(text, part...)
		quotes += bytes.Count(part, []byte(`"`))
		blank := len(bytes.TrimRight(text, "\r\n")) == 0
		switch {
		case len(text) > MaxLine:
			return "", &FormatError{h.first, errLongRecord}
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (blank || !errors.Is(err, io.EOF)):
			return "", err
		}
		h.lines++
		switch {
		case blank:
			text, h.first = text[:0], h.lines+1
		case err != nil || quotes%2 == 0:
			return string(text), nil //nolint:nilerr // the end of the input ends a record
		}
	}
}

// separator returns the delimiter that a line of a spreadsheet names: sep=;
func separator(text string) (rune, bool) {
	name, value, found := strings.Cut(strings.Trim(text, "\"\r\n"), "=")
	r := []rune(value)
	if !found || !strings.EqualFold(name, "sep") || len(r) != 1 || !delimits(r[0]) {
		return 0, false
	}
	return r[0], true
}

// delimits reports whether package csv accepts r as a delimiter.
func delimits(r rune) bool {
	return r > 0 && r != '"' && r != '\r' && r != '\n' && r != unicode.ReplacementChar && r <= unicode.MaxRune
}

// parse reads the names, with the one delimiter that makes known columns of them all.
func (h *header) parse(text string) error {
	if h.delimiter != anyDelimiter {
		columns, _, err := parseHeader(text, h.delimiter)
		h.columns = columns
		return err
	}
	var fits []header
	most, reason := -2, error(nil)
	for _, d := range delimiters {
		columns, known, err := parseHeader(text, d)
		if err == nil {
			fits = append(fits, header{d, columns, h.first, h.lines})
		}
		if known > most {
			most, reason = known, err
		}
	}
	switch {
	case len(fits) == 1, len(fits) == len(delimiters): // all, where there is one column
		*h = fits[0]
		return nil
	case len(fits) > 1:
		return fmt.Errorf("the columns can be separated with %q and with %q: name the delimiter in a line before them, such as sep=;", fits[0].delimiter, fits[1].delimiter)
	case most == 0:
		return errNoColumns
	default:
		return reason
	}
}

// errNoColumns quotes nothing: the first line may be one of values.
var errNoColumns = errors.New("it names no column, as the first line has to: " + columnNames)

const columnNames = "the columns are user, organization, verb, paths, FIELD, FIELD/KEY and FIELD/KEY:json"

// parseHeader reads the names with a delimiter, and counts those that are known: -1 for
// faulty quotes.
func parseHeader(text string, delimiter rune) (columns []column, known int, err error) {
	if !delimits(delimiter) {
		return nil, 0, fmt.Errorf("%q cannot separate columns", delimiter)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = delimiter
	names, err := r.Read()
	if err != nil {
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			err = parse.Err
		}
		return nil, -1, err
	}
	seen := map[string]bool{}
	nested := 0
	for _, name := range names {
		c, fault := parseColumn(name)
		nested += max(0, len(c.keys)-1)
		columns = append(columns, c)
		if fault == nil && c.kind != ofNothing {
			known++
			if seen[c.id()] {
				fault = fmt.Errorf("column %q occurs twice", short(name))
			}
			seen[c.id()] = true
		}
		err = cmp.Or(err, fault)
	}
	switch {
	case err != nil:
		return nil, known, err
	case nested > maxNested:
		return nil, known, fmt.Errorf("the columns have %d keys inside of objects, allowed are %d: put what is so deep into a column of the whole field", nested, maxNested)
	case !seen[ofUser] && !seen[ofOrganization]:
		return nil, known, errors.New("there is neither a column user nor organization")
	}
	return columns, known, clash(columns)
}

func parseColumn(name string) (column, error) {
	head, keys, isPath := strings.Cut(name, "/")
	head = strings.ToLower(strings.TrimFunc(head, unseen))
	if head == whyFailed {
		return column{kind: whyFailed + "/" + keys}, nil
	}
	if !isPath {
		switch head {
		case ofUser, ofOrganization, ofVerb, ofPaths, ofNothing:
			return column{kind: head}, nil
		}
		if i := entity.FieldIndex(head); i >= 0 {
			return column{kind: ofMetadata, path: path{field: i}, json: true}, nil
		}
	}
	if isPath && entity.FieldIndex(head) >= 0 {
		if plain := tidy(keys); plain != keys {
			return column{}, fmt.Errorf("column %q has white space around a key, or :json in another form, which would be part of the key: write %q", short(name), short(head+"/"+plain))
		}
		keys, isJSON := strings.CutSuffix(keys, ":json")
		if strings.Count(keys, "/") >= maxKeys {
			return column{}, fmt.Errorf("column %q has more than %d keys: put what is so deep into a column of the whole field", short(name), maxKeys)
		}
		p, err := parsePath(head + "/" + keys)
		return column{kind: ofMetadata, path: p, json: isJSON}, err
	}
	known := append(entity.User.Fields(), ofUser, ofOrganization, ofVerb, ofPaths)
	return column{}, fmt.Errorf("column %q is unknown: %s%s", short(name), columnNames, nearest.Hint(head, known))
}

// unseen reports whether r is a blank or invisible.
func unseen(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }

// tidy returns a path of keys as it was most likely meant.
func tidy(path string) string {
	if i := strings.LastIndexByte(path, ':'); i >= 0 && strings.EqualFold(strings.TrimFunc(path[i+1:], unseen), "json") {
		return tidy(path[:i]) + ":json"
	}
	keys := strings.Split(path, "/")
	for i, key := range keys {
		keys[i] = strings.TrimFunc(key, unseen)
	}
	return strings.Join(keys, "/")
}

// clash refuses columns of which one lies inside another.
func clash(columns []column) error {
	at := map[string]int{}
	for i, c := range columns {
		if c.kind == ofMetadata {
			at[c.id()] = i
		}
	}
	for i, c := range columns {
		for n := range c.keys {
			around := column{kind: ofMetadata, path: path{c.field, c.keys[:n]}}
			if j, there := at[around.id()]; there {
				return fmt.Errorf("columns %d and %d: one lies inside the other", j+1, i+1)
			}
		}
	}
	return nil
}
