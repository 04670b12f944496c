// Package request checks what a caller passes and encodes it, before any I/O.
package request

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Fields encodes the metadata fields of one call and keeps the first error.
type Fields struct {
	// Operation is the call's name.
	Operation string
	// MaxSize is the size in bytes that a replaced field may have; 0 is no limit.
	MaxSize int

	write bool
	post  bool
	given bool
	err   error
}

// Patch encodes a field of a PATCH; nil leaves the field alone.
func (f *Fields) Patch(param string, p metadata.Patch) json.RawMessage {
	f.write = true
	if p == nil || f.err != nil {
		return nil
	}
	f.given = f.given || len(p) > 0
	raw, err := p.MarshalJSON()
	return f.encoded(param, raw, err)
}

// Value encodes a field of a PUT; nil leaves the field alone.
func (f *Fields) Value(param string, v metadata.Value) json.RawMessage {
	f.write = true
	if v.IsZero() || f.err != nil {
		return nil
	}
	f.given = true
	if f.MaxSize > 0 && v.Size() > f.MaxSize {
		return f.encoded(param, nil, fmt.Errorf("%w: %d bytes, Clerk's documented limit is %d", clerkerr.ErrTooLarge, v.Size(), f.MaxSize))
	}
	raw, err := v.MarshalJSON()
	return f.encoded(param, raw, err)
}

func (f *Fields) encoded(param string, raw []byte, err error) json.RawMessage {
	if err != nil {
		f.Check(clerkerr.Invalid(f.Operation, param, err))
		return nil
	}
	return raw
}

// Post says that the call is a POST: it creates or revokes something, which needs no
// metadata, and is not repeated where it may have done so.
func (f *Fields) Post() { f.write, f.given, f.post = true, true, true }

// New encodes a metadata field of what is created; a zero Value leaves it out.
func (f *Fields) New(param string, v metadata.Value) json.RawMessage {
	raw := f.Value(param, v)
	if string(raw) == "null" {
		return f.encoded(param, nil, errors.New("is null: a new field holds an object; leave it out for none"))
	}
	return raw
}

// Check keeps the error of another check of the same call, if it is the first.
func (f *Fields) Check(err error) {
	if f.err == nil {
		f.err = err
	}
}

// IsWrite reports whether a field was encoded, one that is left alone included.
func (f *Fields) IsWrite() bool { return f.write }

// IsPost reports whether the call is a POST.
func (f *Fields) IsPost() bool { return f.post }

// Err returns the first error. A write in which no field holds a change is
// clerkerr.ErrNothingToWrite.
func (f *Fields) Err() error {
	if f.err == nil && f.write && !f.given {
		return clerkerr.Invalid(f.Operation, "", fmt.Errorf("%w: no metadata field holds a change", clerkerr.ErrNothingToWrite))
	}
	return f.err
}

// Context refuses a nil context.
func Context(operation string, ctx context.Context) error { //nolint:revive // the operation comes first in every check
	if ctx == nil {
		return clerkerr.Invalid(operation, "ctx", errors.New("is nil: pass context.Background() at least"))
	}
	return nil
}
