package proxy

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Policy decides about one write of unsafe metadata by a browser: nil lets it
// pass, an error refuses it, and nothing of the request is sent on. It is called
// for every request whose body has the field unsafe_metadata, whatever the
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
type Policy func(r *http.Request, patch metadata.Patch) error

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
	return func(_ *http.Request, patch metadata.Patch) error {
		for _, key := range slices.Sorted(maps.Keys(patch)) {
			if _, found := slices.BinarySearch(allowed, key); !found {
				return refuseKey((*step)(nil).child(key), allowed)
			}
		}
		return nil
	}
}

// MaxSize returns a Policy that allows a patch up to a size in bytes, which is
// that of metadata.Size: as compact JSON, whatever white space and escapes the
// browser put into it. Below 2, the size of {}, it refuses everything. It bounds
// one patch; patches add up to more, to Clerk's own limit.
func MaxSize(bytes int) Policy {
	return func(_ *http.Request, patch metadata.Patch) error {
		size, err := metadata.Size(patch)
		if err != nil {
			return err
		}
		if size > bytes {
			return Refuse(fmt.Sprintf("unsafe_metadata has %d bytes, allowed are %d", size, bytes))
		}
		return nil
	}
}

// MaxDepth returns a Policy that allows objects and arrays inside one another up
// to a number of levels: 1 is an object of plain values, 0 and below refuse
// everything.
func MaxDepth(levels int) Policy {
	return func(_ *http.Request, patch metadata.Patch) error {
		tree, err := treeOf(patch)
		if err != nil {
			return err
		}
		if deep := deeper(nil, tree, levels); deep != nil {
			return refuseAt(deep.at, fmt.Sprintf("nested too deeply, allowed are %d levels", levels))
		}
		return nil
	}
}

// tooDeep is where a tree has more levels than it may.
type tooDeep struct{ at *step }

func deeper(at *step, v any, levels int) *tooDeep {
	members, isObject := v.(map[string]any)
	elements, isArray := v.([]any)
	if !isObject && !isArray {
		return nil
	}
	if levels <= 0 {
		return &tooDeep{at}
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if deep := deeper(at.child(key), members[key], levels-1); deep != nil {
			return deep
		}
	}
	for i, element := range elements {
		if deep := deeper(at.element(i), element, levels-1); deep != nil {
			return deep
		}
	}
	return nil
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

// refuseAt names a place as package metadata does, which shortens long keys.
func refuseAt(at *step, why string) error {
	return Refuse((&metadata.PathError{Path: at.String(), Reason: errors.New(why)}).Error())
}
