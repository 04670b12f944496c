package bulk

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

const (
	anyDelimiter = 0       // the delimiter that the names of the columns suggest
	delimiters   = ",;\t|" // those that the names can suggest
	// maxKeys bounds the keys in the name of a column, and maxNested those in all names
	// together: each row makes as many objects.
	maxKeys   = 100
	maxNested = 10_000
	// jsonSuffix ends the name of a column whose cells are JSON.
	jsonSuffix = ":json"
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
	ofWas          = "was"     // names the reading of a row of a table of edits
	ofFailure      = "failure" // and the keys inside it, see Result.FailureLine
)

type column struct {
	kind string
	path // of a column of metadata; without keys it is the whole field
	json bool
}

// id is equal for columns of the same data.
func (col column) id() string {
	if col.kind == ofMetadata {
		return col.String()
	}
	return col.kind
}

// read reads the names of the columns. The error is a *LineError, io.EOF for an empty
// input, or that of r.
func (h *header) read(r *bufio.Reader) error {
	skip(r, mark)
	text, err := h.record(r)
	if err != nil {
		return err
	}
	if named, is := separator(text); is {
		if h.delimiter != anyDelimiter && h.delimiter != named {
			return &LineError{h.lines, true, fmt.Errorf("the delimiter is %q here, and %q was given", named, h.delimiter)}
		}
		h.delimiter = named
		if text, err = h.record(r); err != nil {
			return err
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
		return &LineError{h.first, true, err}
	}
	return nil
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
			return "", &LineError{h.first, true, errLongRecord}
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
	tried := []rune{h.delimiter}
	if h.delimiter == anyDelimiter {
		tried = []rune(delimiters)
	}
	var fits []rune
	most, reason := -2, error(nil)
	for _, d := range tried {
		columns, known, err := parseHeader(text, d)
		if err == nil {
			fits = append(fits, d)
		}
		if err == nil && len(fits) == 1 {
			h.delimiter, h.columns = d, columns
		}
		if known > most {
			most, reason = known, err
		}
	}
	switch {
	case len(fits) == 1, len(fits) == len(tried): // all, where there is one column
		return nil
	case len(fits) > 1:
		return fmt.Errorf("the columns can be separated with %q and with %q: name the delimiter in a line before them, such as sep=;", fits[0], fits[1])
	case most == 0 && len(tried) > 1:
		return errNoColumns
	default:
		return reason
	}
}

// errNoColumns quotes nothing: the first line may be one of values.
var errNoColumns = errors.New("it names no column, as the first line has to: " + columnNames)

const columnNames = "the columns are user, organization, email, external_id, phone_number, username, verb, paths, FIELD, FIELD/KEY and FIELD/KEY:json"

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
	at := map[string]int{}
	nested := 0
	for i, name := range names {
		c, fault := parseColumn(name)
		columns = append(columns, c)
		nested += max(0, len(c.keys)-1)
		if fault == nil && c.kind != ofNothing {
			known++
			if _, twice := at[c.id()]; twice {
				fault = fmt.Errorf("column %q occurs twice", short(name))
			}
			at[c.id()] = i
		}
		err = cmp.Or(err, fault)
	}
	_, user := at[ofUser]
	_, organization := at[ofOrganization]
	var named []string
	for _, c := range columns {
		if isName(c.kind) {
			named = append(named, c.kind)
		}
	}
	switch {
	case err != nil:
		return nil, known, err
	case nested > maxNested:
		return nil, known, fmt.Errorf("the columns have %d keys inside of objects, allowed are %d: put what is so deep into a column of the whole field", nested, maxNested)
	case len(named) > 1:
		return nil, known, fmt.Errorf("columns %s and %s both name the user: keep one", named[0], named[1])
	case !user && !organization && named == nil:
		return nil, known, errors.New("there is neither a column user nor organization, nor email, external_id, phone_number or username")
	}
	for i, c := range columns {
		for n := range c.keys {
			around := column{kind: ofMetadata, path: path{c.field, c.keys[:n]}}
			if j, there := at[around.id()]; there {
				return nil, known, fmt.Errorf("columns %d and %d: one lies inside the other", j+1, i+1)
			}
		}
	}
	return columns, known, nil
}

func parseColumn(name string) (column, error) {
	head, keys, isPath := strings.Cut(name, "/")
	head = strings.ToLower(strings.TrimFunc(head, unseen))
	field := entity.FieldIndex(head)
	switch {
	case head == ofFailure:
		return column{kind: ofFailure + "/" + keys}, nil
	case field >= 0 && !isPath:
		return column{kind: ofMetadata, path: path{field: field}, json: true}, nil
	case field < 0 && !isPath && (isName(head) || slices.Contains([]string{ofUser, ofOrganization, ofVerb, ofPaths, ofWas, ofNothing}, head)):
		return column{kind: head}, nil
	case field < 0:
		known := append(entity.User.Fields(), ofUser, ofOrganization, ofVerb, ofPaths, ofEmail, ofExternalID, ofPhoneNumber, ofUsername)
		return column{}, fmt.Errorf("column %q is unknown: %s%s", short(name), columnNames, near(strings.TrimFunc(name, unseen), known))
	}
	if plain := tidy(keys); plain != keys {
		return column{}, fmt.Errorf("column %q has white space around a key, or :json in another form, which would be part of the key: write %q", short(name), short(head+"/"+plain))
	}
	keys, isJSON := strings.CutSuffix(keys, jsonSuffix)
	if strings.Count(keys, "/") >= maxKeys {
		return column{}, fmt.Errorf("column %q has more than %d keys: put what is so deep into a column of the whole field", short(name), maxKeys)
	}
	p, err := parsePath(head + "/" + keys)
	return column{kind: ofMetadata, path: p, json: isJSON}, err
}

// unseen reports whether r is a blank or invisible.
func unseen(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }

// tidy returns a path of keys as it was most likely meant.
func tidy(path string) string {
	if i := strings.LastIndexByte(path, ':'); i >= 0 && strings.EqualFold(strings.TrimFunc(path[i+1:], unseen), "json") {
		return tidy(path[:i]) + jsonSuffix
	}
	keys := strings.Split(path, "/")
	for i, key := range keys {
		keys[i] = strings.TrimFunc(key, unseen)
	}
	return strings.Join(keys, "/")
}
