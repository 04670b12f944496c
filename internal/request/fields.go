package request

import (
	"encoding/json"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Fields encodes the metadata fields of one write and keeps the first error.
type Fields struct {
	// Operation is the call's name.
	Operation string
	// MaxSize is the size in bytes that a replaced field may have; 0 is no limit.
	MaxSize int

	given bool
	err   error
}

// Patch encodes a field of a PATCH; nil where it is to be left alone.
func (f *Fields) Patch(param string, p metadata.Patch) json.RawMessage {
	if p == nil || f.err != nil {
		return nil
	}
	f.given = f.given || len(p) > 0
	raw, err := p.MarshalJSON()
	f.fail(param, err)
	return raw
}

// Value encodes a field of a PUT; nil where it is to be left alone.
func (f *Fields) Value(param string, v metadata.Value) json.RawMessage {
	if v.IsZero() || f.err != nil {
		return nil
	}
	f.given = true
	if f.MaxSize > 0 && v.Size() > f.MaxSize {
		f.fail(param, fmt.Errorf("%w: %d bytes, Clerk's documented limit is %d", clerkerr.ErrTooLarge, v.Size(), f.MaxSize))
		return nil
	}
	raw, err := v.MarshalJSON()
	f.fail(param, err)
	return raw
}

func (f *Fields) fail(param string, err error) {
	if err != nil && f.err == nil {
		f.err = clerkerr.Invalid(f.Operation, param, err)
	}
}

// Err is the first error, or that nothing was given.
func (f *Fields) Err() error {
	if f.err == nil && !f.given {
		return clerkerr.Invalid(f.Operation, "", fmt.Errorf("%w: no metadata field holds a change", clerkerr.ErrNothingToWrite))
	}
	return f.err
}
