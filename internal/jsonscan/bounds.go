package jsonscan

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"unicode/utf8"
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
// The error is an *Error with ErrTooDeep at the first array or object that is one too deep,
// before anything inside is read, a *SizeError at the end of the text, ErrSyntax, or ctx's.
func (b Bounds) Check(ctx context.Context, text []byte) error {
	c := checker{ctx: ctx, depth: min(b.Depth, maxDepth)}
	s := newScanner(text)
	s.bounds = &c
	switch valid := s.value(0) && s.atEnd(); {
	case c.tooDeep:
		slices.Reverse(c.steps)
		return &Error{Steps: c.steps, Offset: s.at, Reason: ErrTooDeep}
	case c.err != nil:
		return c.err
	case !valid:
		return ErrSyntax
	case c.size > b.Size:
		return &SizeError{Size: c.size}
	default:
		return nil
	}
}

// checker counts what a scanner reads.
type checker struct {
	ctx    context.Context
	err    error
	depth  int
	size   int
	values int
	// steps lead from what is too deep outwards.
	tooDeep bool
	steps   []string
}

// isDone looks at the context.
func (c *checker) isDone() bool {
	const valuesPerLook = 1024
	if c.values++; c.values%valuesPerLook == 0 {
		c.err = c.ctx.Err()
	}
	return c.err != nil
}

// enter begins an array or an object in depth others.
func (c *checker) enter(depth int) bool {
	c.size += len("{}")
	c.tooDeep = depth >= c.depth
	return !c.tooDeep
}

// count adds the punctuation of a member or an element, and its name.
func (c *checker) count(name []byte, index int) {
	if index > 0 {
		c.size += len(",")
	}
	if name != nil {
		c.size += writtenSize(name) + len(":")
	}
}

// leave adds a step to the path of what is too deep.
func (c *checker) leave(name []byte, index int) {
	step := strconv.Itoa(index)
	if name != nil {
		step = String(name)
	}
	c.steps = append(c.steps, step)
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
