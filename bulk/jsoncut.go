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
	// opened is the line where the current array begins, 0 outside of one; before is the
	// last thing in it: [ or , or 0 for an element.
	opened int
	before byte
	text   []byte
	last   byte // the last byte that was read
	back   bool // last is to be read again
}

// cut is a value and its place.
type cut struct {
	text  []byte // valid until the next cut
	first int    // its first line
	// part reports that the value takes several lines or is in an array: if it is faulty,
	// the beginning of the next one is unknown.
	part bool
}

func newCutter(r io.Reader) *cutter { return &cutter{r: bufio.NewReaderSize(r, 64<<10), line: 1} }

// next returns the next value, io.EOF at the end. Any error but a *LineError is the last.
func (c *cutter) next() (cut, error) {
	for {
		b, err := c.significant()
		at := cut{first: c.line, part: c.opened > 0}
		switch {
		case errors.Is(err, io.EOF) && c.opened > 0:
			return at, &FormatError{c.opened, errors.New("the JSON array that begins here does not end: is the file complete?")}
		case err != nil:
			return at, err
		case c.opened == 0 && c.skipMark(b):
		case c.opened == 0 && b == '[':
			c.opened, c.before = c.line, b
		case c.opened == 0 && strings.IndexByte(",]}:", b) >= 0:
			return at, &FormatError{c.line, fmt.Errorf("begins with %q, which is part of a larger JSON value: %s", b, oneOf)}
		case c.opened == 0:
			return c.value(b)
		case b == ']' && c.before != ',':
			c.opened = 0
		case b == ',' && c.before == 0:
			c.before = b
		case c.before == 0 || strings.IndexByte(",]}:", b) >= 0:
			return at, &FormatError{c.line, fmt.Errorf("%w: %q is no element of the array", metadata.ErrSyntax, b)}
		default:
			c.before = 0
			return c.value(b)
		}
	}
}

// oneOf is what the input may look like.
const oneOf = "changes are one JSON object a line, objects over several lines, or the elements of one array"

func (c *cutter) read() (byte, error) {
	if c.back {
		c.back = false
		return c.last, nil
	}
	var err error
	if c.last, err = c.r.ReadByte(); c.last == '\n' {
		c.line++
	}
	return c.last, err
}

// unread makes read return the last byte, which is no newline, again.
func (c *cutter) unread() { c.back = true }

// significant reads the next byte that is no white space.
func (c *cutter) significant() (byte, error) {
	for {
		if b, err := c.read(); err != nil || !isBlank(b) && b != '\n' {
			return b, err
		}
	}
}

// skipMark skips the rest of a byte order mark that begins with b: concatenated files have
// one before each part.
func (c *cutter) skipMark(b byte) bool {
	if b != mark[0] {
		return false
	}
	if next, _ := c.r.Peek(len(mark) - 1); string(next) != mark[1:] {
		return false
	}
	_, _ = c.r.Discard(len(mark) - 1) // they are there
	return true
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' }

// value reads the value that begins with b.
func (c *cutter) value(b byte) (cut, error) {
	v := cut{first: c.line, part: c.opened > 0}
	if v.part || b == '{' {
		return c.whole(v, b)
	}
	c.text = append(c.text[:0], b)
	return c.restOfLine(v, nil)
}

// whole reads a value to its end, on any line.
func (c *cutter) whole(v cut, b byte) (cut, error) {
	c.text = c.text[:0]
	lexer := lexer{}
	for size := 1; ; size++ {
		if size <= MaxLine {
			c.text = append(c.text, b)
		}
		lexer.take(b)
		if len(lexer.open) > MaxLine {
			return v, &FormatError{v.first, fmt.Errorf("more than %d brackets are open", MaxLine)}
		}
		if lexer.ended() {
			if size > MaxLine {
				return c.end(v, &LineError{v.first, errLong})
			}
			return c.end(v, nil)
		}
		var err error
		b, err = c.read()
		if err == nil && lexer.bare() && strings.IndexByte(",]} \t\r\n", b) >= 0 { // a number or a word ends before it
			if b != '\n' {
				c.unread()
			}
			return c.end(v, nil)
		}
		if err == nil && b == '\n' {
			if lexer.string {
				return c.torn(v)
			}
			if b, err = c.significant(); err == nil && !v.part && !lexer.continues(b) {
				c.unread()
				return c.torn(v)
			}
			v.part = true
		}
		switch {
		case errors.Is(err, io.EOF):
			return c.torn(v)
		case err != nil:
			return v, err
		}
	}
}

// errLong is about a line, a record or a value.
var errLong = fmt.Errorf("is longer than %d bytes", MaxLine)

// torn returns the error of a value that does not end. One that begins and breaks off on
// one line is that line; any other may include the next values.
func (c *cutter) torn(v cut) (cut, error) {
	err := fmt.Errorf("%w: the object that begins here does not end", metadata.ErrSyntax)
	if v.part {
		return v, &FormatError{v.first, fmt.Errorf("%w: %s", err, oneOf)}
	}
	return v, &LineError{v.first, err}
}

// end checks what follows a whole value.
func (c *cutter) end(v cut, err error) (cut, error) {
	v.text = c.text
	if c.opened > 0 {
		return v, err
	}
	for {
		b, failure := c.read()
		switch {
		case errors.Is(failure, io.EOF) || b == '\n':
			return v, err
		case failure != nil:
			return v, failure
		case isBlank(b):
		case strings.IndexByte(",]}:", b) >= 0:
			return v, &FormatError{c.line, fmt.Errorf("%q follows the object, as if it were part of a larger JSON value: %s", b, oneOf)}
		case v.part:
			return v, &FormatError{c.line, fmt.Errorf("%w: more follows the object on its last line", metadata.ErrSyntax)}
		default:
			return c.restOfLine(v, &LineError{v.first, fmt.Errorf("%w: more follows the object", metadata.ErrSyntax)})
		}
	}
}

// restOfLine reads to the end of a line that is faulty.
func (c *cutter) restOfLine(v cut, fault error) (cut, error) {
	size := len(c.text)
	for {
		b, err := c.read()
		if err != nil && !errors.Is(err, io.EOF) {
			return v, err
		}
		if err != nil || b == '\n' {
			break
		}
		if size++; size <= MaxLine {
			c.text = append(c.text, b)
		}
	}
	v.text = c.text
	if size > MaxLine {
		fault = &LineError{v.first, errLong}
	}
	return v, fault
}
