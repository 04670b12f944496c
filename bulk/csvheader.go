package bulk

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// anyDelimiter leaves it to the names of the columns.
const anyDelimiter = 0

// delimiters are those that are looked for.
const delimiters = ",;\t|"

// maxKeys bounds how deep the name of a column reaches: a row makes as many objects of
// each of its cells.
const maxKeys = 100

// maxNested bounds those objects in all columns together, of which every row makes its
// own.
const maxNested = 10_000

// header is what the beginning of a table says.
type header struct {
	delimiter rune
	columns   []column
	first     int // the line of the names
	lines     int // how many it takes, with those before it
}

// What a column holds.
const (
	ofMetadata     = "metadata"
	ofUser         = "user"
	ofOrganization = "organization"
	ofVerb         = "verb"
	ofPaths        = "paths"
	ofNothing      = ""
)

type column struct {
	kind string
	path // of a column of metadata; without keys it is the whole field
	json bool
}

// id is the same for columns that hold the same.
func (col column) id() string {
	if col.kind != ofMetadata {
		return col.kind
	}
	return entity.Field(col.field) + "\x00" + strings.Join(col.keys, "\x00") // a clash of keys that hold a zero is only refused
}

// readHeader reads the names of the columns. The error is a *FormatError, io.EOF
// where there is nothing, or that of r.
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

// record reads the text of the next record, blank lines before it left out.
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

// separator is the delimiter that a line names, as spreadsheets have it: sep=;
func separator(text string) (rune, bool) {
	name, value, found := strings.Cut(strings.Trim(text, "\"\r\n"), "=")
	r := []rune(value)
	if !found || !strings.EqualFold(name, "sep") || len(r) != 1 || !delimits(r[0]) {
		return 0, false
	}
	return r[0], true
}

// delimits is what package csv takes.
func delimits(r rune) bool {
	return r > 0 && r != '"' && r != '\r' && r != '\n' && r != unicode.ReplacementChar && r <= unicode.MaxRune
}

// parse reads the names, with the delimiter that they are whole with.
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

// errNoColumns quotes nothing: a first line of none of the names may be one of
// values.
var errNoColumns = errors.New("it names no column, as the first line has to: " + columnNames)

const columnNames = "the columns are user, organization, verb, paths, FIELD, FIELD/KEY and FIELD/KEY:json"

// parseHeader reads the names with a delimiter, and counts those that are known: -1
// where quotes are not as they should be.
func parseHeader(text string, delimiter rune) (columns []column, known int, err error) {
	if !delimits(delimiter) {
		return nil, 0, fmt.Errorf("%q cannot separate columns", delimiter)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = delimiter
	names, err := r.Read()
	if err != nil {
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			err = parse.Err
		}
		return nil, -1, err
	}
	fail := func(e error) {
		if err == nil {
			err = e
		}
	}
	seen := map[string]bool{}
	nested := 0
	for _, name := range names {
		c, e := parseColumn(name)
		nested += max(0, len(c.keys)-1)
		if e != nil {
			fail(e)
			continue
		}
		columns = append(columns, c)
		if c.kind == ofNothing {
			continue
		}
		known++
		if seen[c.id()] {
			fail(fmt.Errorf("column %q occurs twice", short(name)))
		}
		seen[c.id()] = true
	}
	if nested > maxNested {
		fail(fmt.Errorf("the columns have %d keys inside of objects, allowed are %d: put what is so deep into a column of the whole field", nested, maxNested))
	}
	switch {
	case err != nil:
		return nil, known, err
	case !seen[ofUser] && !seen[ofOrganization]:
		return nil, known, errors.New("there is neither a column user nor organization")
	}
	return columns, known, clash(columns)
}

func parseColumn(name string) (column, error) {
	head, keys, isPath := strings.Cut(name, "/")
	head = strings.ToLower(strings.TrimFunc(head, unseen))
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
	return column{}, fmt.Errorf("column %q is not known: %s", short(name), columnNames)
}

// unseen is what people do not see around a text.
func unseen(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }

// tidy is a path of keys as it was most likely meant.
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
