package metadata

import (
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

// maxDepth is how many arrays and objects may stand in one another:
// encoding/json's own limit when it decodes.
const maxDepth = 10000

// parse is jsonscan.Parse with a *PathError.
func parse(text []byte, null jsonscan.Nulls) (any, error) {
	tree, err := jsonscan.Parse(text, null)
	var fault *jsonscan.Error
	if !errors.As(err, &fault) {
		return tree, err
	}
	at := &PathError{Path: pointer.Of(fault.Steps...), Reason: fault.Reason, Hint: fault.Hint}
	switch {
	case errors.Is(fault, ErrTooDeep):
		return nil, tooDeep(fault.Steps)
	case errors.Is(fault, ErrDuplicateKey):
		return nil, at
	case at.Hint != "":
		at.Hint += " "
	}
	at.Hint += fmt.Sprintf("at byte %d", fault.Offset)
	return nil, at
}
