package proxy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Policy decides about one write of unsafe metadata by a browser. AllowKeys, Strict,
// MaxSize and MaxDepth return one, and a PolicyFunc is one.
//
// The proxy asks a Policy about every request whose body has the field unsafe_metadata,
// whatever the endpoint: PATCH /v1/me/metadata, PATCH /v1/me in API versions before
// 2026-05-12, the creation and the update of a sign-up. It must be safe for concurrent use
// and should stop when r's context is done. A panic fails the request.
type Policy interface {
	// Check returns nil to allow the write. An error refuses it with status 422,
	// CodeUnsafeMetadataRefused, and nothing of the request reaches Clerk. The browser
	// sees the message of Refuse; the text of any other error is neither shown nor
	// logged.
	//
	// patch is what the browser sent, with metadata.Delete for null: a change, not the
	// resulting metadata. On a sign-up and on PATCH /v1/me it replaces the metadata
	// instead of being merged (for sign-ups a guess). r is the request with the headers
	// that Clerk will see and its body, which is a form. Both are copies.
	Check(r *http.Request, patch metadata.Patch) error
}

// PolicyFunc is a function that is a Policy.
type PolicyFunc func(r *http.Request, patch metadata.Patch) error

// Check implements Policy.
func (f PolicyFunc) Check(r *http.Request, patch metadata.Patch) error { return f(r, patch) }

type refusedError struct{ message string }

func (e *refusedError) Error() string { return e.message }

// Refuse returns the error by which a Policy refuses a write. The message becomes the
// long_message of the answer, a general sentence if it is empty. The error may be
// wrapped; the browser does not see what wraps it.
func Refuse(message string) error { return &refusedError{message} }

// MaxSize returns a Policy that allows a patch of at most the given metadata.Size, in
// bytes of compact JSON. Below 2, the size of {}, it refuses everything. It bounds one
// patch; Clerk's own limit bounds their sum.
//
// It scans the text without building values: put it before other policies.
func MaxSize(bytes int) Policy {
	return limit{jsonscan.Bounds{Depth: math.MaxInt, Size: bytes}}
}

// MaxDepth returns a Policy that allows the given number of nested levels of objects and
// arrays: 1 is an object of plain values, 0 and below refuse everything.
//
// It scans the text without building values, up to the first level too many: put it
// before other policies.
func MaxDepth(levels int) Policy {
	return limit{jsonscan.Bounds{Depth: levels, Size: math.MaxInt}}
}

// limit judges the JSON text of a patch before it is parsed.
type limit struct{ bounds jsonscan.Bounds }

// Check implements Policy.
func (l limit) Check(r *http.Request, patch metadata.Patch) error {
	text, err := patch.MarshalJSON()
	if err != nil {
		return err
	}
	if r == nil { // a caller may try a policy without a request
		r = &http.Request{}
	}
	return l.checkText(r.Context(), text)
}

// checkText allows a text that is not JSON, which the guard refuses afterwards.
func (l limit) checkText(ctx context.Context, text []byte) error {
	err := l.bounds.Check(ctx, text)
	deep, isDeep := errors.AsType[*jsonscan.Error](err)
	large, isLarge := errors.AsType[*jsonscan.SizeError](err)
	switch {
	case errors.Is(err, jsonscan.ErrSyntax), isDeep && l.bounds.Depth == math.MaxInt:
		return nil
	case isDeep:
		return refuseAt(deep.Steps, fmt.Sprintf("nested too deeply: at most %d levels are allowed", l.bounds.Depth))
	case isLarge:
		return Refuse(fmt.Sprintf("unsafe_metadata has %d bytes: at most %d are allowed", large.Size, l.bounds.Size))
	}
	return err
}

// AllowKeys returns a Policy that allows only these keys at the top level, in exact case,
// with any value. It also refuses to remove another key. Without keys it allows an empty
// patch only.
func AllowKeys(keys ...string) Policy {
	allowed := slices.Sorted(slices.Values(keys))
	return PolicyFunc(func(_ *http.Request, patch metadata.Patch) error {
		for _, key := range slices.Sorted(maps.Keys(patch)) {
			if _, found := slices.BinarySearch(allowed, key); !found {
				return refuseKey([]string{key}, allowed)
			}
		}
		return nil
	})
}

func refuseKey(at []string, allowed []string) error {
	if len(allowed) == 0 {
		return refuseAt(at, "key is not allowed: no key is")
	}
	return refuseAt(at, "key is not allowed: expected one of "+strings.Join(allowed, ", "))
}

// refuseAt names a path as package metadata does, which shortens long keys.
func refuseAt(at []string, why string) error {
	return Refuse((&metadata.PathError{Path: pointer.Of(at...), Reason: errors.New(why)}).Error())
}
