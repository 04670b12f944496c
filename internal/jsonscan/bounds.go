package jsonscan

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

// Bounds are what a text from outside may have at most. math.MaxInt is no bound.
type Bounds struct {
	// Depth is how many arrays and objects may stand in one another: {"a":1} has 1,
	// {"a":[]} has 2, a number 0. It is never more than encoding/json's own limit.
	Depth int
	// Size is that of metadata.Size in bytes: the text without white space, and with
	// nothing escaped but what JSON demands.
	Size int
}

// DepthError says that a text is deeper than it may be.
type DepthError struct {
	// Path is the JSON Pointer (RFC 6901) of the first array or object, in the order
	// of the text, that is one too deep.
	Path string
}

// Error does not hold the path, which names keys of the text.
func (e *DepthError) Error() string { return "nested too deeply" }

// SizeError says that a text is larger than it may be.
type SizeError struct {
	// Size is the size of the whole text, as Bounds counts it.
	Size int
}

// Error names the size.
func (e *SizeError) Error() string { return strconv.Itoa(e.Size) + " bytes are too many" }

// Check returns nil for one valid JSON value within b. It builds nothing
// of the text: its time is linear in what it reads, its memory in the depth.
//
// The error is a *DepthError, which comes before anything deeper is read, a
// *SizeError, which comes at the end of the text, ErrSyntax, or that of a ctx that
// is done.
//
// What it does not look for is what only those find who build a value: doubled
// keys, invalid UTF-8 and half surrogate pairs.
func (b Bounds) Check(ctx context.Context, text []byte) error {
	c := checker{Reader: NewReader(text), ctx: ctx, depth: min(b.Depth, maxDepth)}
	if err := c.value(); err != nil {
		return err
	}
	if _, more := c.Next(); more {
		return ErrSyntax
	}
	if c.size > b.Size {
		return &SizeError{Size: c.size}
	}
	return nil
}

type checker struct {
	Reader

	ctx    context.Context
	depth  int
	size   int
	values int
	// path leads to where the checker stands, a step for each array and object.
	path []step
}

// value reads what stands in so many arrays and objects as there are steps.
func (c *checker) value() error {
	if c.values++; c.values%valuesPerLook == 0 && c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	next, _ := c.Next()
	if next != '{' && next != '[' {
		return c.token()
	}
	if len(c.path) >= c.depth {
		return &DepthError{Path: pointerOf(c.path)}
	}
	c.path = append(c.path, step{})
	err := c.container(next)
	if err == nil {
		c.path = c.path[:len(c.path)-1]
	}
	return err
}

// valuesPerLook is how many values are read between two looks at the context.
const valuesPerLook = 1024

func (c *checker) container(opening byte) error {
	closing := opening + 2 // so ASCII has it
	here := len(c.path) - 1
	for c.Byte(opening); c.inside(closing); c.path[here].index++ {
		if c.path[here].index > 0 && !c.separator(',') {
			return ErrSyntax
		}
		if opening == '{' {
			if err := c.key(&c.path[here]); err != nil {
				return err
			}
		}
		if err := c.value(); err != nil {
			return err
		}
	}
	if !c.Byte(closing) {
		return ErrSyntax
	}
	c.size += 2
	return nil
}

func (c *checker) key(here *step) error {
	next, _ := c.Next()
	start := c.Offset()
	if next != '"' || c.token() != nil {
		return ErrSyntax
	}
	here.key = c.s.since(start)
	if !c.separator(':') {
		return ErrSyntax
	}
	return nil
}

// inside reports whether something other than the end of the text or the closing
// bracket follows.
func (c *checker) inside(closing byte) bool {
	next, more := c.Next()
	return more && next != closing
}

func (c *checker) separator(char byte) bool {
	c.Next()
	c.size++
	return c.Byte(char)
}

func (c *checker) token() error {
	start := c.Offset()
	if !c.Scalar() {
		return ErrSyntax
	}
	c.size += writtenSize(c.s.since(start))
	return nil
}

// writtenSize is the size of a valid token with nothing escaped but what JSON
// demands: a control character is written \u0008, unless it is \n, \r or \t.
func writtenSize(token []byte) int {
	size := 0
	for i := bytes.IndexByte(token, '\\'); i >= 0; i = bytes.IndexByte(token, '\\') {
		written, read := escapeSize(token[i:])
		size += i + written
		token = token[i+read:]
	}
	return size + len(token)
}

// escapeSize says how many bytes the character is written with whose valid escape
// text begins with, and how many the escape has.
func escapeSize(text []byte) (written, read int) {
	switch text[1] {
	case '/':
		return 1, 2
	case 'b', 'f':
		return len(`\u0008`), 2
	case 'u':
		r := unit(text)
		if utf16.IsSurrogate(r) {
			if r = utf16.DecodeRune(r, unit(text[6:])); r != utf8.RuneError {
				return utf8.RuneLen(r), 12
			}
		}
		return charSize(r), 6
	default:
		return 2, 2
	}
}

func charSize(r rune) int {
	switch {
	case r == '"', r == '\\', r == '\n', r == '\r', r == '\t':
		return 2
	case r < ' ':
		return len(`\u0008`)
	default:
		return utf8.RuneLen(r)
	}
}

// unit is the UTF-16 code unit of a \uXXXX at the beginning of text; -1 for none.
func unit(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	n, _ := strconv.ParseUint(string(text[2:6]), 16, 16) // it is valid
	return rune(n)
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
