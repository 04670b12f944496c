package metadata

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

// MaxClaimSize is the size in bytes of metadata that fits a session token: Clerk's
// guide says that the cookie is not set with more than 1.2 KB. That this means 1200
// bytes, the lower of two readings, is a guess.
const MaxClaimSize = 1200

// Size returns the length in bytes of v as a Patch or Of(v) sends it; for an Object,
// that of the JSON as received. The error is a *PathError.
func Size(v any) (int, error) {
	switch v := v.(type) {
	case Object:
		return v.Size(), nil
	case Value:
		return v.Size(), v.Err()
	case Patch:
		raw, err := v.MarshalJSON()
		return len(raw), err
	}
	raw, err := encode(v, inValue)
	return len(raw), err
}

// CheckClaims checks that the given metadata together stays within MaxClaimSize, for
// an instance that puts it into session tokens. No call of this module makes this
// check. The error is a *ClaimSizeError that names the largest keys.
func CheckClaims(objects ...Object) error {
	var total int
	var keys []KeySize
	for _, o := range objects {
		if o.IsZero() {
			continue
		}
		total += o.Size()
		var members map[string]json.RawMessage
		if err := o.Decode(&members); err != nil {
			return err
		}
		for key, raw := range members {
			keys = append(keys, KeySize{Key: key, Size: len(raw)})
		}
	}
	if total <= MaxClaimSize {
		return nil
	}
	slices.SortFunc(keys, func(a, b KeySize) int {
		return cmp.Or(b.Size-a.Size, strings.Compare(a.Key, b.Key))
	})
	return &ClaimSizeError{Size: total, Largest: keys[:min(len(keys), 3)]}
}

// ClaimSizeError reports metadata that is too large for a session token.
type ClaimSizeError struct {
	// Size is the size in bytes of all the metadata that was checked.
	Size int
	// Largest are the keys that take most, the largest first, at most three.
	Largest []KeySize
}

// KeySize is a key of an object and the size in bytes of its value.
type KeySize struct {
	// Key is a top-level key as received.
	Key string
	// Size is the length in bytes of the key's JSON value; the key itself is not
	// counted.
	Size int
}

// Error names the size, the limit and the largest keys.
func (e *ClaimSizeError) Error() string {
	var largest []string
	for _, k := range e.Largest {
		largest = append(largest, fmt.Sprintf("\"%s\" (%d)", pointer.Printable(k.Key), k.Size))
	}
	return fmt.Sprintf("metadata of %d bytes is too large for a session token, which bears %d; largest keys: %s",
		e.Size, MaxClaimSize, strings.Join(largest, ", "))
}
