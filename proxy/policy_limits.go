package proxy

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// MaxSize returns a Policy that allows a patch of at most the given metadata.Size, in
// bytes of compact JSON. Below 2, the size of {}, it refuses everything. It bounds one
// patch; Clerk's own limit bounds their sum.
//
// It scans the text without building values: placed first, it spares other policies
// what is too large.
func MaxSize(bytes int) Policy {
	return limit{jsonscan.Bounds{Depth: math.MaxInt, Size: bytes}}
}

// MaxDepth returns a Policy that allows the given number of nested levels of objects
// and arrays: 1 is an object of plain values, 0 and below refuse everything.
//
// It scans the text without building values, up to the first level too many: placed
// first, it spares other policies what is too deep.
func MaxDepth(levels int) Policy {
	return limit{jsonscan.Bounds{Depth: levels, Size: math.MaxInt}}
}

// limit judges the JSON text of a patch, before anything is made of it.
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
	var (
		deep  *jsonscan.DepthError
		large *jsonscan.SizeError
	)
	err := l.bounds.Check(ctx, text)
	switch {
	case errors.Is(err, jsonscan.ErrSyntax), errors.As(err, &deep) && l.bounds.Depth == math.MaxInt:
		return nil
	case deep != nil:
		return refuseAt(deep.Path, fmt.Sprintf("nested too deeply, allowed are %d levels", l.bounds.Depth))
	case errors.As(err, &large):
		return Refuse(fmt.Sprintf("unsafe_metadata has %d bytes, allowed are %d", large.Size, l.bounds.Size))
	}
	return err
}
