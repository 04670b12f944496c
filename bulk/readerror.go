package bulk

import (
	"errors"
	"fmt"
	"iter"
)

// LineError reports a faulty change of the input; the next one can be read. Its text quotes
// keys and ids and never a metadata value.
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

// FormatError reports the line from which the input cannot be read: it is in another form,
// or the beginning of the next change is unknown. It is the last thing that a reader
// yields, and SkipInvalid passes it, so that a part of an input is not taken for the whole.
// Its text quotes keys and names of columns and never a metadata value.
type FormatError struct {
	// Line counts from 1.
	Line int
	// Err is the reason and what to do, never nil.
	Err error
}

// Error is "line 3: …".
func (e *FormatError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Err) }

// Unwrap returns the reason.
func (e *FormatError) Unwrap() error { return e.Err }

// SkipInvalid leaves out the changes that a reader found faulty, and calls report
// with each *LineError. Other errors pass.
func SkipInvalid(changes iter.Seq2[Change, error], report func(*LineError)) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for c, err := range changes {
			if bad, ok := errors.AsType[*LineError](err); ok {
				report(bad)
			} else if !yield(c, err) {
				return
			}
		}
	}
}

// ends reports whether err is the last thing that a reader yields.
func ends(err error) bool {
	_, bad := errors.AsType[*LineError](err)
	return err != nil && !bad
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
