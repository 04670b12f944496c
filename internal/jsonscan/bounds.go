package jsonscan

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

// Bounds limit a text from outside. math.MaxInt is no bound.
type Bounds struct {
	// Depth limits the nesting of arrays and objects: {"a":1} has 1, {"a":[]} has 2, a
	// number 0. It is at most encoding/json's own limit.
	Depth int
	// Size limits metadata.Size in bytes: the text without white space, with nothing
	// escaped but what JSON demands.
	Size int
}

// DepthError reports a text that nests too deeply.
type DepthError struct {
	// Path is the JSON Pointer (RFC 6901) of the first array or object, in the order
	// of the text, that is one too deep.
	Path string
}

// Error does not hold the path, which names keys of the text.
func (e *DepthError) Error() string { return "nested too deeply" }

// SizeError reports a text that is too large.
type SizeError struct {
	// Size is the size of the whole text, as Bounds counts it.
	Size int
}

// Error names the size.
func (e *SizeError) Error() string { return strconv.Itoa(e.Size) + " bytes are too many" }

// Check checks that text is one valid JSON value within b. Its time is linear in what
// it reads, its memory in the depth. It does not look for doubled keys, invalid UTF-8
// and half surrogate pairs.
//
// The error is a *DepthError, before anything deeper is read, a *SizeError, at the end
// of the text, ErrSyntax, or that of a ctx that is done.
func (b Bounds) Check(ctx context.Context, text []byte) error {
	c := checker{scanner: scanner{text: text}, ctx: ctx, depth: min(b.Depth, maxDepth)}
	c.space()
	if err := c.value(); err != nil {
		return err
	}
	if !c.atEnd() {
		return ErrSyntax
	}
	if c.size > b.Size {
		return &SizeError{Size: c.size}
	}
	return nil
}

type checker struct {
	scanner

	ctx    context.Context
	depth  int
	size   int
	values int
	// path leads to where the checker stands, a step for each array and object.
	path []step
}

// valuesPerLook is how many values are read between two looks at the context.
const valuesPerLook = 1024

// value reads the value that stands in len(c.path) arrays and objects.
func (c *checker) value() error {
	if c.values++; c.values%valuesPerLook == 0 && c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	opening := c.peek()
	if opening != '{' && opening != '[' {
		start := c.at
		if !c.scalar() {
			return ErrSyntax
		}
		c.size += writtenSize(c.since(start))
		return nil
	}
	if len(c.path) >= c.depth {
		return &DepthError{Path: pointerOf(c.path)}
	}
	c.path = append(c.path, step{})
	err := c.container(opening)
	if err == nil {
		c.path = c.path[:len(c.path)-1]
	}
	return err
}

func (c *checker) container(opening byte) error {
	closing := opening + 2 // ASCII has it two behind
	here := len(c.path) - 1
	c.at++
	c.size += 2
	for first := true; ; first = false {
		more, whole := c.item(first, closing)
		switch {
		case !whole:
			return ErrSyntax
		case !more:
			return nil
		case !first:
			c.size++
			c.path[here].index++
		}
		if opening == '{' {
			name, whole := c.key()
			if !whole {
				return ErrSyntax
			}
			c.path[here].key = name
			c.size += writtenSize(name) + 1
		}
		if err := c.value(); err != nil {
			return err
		}
	}
}

// writtenSize is the size of a valid token with nothing escaped but what JSON
// demands: a control character is written \u0008, unless it is \n, \r or \t.
func writtenSize(token []byte) int {
	size := 0
	for i := bytes.IndexByte(token, '\\'); i >= 0; i = bytes.IndexByte(token, '\\') {
		r, read := readEscape(token[i:])
		if read == 0 { // encoding/json replaces half a surrogate pair
			r, read = utf8.RuneError, unitSize
		}
		size += i + charSize(r)
		token = token[i+read:]
	}
	return size + len(token)
}

func charSize(r rune) int {
	switch {
	case r == '"', r == '\\', r == '\n', r == '\r', r == '\t':
		return 2
	case r < ' ':
		return unitSize
	default:
		return utf8.RuneLen(r)
	}
}

// step is where one stands in an array or an object.
type step struct {
	key   []byte // with its quotes and escapes; nil in an array
	index int
}

// pointerOf is the JSON Pointer of a path.
func pointerOf(path []step) string {
	steps := make([]string, len(path))
	for i, s := range path {
		if s.key == nil {
			steps[i] = strconv.Itoa(s.index)
		} else {
			_ = json.Unmarshal(s.key, &steps[i]) // it is valid
		}
	}
	return pointer.Of(steps...)
}
