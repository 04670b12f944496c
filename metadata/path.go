package metadata

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

// Reasons of a PathError, to test for with errors.Is.
var (
	// ErrNull: a null where none can be written: in a Patch (use Delete to
	// remove a key), or in the result of a Diff.
	ErrNull = errors.New("null is not allowed here")
	// ErrMisplacedDelete: Delete where it has no meaning: in a Value, or
	// inside an array.
	ErrMisplacedDelete = errors.New("metadata.Delete has no meaning here")
	// ErrInvalidString: a string or a key that is not valid Unicode.
	ErrInvalidString = jsonscan.ErrInvalidString
	// ErrNotFinite: a floating-point number that is NaN or infinite.
	ErrNotFinite = errors.New("number is not finite")
	// ErrNotObject: metadata that does not encode to a JSON object.
	ErrNotObject = errors.New("metadata must be a JSON object")
	// ErrDuplicateKey: JSON text in which an object names a key twice.
	ErrDuplicateKey = jsonscan.ErrDuplicateKey
	// ErrSyntax: text that is not JSON, or a json.Number that is no number.
	ErrSyntax = jsonscan.ErrSyntax
	// ErrUnsupported: a Go value that has no JSON form.
	ErrUnsupported = errors.New("value has no JSON form")
	// ErrTooDeep: more than 10000 levels of nesting, or a value that contains
	// itself.
	ErrTooDeep = jsonscan.ErrTooDeep
	// ErrMismatch: metadata that does not fit the Go type it is decoded into.
	ErrMismatch = errors.New("metadata does not fit the Go type")
	// ErrType: a Go type that cannot hold metadata without loss.
	ErrType = errors.New("type cannot hold metadata")
	// ErrUnknownKeys: a change that would erase keys that the Go type does not
	// know.
	ErrUnknownKeys = errors.New("change would erase unknown keys")
)

// PathError reports what is wrong with a value, and where. Its text names keys and Go
// types and never a value.
type PathError struct {
	// Path is a JSON Pointer (RFC 6901): "/billing/plan"; "" is the whole.
	Path string
	// Reason is one of this package's Err values.
	Reason error
	// Hint says what is allowed instead, or gives detail; may be "".
	Hint string
}

// Error names the path, the reason and the hint.
func (e *PathError) Error() string {
	text := e.Reason.Error()
	if e.Path != "" {
		text = pointer.Printable(e.Path) + ": " + text
	}
	if e.Hint != "" {
		text += ": " + e.Hint
	}
	return text
}

// Unwrap returns the reason.
func (e *PathError) Unwrap() error { return e.Reason }

// hiddenError has the text of a PathError. errors.Is and errors.As reach its cause, which
// may quote a value; code that walks the chain or prints every field does not.
type hiddenError struct {
	said  error
	cause func() error
}

func hide(said, cause error) error {
	return &hiddenError{said: said, cause: func() error { return cause }}
}

func (e *hiddenError) Error() string { return e.said.Error() }

func (e *hiddenError) Unwrap() error { return e.said }

// Is reports whether the cause is target.
func (e *hiddenError) Is(target error) bool { return errors.Is(e.cause(), target) }

// As finds target in what is said, or else in the cause.
func (e *hiddenError) As(target any) bool {
	return errors.As(e.said, target) || errors.As(e.cause(), target)
}

// Format writes Error() for every verb.
func (e *hiddenError) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(e.Error())) }

// fault returns the error of what is wrong where a walk stands.
func fault(reason error, format string, args ...any) *PathError {
	return &PathError{Reason: reason, Hint: fmt.Sprintf(format, args...)}
}

func errTooDeep() error { return fault(ErrTooDeep, "the path is where it begins") }

// under puts the way to a part of a document in front of the path of an error in it. Of
// what is too deep it names only where the nesting begins: the whole path of a value that
// contains itself can be megabytes.
func under(steps []string, err error) error {
	inner, is := errors.AsType[*PathError](err)
	if !is {
		return err
	}
	nested := *inner
	if len(steps) > pointer.MaxSteps && errors.Is(inner, ErrTooDeep) {
		steps, nested.Path = steps[:pointer.MaxSteps], ""
	}
	nested.Path = pointer.Of(steps...) + nested.Path
	if _, hidden := err.(*hiddenError); hidden { //nolint:errorlint // only what stands on top hides a cause
		return hide(&nested, err)
	}
	return &nested
}

// trail are the keys that lead to where a walk stands. Those of a walk share one.
type trail []string

func (t *trail) enter(key string) { *t = append(*t, key) }

func (t *trail) leave() { *t = (*t)[:len(*t)-1] }

func (t *trail) path() string { return pointer.Of(*t...) }

// pathList is a walk with the places that its error lists. The pointers of all of them
// can be far longer than the document.
type pathList struct {
	trail

	paths []string
	size  int
	more  int
}

// maxListed is the size in bytes up to which places are listed and not counted.
const maxListed = 64 << 10

// add adds the place where the walk stands.
func (l *pathList) add() {
	if l.size > maxListed {
		l.more++
		return
	}
	path := l.path()
	l.size += len(path)
	l.paths = append(l.paths, path)
}

func (l *pathList) sorted() []string {
	slices.Sort(l.paths)
	return l.paths
}

// nullsError is nil for an empty list.
func (l *pathList) nullsError() error {
	if len(l.paths) == 0 {
		return nil
	}
	return &NullsError{Paths: l.sorted(), More: l.more}
}

// joinPaths is a list for the text of an error.
func joinPaths(paths []string, more int) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = `"` + pointer.Printable(p) + `"`
	}
	list := strings.Join(quoted, ", ")
	if more > 0 {
		list += fmt.Sprintf(" and %d more places", more)
	}
	return list
}

// maxDepth is how many arrays and objects may stand in one another:
// encoding/json's own limit when it decodes.
const maxDepth = 10000

// parse is jsonscan.Parse with a *PathError.
func parse(text []byte, null jsonscan.Nulls) (any, error) {
	tree, err := jsonscan.Parse(text, null)
	found, is := errors.AsType[*jsonscan.Error](err)
	if !is {
		return tree, err
	}
	switch {
	case errors.Is(found, ErrTooDeep):
		err = errTooDeep()
	case errors.Is(found, ErrDuplicateKey):
		err = fault(ErrDuplicateKey, "")
	default:
		err = fault(found.Reason, "%s", strings.TrimSpace(fmt.Sprintf("%s at byte %d", found.Hint, found.Offset)))
	}
	return nil, under(found.Steps, err)
}
