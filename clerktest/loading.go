package clerktest

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// seedError says which part of a seed is not sound.
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

// fieldError is an error about one field of a part.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string { return e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

func bad(field, format string, args ...any) error {
	return &fieldError{field, fmt.Errorf(format, args...)}
}

// unique holds the identifiers that a seed has used. In a large seed, a search for
// each part would take too long.
type unique map[[2]string]bool

func (u unique) take(kind, field, value string) error {
	key := [2]string{kind, value}
	if kind == "username" || kind == "email address" {
		key[1] = fold(value)
	}
	if value != "" && u[key] {
		return bad(field, "%s %q is taken", field, value)
	}
	u[key] = true
	return nil
}

func (u unique) user(seed User) error {
	err := cmp.Or(
		u.take("user", "id", seed.ID), u.take("username", "username", seed.Username), u.take("external id", "external_id", seed.ExternalID))
	for _, address := range seed.EmailAddresses {
		err = cmp.Or(err, u.take("email address", "email_addresses", address))
	}
	return err
}

// organization takes id and slug from one set, since requests name either.
func (u unique) organization(seed Organization) error {
	err := u.take("organization", "id", seed.ID)
	if seed.Slug != seed.ID {
		err = cmp.Or(err, u.take("organization", "slug", seed.Slug))
	}
	return err
}

func addAll[T any](list string, parts []T, add func(int, T) error) error {
	for i, part := range parts {
		err := add(i, part)
		if err == nil {
			continue
		}
		e := &seedError{list: list, index: i, err: err}
		var field *fieldError
		if errors.As(err, &field) {
			e.field = field.field
		}
		return e
	}
	return nil
}
