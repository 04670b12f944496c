package bulk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// MaxLine is how many bytes a line of NDJSON, or a record of CSV, may have:
// more than three full fields need, however they are escaped.
const MaxLine = 256 << 10

// LineError says what is wrong with a line of the input. Its text quotes keys
// and ids and never a metadata value.
type LineError struct {
	// Line counts from 1.
	Line int
	// Err is the reason, never nil where a reader yields the LineError.
	Err error
}

// Error is "line 3: …".
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Err) }

// Unwrap returns the reason.
func (e *LineError) Unwrap() error { return e.Err }

// SkipInvalid leaves out the lines that a reader found faulty, and tells of each.
// Other errors pass.
func SkipInvalid(changes iter.Seq2[Change, error], tell func(*LineError)) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for c, err := range changes {
			var bad *LineError
			if errors.As(err, &bad) {
				tell(bad)
				continue
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

// ReadNDJSON reads changes, one JSON object a line:
//
//	{"user":"user_1","patch":{"private_metadata":{"plan":"pro","trial":null}}}
//	{"organization":"org_1","replace":{"public_metadata":{}}}
//	{"organization":"org_1","user":"user_1","unset":["private_metadata/billing/trial"]}
//
// user names a user, organization an organization, both a membership. In a patch
// null removes a key; in a replace nulls are data, and a field that is null is
// stored as null. Blank lines are skipped, unknown members are refused, and so
// are keys that occur twice.
//
// A line that is faulty is a *LineError, and the sequence goes on behind it; an
// error of r is the last thing it yields. It reads r as it is walked, so it can
// be walked once.
func ReadNDJSON(r io.Reader) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		lines := &lineReader{r: bufio.NewReaderSize(r, 64<<10)}
		for {
			text, err := lines.next()
			var bad *LineError
			switch {
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				if !yield(Change{Line: lines.line}, err) || !errors.As(err, &bad) {
					return
				}
				continue
			case len(text) == 0:
				continue
			}
			c, err := parseLine(text)
			c.Line = lines.line
			if err != nil {
				err = &LineError{lines.line, err}
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

// lineReader reads lines of bounded length.
type lineReader struct {
	r    *bufio.Reader
	line int
	text []byte
}

// next returns a line without its white space, a *LineError for one that is too
// long, io.EOF at the end.
func (l *lineReader) next() ([]byte, error) {
	l.text = l.text[:0]
	length := 0
	for {
		part, err := l.r.ReadSlice('\n')
		if length += len(part); length <= MaxLine {
			l.text = append(l.text, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || length == 0) {
			return nil, err
		}
		l.line++
		if length > MaxLine {
			return nil, &LineError{l.line, fmt.Errorf("is longer than %d bytes", MaxLine)}
		}
		text := l.text
		if l.line == 1 {
			text = bytes.TrimPrefix(text, []byte("\uFEFF"))
		}
		return bytes.Trim(text, " \t\r\n"), nil
	}
}

// parseLine reads a change and checks it.
func parseLine(text []byte) (Change, error) {
	var c Change
	err := members(text, func(key string, value json.RawMessage) error {
		switch key {
		case "user":
			return parseID(key, value, &c.Entity.UserID)
		case "organization":
			return parseID(key, value, &c.Entity.OrganizationID)
		case string(Patch), string(Replace), string(Unset):
			if c.Verb != "" {
				return errors.New("only one of patch, replace and unset may be given")
			}
			c.Verb = Verb(key)
			return c.parseVerb(value)
		default:
			return fmt.Errorf("unknown member %q", short(key))
		}
	})
	if err == nil && c.Verb == "" {
		err = errors.New("one of patch, replace and unset is missing")
	}
	if err == nil {
		err = c.Check()
	}
	return c, err
}

func parseID(key string, value json.RawMessage, id *string) error {
	if err := json.Unmarshal(value, id); err != nil || *id == "" {
		return fmt.Errorf("%s is no id", key)
	}
	return nil
}

func (c *Change) parseVerb(value json.RawMessage) error {
	if c.Verb == Unset {
		if err := json.Unmarshal(value, &c.Unset); err != nil {
			return errors.New("unset is no array of paths")
		}
		return nil
	}
	err := members(value, func(key string, value json.RawMessage) error {
		return c.parseField(key, value)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.Verb, err)
	}
	return nil
}

// parseField sets a field of the verb from JSON text.
func (c *Change) parseField(name string, text []byte) error {
	i, known := fieldIndex(name)
	if !known {
		return fmt.Errorf("unknown field %q", short(name))
	}
	var err error
	if c.Verb == Replace {
		err = c.Replace.at(i).UnmarshalJSON(text)
	} else {
		*c.Patch.at(i), err = metadata.ParsePatch(text)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// members walks over an object in its order and refuses keys that occur twice.
func members(text []byte, visit func(key string, value json.RawMessage) error) error {
	if !json.Valid(text) {
		return metadata.ErrSyntax
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("is no JSON object")
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		key, _ := t.(string)
		if err != nil {
			return metadata.ErrSyntax
		}
		if seen[key] {
			return fmt.Errorf("%q: %w", short(key), metadata.ErrDuplicateKey)
		}
		seen[key] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return metadata.ErrSyntax
		}
		if err := visit(key, value); err != nil {
			return err
		}
	}
	return nil
}
