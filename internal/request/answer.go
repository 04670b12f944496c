package request

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Decode decodes an answer as far as it goes: of one that was cut short, the
// members that came whole. The error names the field at fault and never quotes
// the answer.
func Decode(text []byte, dst any) error {
	err := json.Unmarshal(text, dst)
	var typ *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &typ):
		_ = json.Unmarshal(wholeMembers(text), dst) // the error is that of the text
		return fmt.Errorf("not valid JSON, %d bytes", len(text))
	case typ.Field == "":
		return errors.New("the whole has a type that is not documented")
	default:
		return fmt.Errorf("field %q has a type that is not documented", typ.Field)
	}
}

// wholeMembers is the object that text begins, without the member that breaks
// off and what would follow it.
func wholeMembers(text []byte) []byte {
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	end := dec.InputOffset()
	for dec.More() {
		var value json.RawMessage
		if _, err := dec.Token(); err != nil || dec.Decode(&value) != nil {
			break
		}
		end = dec.InputOffset()
	}
	return append(bytes.Clone(text[:end]), '}')
}

// Object reads one metadata field of an answer; nil is an absent one.
func Object(field string, raw json.RawMessage, errs *error) metadata.Object {
	if raw == nil {
		return metadata.Object{}
	}
	o, err := metadata.ParseObject(raw)
	if err != nil && *errs == nil {
		*errs = fmt.Errorf("field %q: %w", field, err)
	}
	return o
}

// RequireID is the error of an answer without an id, unless err already is one.
func RequireID(id string, err error) error {
	if err == nil && id == "" {
		return errors.New(`field "id" is missing`)
	}
	return err
}

// Time converts Clerk's Unix milliseconds; 0 is the zero Time.
func Time(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}
