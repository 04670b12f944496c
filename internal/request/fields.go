package request

import (
	"bytes"
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

// JSON encodes a generated request body. Metadata is in it to the byte as it was
// measured, and nothing in a string is escaped but what JSON demands: encoding/json
// makes six bytes of "<", and of U+2028, inside of JSON text too on some releases
// of Go.
func JSON(body any) (*bytes.Reader, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return nil, err
	}
	return bytes.NewReader(unescapeSeparators(bytes.TrimSuffix(b.Bytes(), []byte("\n")))), nil
}

// unescapeSeparators writes the escapes of U+2028 and U+2029 in a valid JSON text
// as the characters, in place. A backslash stands in strings only, and the next
// byte is a part of its escape.
func unescapeSeparators(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u202`)) {
		return text
	}
	out := text[:0]
	for i := 0; i < len(text); {
		switch {
		case text[i] != '\\':
			out = append(out, text[i])
			i++
		case bytes.HasPrefix(text[i:], []byte(`\u2028`)):
			out = append(out, "\u2028"...)
			i += 6
		case bytes.HasPrefix(text[i:], []byte(`\u2029`)):
			out = append(out, "\u2029"...)
			i += 6
		default:
			out = append(out, text[i], text[i+1])
			i += 2
		}
	}
	return out
}
