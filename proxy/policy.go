package proxy

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Policy decides about one write of unsafe metadata by a browser. Make one with
// AllowKeys, Strict, MaxSize or MaxDepth, or of a function with PolicyFunc.
type Policy interface {
	// Check lets the write pass with nil; an error refuses it, and nothing of the
	// request is sent on. See PolicyFunc for the arguments and the error.
	Check(r *http.Request, patch metadata.Patch) error
}

// PolicyFunc is a function that is a Policy. It is called for every request whose body has the field unsafe_metadata, whatever the
// endpoint: PATCH /v1/me/metadata, PATCH /v1/me in API versions before
// 2026-05-12, the creation and the update of a sign-up.
//
// patch is what the browser sent, with metadata.Delete where it sent null: a
// change, not what the metadata will be. On a sign-up and on PATCH /v1/me it
// becomes all of the metadata instead of being merged (for sign-ups a guess).
// r is the request with the headers that Clerk will see and its body, which is a
// form. Both are copies: what a Policy does to them changes nothing of what is
// sent.
//
// The error that Refuse makes tells the browser why. The text of any other error
// is shown to nobody and not logged. Either gives the answer 422 with
// CodeUnsafeMetadataRefused. A Policy must be safe for concurrent use, and
// should stop when r's context is done. One that panics fails the request.
type PolicyFunc func(r *http.Request, patch metadata.Patch) error

// Check implements Policy.
func (f PolicyFunc) Check(r *http.Request, patch metadata.Patch) error { return f(r, patch) }

// refusedError is what Refuse returns.
type refusedError struct{ message string }

func (e *refusedError) Error() string { return e.message }

// Refuse returns the error by which a Policy refuses a write and tells the
// browser why: the message becomes the long_message of the answer. It may be
// wrapped; what wraps it is not shown. An empty message is replaced by a general
// sentence.
func Refuse(message string) error { return &refusedError{message} }

// AllowKeys returns a Policy that allows no other keys at the top level, in exact
// case; what is below them is free. Without any key it refuses all but an empty
// patch. To remove a key that is not listed is refused too.
func AllowKeys(keys ...string) Policy {
	allowed := slices.Sorted(slices.Values(keys))
	return PolicyFunc(func(_ *http.Request, patch metadata.Patch) error {
		for _, key := range slices.Sorted(maps.Keys(patch)) {
			if _, found := slices.BinarySearch(allowed, key); !found {
				return refuseKey((*step)(nil).child(key), allowed)
			}
		}
		return nil
	})
}

// treeOf is a patch as a tree of the policy's own, as metadata.ParsePatch gives
// it, whatever Go values the patch is made of.
func treeOf(patch metadata.Patch) (map[string]any, error) {
	text, err := patch.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return metadata.ParsePatch(text)
}

func refuseKey(at *step, allowed []string) error {
	if len(allowed) == 0 {
		return refuseAt(at, "key is not allowed, none is")
	}
	return refuseAt(at, "key is not allowed, allowed are "+strings.Join(allowed, ", "))
}

func refuseAt(at *step, why string) error { return refusePath(at.String(), why) }

// refusePath names a place as package metadata does, which shortens long keys.
func refusePath(path, why string) error {
	return Refuse((&metadata.PathError{Path: path, Reason: errors.New(why)}).Error())
}
