package bulk

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/maphash"
	"io"
	"math"
	"slices"
)

// Was finds what entities were read as in a file of edits, which ReadWas has read. It keeps
// 16 bytes for each in memory, and reads a line again when it is needed. It is safe for
// concurrent use if the file is.
type Was struct {
	file  io.ReaderAt
	seed  maphash.Seed
	lines []wasLine // sorted by the hash of the entity
}

// wasLine is where the edit of an entity is.
type wasLine struct {
	entity uint32 // its hash
	text   uint32 // that of the line
	offset int64
}

// ReadWas reads a file of edits to its end, one a line as Change.MarshalJSON writes them. Of
// each the member was counts alone. The error is a *LineError, for a line that is no edit
// and for an entity that occurs twice, or that of file.
func ReadWas(file io.ReaderAt) (*Was, error) {
	all := func() io.Reader { return io.NewSectionReader(file, 0, math.MaxInt64) }
	var ends lineCount
	if _, err := io.Copy(&ends, all()); err != nil {
		return nil, err
	}
	// With room for all lines: a growing slice would take twice as much for a moment.
	w := &Was{file: file, seed: maphash.MakeSeed(), lines: make([]wasLine, 0, ends+1)}
	r := bufio.NewReaderSize(all(), MaxLine)
	at := int64(0)
	for number := 1; ; number++ {
		text, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, &LineError{Line: number, Err: fmt.Errorf("is longer than %d bytes", MaxLine)}
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		}
		if line := trimmed(text); len(line) > 0 {
			c, err := parseReading(line)
			if err != nil {
				return nil, &LineError{Line: number, Err: err}
			}
			w.lines = append(w.lines, wasLine{w.hash(c.entity), w.sum(text), at})
		}
		at += int64(len(text))
		if err != nil {
			return w, w.sort()
		}
	}
}

// lineCount counts the ends of lines.
type lineCount int

func (n *lineCount) Write(p []byte) (int, error) {
	*n += lineCount(bytes.Count(p, []byte("\n")))
	return len(p), nil
}

func (w *Was) hash(e Entity) uint32   { return uint32(maphash.Comparable(w.seed, e)) }
func (w *Was) sum(text []byte) uint32 { return uint32(maphash.Bytes(w.seed, text)) }

// number returns the number of a line.
func (w *Was) number(line wasLine) (int, error) {
	var before lineCount
	_, err := io.Copy(&before, io.NewSectionReader(w.file, 0, line.offset))
	return int(before) + 1, err
}

// sort sorts the lines, and refuses an entity that occurs twice.
func (w *Was) sort() error {
	slices.SortFunc(w.lines, func(a, b wasLine) int {
		return cmp.Or(cmp.Compare(a.entity, b.entity), cmp.Compare(a.offset, b.offset))
	})
	for i, line := range w.lines {
		if i == 0 || w.lines[i-1].entity != line.entity {
			continue // no other line before it can be of its entity
		}
		c, err := w.read(line)
		if err != nil {
			return err
		}
		first, _, err := w.find(c.entity)
		if err != nil {
			return err
		}
		if first != i {
			return w.twice(c.entity, w.lines[first], line)
		}
	}
	return nil
}

// twice returns the error of an entity that two lines have.
func (w *Was) twice(e Entity, first, second wasLine) error {
	before, err := w.number(first)
	if err != nil {
		return err
	}
	number, err := w.number(second)
	if err != nil {
		return err
	}
	return &LineError{Line: number, Err: fmt.Errorf("%s is in line %d as well", e, before)}
}

// find returns the index of an entity's first line and its edit. The index is -1 where there
// is none.
func (w *Was) find(e Entity) (int, Change, error) {
	hash := w.hash(e)
	first, _ := slices.BinarySearchFunc(w.lines, hash, func(line wasLine, hash uint32) int { return cmp.Compare(line.entity, hash) })
	for i := first; i < len(w.lines) && w.lines[i].entity == hash; i++ {
		if c, err := w.read(w.lines[i]); err != nil || c.entity == e {
			return i, c, err
		}
	}
	return -1, Change{}, nil
}

// errWasChanged reports that a file of what was read is another than before.
var errWasChanged = errors.New("the file of what was read has changed since it was read")

// read reads a line again.
func (w *Was) read(line wasLine) (Change, error) {
	r := bufio.NewReader(io.NewSectionReader(w.file, line.offset, MaxLine))
	text, err := r.ReadBytes('\n')
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return Change{}, err
	case w.sum(text) != line.text:
		return Change{}, errWasChanged
	}
	return parseReading(trimmed(text))
}

// trimmed returns a line without a byte order mark and white space around it.
func trimmed(line []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(line, []byte(mark)))
}

// parseReading reads a line of a file of edits, of which what it was counts alone.
func parseReading(text []byte) (Change, error) {
	c, err := parseLine(text)
	if err == nil && c.verb != Edit {
		err = fmt.Errorf("it has no member %s, as a line of an export has", ofWas)
	}
	if err != nil {
		return c, err
	}
	c.now = c.was
	c = c.checked()
	return c, c.fault
}

// reading returns a short name of what an edit was read as: a row of a table and a line of
// another reading do not fit.
func (c Change) reading() (string, error) {
	text, err := json.Marshal(objectsOf(c.was))
	return fmt.Sprintf("%s_%08x", ofWas, crc32.ChecksumIEEE(text)), err
}
