package writer

import (
	"fmt"
	"slices"
	"strings"
)

// maxFailures bounds the errors that a failuresError holds; it counts the rest.
const maxFailures = 16

// failuresError reports updates that failed. errors.Is and errors.As see those it holds.
type failuresError struct {
	total int
	held  []failure
}

type failure struct {
	number uint64 // of the update
	err    error
}

func (f *failuresError) add(number uint64, key any, err error) {
	f.total++
	if len(f.held) < maxFailures {
		f.held = append(f.held, failure{number, fmt.Errorf("%q: %w", fmt.Sprint(key), err)})
	}
}

func (f *failuresError) remove(number uint64) {
	f.total--
	f.held = slices.DeleteFunc(f.held, func(h failure) bool { return h.number == number })
}

// Error names the updates by their keys, without data.
func (f *failuresError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "updates failed: %d", f.total)
	for _, h := range f.held {
		b.WriteString("\n" + h.err.Error())
	}
	if more := f.total - len(f.held); more > 0 {
		fmt.Fprintf(&b, "\nand %d more", more)
	}
	return b.String()
}

// Unwrap returns the first failures, at most 16, in order.
func (f *failuresError) Unwrap() []error {
	errs := make([]error, len(f.held))
	for i, h := range f.held {
		errs[i] = h.err
	}
	return errs
}
