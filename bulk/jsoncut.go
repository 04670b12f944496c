package bulk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// cutter cuts a stream into JSON values: one a line, over several lines, or elements of an
// array. It finds their ends, also of faulty ones, which package jsonscan, to which a text
// is one value, cannot. The parser checks whether they are valid.
type cutter struct {
	r    *bufio.Reader
	line int // of the next byte, from 1
	// array is the line where the current array begins, 0 outside of one; before is the
	// last thing in it: [ or , or 0 for an element.
	array  int
	before byte

	// The current value: its text, up to MaxLine, its size and its first line.
	text  []byte
	size  int
	first int
	// part reports that the value takes several lines or is in an array: if it is faulty,
	// the beginning of the next one is unknown.
	part bool
}

// oneOf is what the input may look like.
const oneOf = "changes are one JSON object a line, objects over several lines, or the elements of one array"

// change reads the next change.
func (c *cutter) change() (Change, error) {
	if err := c.next(); err != nil {
		return Change{Line: c.first}, err
	}
	if c.size > MaxLine {
		return Change{Line: c.first}, &LineError{Line: c.first, Err: fmt.Errorf("is longer than %d bytes", MaxLine)}
	}
	change, err := parseLine(c.text)
	change.Line = c.first
	if err == nil {
		return change, nil
	}
	lost := c.part && errors.Is(err, metadata.ErrSyntax)
	if lost {
		err = fmt.Errorf("the object that begins here is %w", err)
	}
	return change, &LineError{c.first, lost, err}
}

// next cuts the next value.
func (c *cutter) next() error {
	for {
		b, err := c.significant()
		c.text, c.size, c.first, c.part = c.text[:0], 0, c.line, c.array > 0
		switch {
		case errors.Is(err, io.EOF) && c.part:
			return &LineError{c.array, true, errors.New("the JSON array that begins here does not end: is the file complete?")}
		case err != nil:
			return err
		case c.part && b == ']' && c.before != ',':
			c.array = 0
		case c.part && b == ',' && c.before == 0:
			c.before = b
		case c.part && (c.before == 0 || separates(b)):
			return &LineError{c.line, true, fmt.Errorf("%w: %q is no element of the array", metadata.ErrSyntax, b)}
		case c.part:
			c.before = 0
			return c.value(b)
		case b == '[':
			c.array, c.before = c.line, b
		case separates(b):
			return &LineError{c.line, true, fmt.Errorf("begins with %q, which is part of a larger JSON value: %s", b, oneOf)}
		case b == '{':
			return c.value(b)
		case b == mark[0] && skip(c.r, mark[1:]): // concatenated files have one before each part
		default:
			return c.restOfLine(b)
		}
	}
}

// separates reports whether b ends or divides JSON values.
func separates(b byte) bool { return strings.IndexByte(",]}:", b) >= 0 }

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' }

func (c *cutter) read() (byte, error) {
	b, err := c.r.ReadByte()
	if b == '\n' {
		c.line++
	}
	return b, err
}

// significant reads the next byte that is no white space.
func (c *cutter) significant() (byte, error) {
	for {
		if b, err := c.read(); err != nil || !isBlank(b) && b != '\n' {
			return b, err
		}
	}
}

func (c *cutter) keep(b byte) {
	if c.size++; c.size <= MaxLine {
		c.text = append(c.text, b)
	}
}

// value reads the value that begins with b to its end, on any line. It follows strings and
// brackets alone.
func (c *cutter) value(b byte) error {
	var open []byte // the brackets that are open
	var quoted, escaped bool
	last := b // the last byte outside of strings that is not blank; " after a string
	for {
		c.keep(b)
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = b == '\\', b != '"'
		case b == '"':
			quoted = true
		case b == '{' || b == '[':
			open = append(open, b)
		case (b == '}' || b == ']') && len(open) > 0:
			open = open[:len(open)-1]
		}
		if !quoted && !isBlank(b) {
			last = b
		}
		switch {
		case len(open) > MaxLine:
			return &LineError{c.first, true, fmt.Errorf("more than %d brackets are open", MaxLine)}
		case len(open) == 0 && !quoted && c.ends(last):
			return c.endOfLine()
		}
		var err error
		if b, err = c.read(); b == '\n' && !quoted {
			b, err = c.significant()
			if err == nil && !c.part && !continues(open[len(open)-1], last, b) {
				_ = c.r.UnreadByte() // it was read
				return c.torn()
			}
			c.part = true
		}
		switch {
		case errors.Is(err, io.EOF), err == nil && b == '\n':
			return c.torn()
		case err != nil:
			return err
		}
	}
}

// continues reports whether next, on another line, can follow last inside a bracket.
// Otherwise the line was cut off.
func continues(bracket, last, next byte) bool {
	inObject := bracket == '{'
	switch {
	case last == ':' || last == ',' && !inObject:
		return !separates(next)
	case last == '[':
		return next == ']' || !separates(next)
	case last == '{' || last == ',':
		return next == '"' || next == '}' && last == '{'
	default:
		return next == ',' || inObject && (next == ':' || next == '}') || !inObject && next == ']'
	}
}

// ends reports whether a value outside of brackets has ended with last, or, for a number
// or a word, with the byte that follows.
func (c *cutter) ends(last byte) bool {
	next, _ := c.r.Peek(1)
	return strings.IndexByte(`"}]`, last) >= 0 || len(next) > 0 && strings.IndexByte(",]} \t\r\n", next[0]) >= 0
}

// torn returns the error of a value that does not end. One that begins and breaks off on
// one line is that line; any other may include the next values.
func (c *cutter) torn() error {
	err := fmt.Errorf("%w: the object that begins here does not end", metadata.ErrSyntax)
	if c.part {
		err = fmt.Errorf("%w: %s", err, oneOf)
	}
	return &LineError{c.first, c.part, err}
}

// endOfLine checks what follows a whole value.
func (c *cutter) endOfLine() error {
	if c.array > 0 {
		return nil
	}
	for {
		b, err := c.read()
		switch {
		case errors.Is(err, io.EOF) || b == '\n':
			return nil
		case err != nil:
			return err
		case isBlank(b):
		case separates(b):
			return &LineError{c.line, true, fmt.Errorf("%q follows the object, as if it were part of a larger JSON value: %s", b, oneOf)}
		case c.part:
			return &LineError{c.line, true, fmt.Errorf("%w: more follows the object on its last line", metadata.ErrSyntax)}
		default:
			if err := c.restOfLine(b); err != nil {
				return err
			}
			return &LineError{Line: c.first, Err: fmt.Errorf("%w: more follows the object", metadata.ErrSyntax)}
		}
	}
}

// restOfLine reads b and what follows on its line, which is faulty.
func (c *cutter) restOfLine(b byte) error {
	var err error
	for err == nil && b != '\n' {
		c.keep(b)
		b, err = c.read()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
