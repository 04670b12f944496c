package bulk

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
)

// MaxLine bounds the bytes of a change in JSON or a record of CSV: three full fields, and what
// they were read as, need less, however they are escaped.
const MaxLine = 512 << 10

// LineError reports a fault of the input. Its text quotes keys, ids and names of columns,
// and never a metadata value.
type LineError struct {
	// Line counts from 1.
	Line int
	// Last reports that nothing behind the fault can be read: the input is in another form,
	// or the beginning of the next change is unknown.
	Last bool
	// Err is the reason, never nil where a reader yields the LineError.
	Err error
}

// Error is "line 3: …".
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Err) }

// Unwrap returns the reason.
func (e *LineError) Unwrap() error { return e.Err }

// SkipInvalid leaves out the changes that a reader found faulty, and calls report with
// each *LineError. Other errors pass, and so does a LineError that is the Last, so that a
// part of an input is not taken for the whole.
func SkipInvalid(changes iter.Seq2[Change, error], report func(*LineError)) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for c, err := range changes {
			if bad, ok := errors.AsType[*LineError](err); ok && !bad.Last {
				report(bad)
			} else if !yield(c, err) {
				return
			}
		}
	}
}

// source reads the next change of an input; the error is io.EOF at the end, a *LineError
// for a fault, or that of the input.
type source func() (Change, error)

// read returns the changes of r, checked.
func read(r io.Reader, open func(*bufio.Reader) source) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		next, sameWay := open(in), uniform()
		if first, _ := in.Peek(4); notUTF8(first) {
			next = func() (Change, error) { return Change{Line: 1}, &LineError{1, true, errUTF16} }
		}
		for {
			c, err := next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil {
				c = c.withName().checked()
				if c.fault = cmp.Or(c.fault, sameWay(c)); c.fault != nil {
					err = &LineError{Line: c.Line, Err: c.fault}
				}
			}
			c.fault = err
			bad, faulty := errors.AsType[*LineError](err)
			if !yield(c, err) || err != nil && (!faulty || bad.Last) {
				return
			}
		}
	}
}

// mark is the byte order mark of UTF-8.
const mark = "\uFEFF"

var errUTF16 = errors.New("the text is UTF-16 or UTF-32: save it as UTF-8, or convert it (iconv -f UTF-16 -t UTF-8)")

// notUTF8 reports whether an input begins with a byte order mark of UTF-16, or has the zero
// byte that UTF-16 has in every character of JSON and of a column's name.
func notUTF8(first []byte) bool {
	for i, b := range first {
		if b == 0 || i == 0 && b >= 0xFE {
			return true
		}
	}
	return false
}

// skip skips a text if it is next.
func skip(r *bufio.Reader, text string) bool {
	if next, _ := r.Peek(len(text)); string(next) != text {
		return false
	}
	_, _ = r.Discard(len(text)) // they are there
	return true
}
