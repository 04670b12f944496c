package clerktest

import (
	"errors"
	"fmt"
	"strings"
)

// seedError says which part of a seed is invalid. addAll sets list and index.
type seedError struct {
	list  string // "users" and so on
	index int
	field string // "" for the whole part
	err   error
}

func (e *seedError) Error() string {
	return fmt.Sprintf("%s %d: %v", strings.TrimSuffix(e.list, "s"), e.index+1, e.err)
}

func (e *seedError) Unwrap() error { return e.err }

func bad(field, format string, args ...any) error {
	return &seedError{field: field, err: fmt.Errorf(format, args...)}
}

func taken(field, value string) error { return bad(field, "%s %q is taken", field, value) }

// addAll adds the parts of a list up to the first error, a *seedError.
func addAll[T any](list string, parts []T, add func(int, T) error) error {
	for i, part := range parts {
		err := add(i, part)
		if err == nil {
			continue
		}
		e, ok := errors.AsType[*seedError](err)
		if !ok {
			e = &seedError{err: err}
		}
		e.list, e.index = list, i
		return e
	}
	return nil
}
