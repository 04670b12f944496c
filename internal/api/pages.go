package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/answer"
)

// Page is a page of a list that limit and offset divide.
type Page[E any] struct {
	Entries []*E
	// total is 0 where the answer did not say.
	total int64
	first json.RawMessage
}

// isLast reports whether nothing follows the page that ends at offset.
func (p *Page[E]) isLast(offset, size int) bool {
	if p.total > 0 {
		return len(p.Entries) == 0 || int64(offset) >= p.total
	}
	return len(p.Entries) < size
}

// ParsePage returns what reads {data, total_count}; each entry keeps its raw text.
func ParsePage[E any](parse func([]byte) (*E, error)) func([]byte) (*Page[E], error) {
	return func(text []byte) (*Page[E], error) {
		var data []json.RawMessage
		var total int64
		err := answer.Object(text, answer.To("data", &data), answer.To("total_count", &total))
		if err == nil && data == nil {
			err = errors.New(`field "data" is missing`)
		}
		return newPage(data, total, parse, err)
	}
}

// ParseArray returns what reads an array; each entry keeps its raw text.
func ParseArray[E any](parse func([]byte) (*E, error)) func([]byte) (*Page[E], error) {
	return func(text []byte) (*Page[E], error) {
		data, err := answer.Elements(text)
		return newPage(data, 0, parse, err)
	}
}

func newPage[E any](data []json.RawMessage, total int64, parse func([]byte) (*E, error), err error) (*Page[E], error) {
	if err != nil {
		return nil, fmt.Errorf("%w: list: %w", clerkerr.ErrDecode, err)
	}
	p := &Page[E]{total: total}
	if len(data) > 0 {
		p.first = data[0]
	}
	p.Entries, err = answer.Each(data, parse)
	return p, err
}

// Pages yields the entries of one page after the other, from an offset on. pageSize is as
// for PageSize.
func Pages[E any](c *Call, offset, pageSize int, yield func([]*E, error) bool, read func(limit, offset int) (*Page[E], error)) {
	size := c.PageSize(pageSize)
	if offset < 0 {
		c.Check(clerkerr.Invalid(c.Operation, "Offset", fmt.Errorf("is %d; expected 0 or more", offset)))
	}
	var before json.RawMessage
	for {
		p, err := read(size, offset)
		if err == nil && before != nil && bytes.Equal(p.first, before) {
			err = &clerkerr.Error{
				Operation: c.Operation, Read: true, Outcome: clerkerr.OutcomeNotApplied,
				Err: fmt.Errorf("%w: the list does not move on from its offset", clerkerr.ErrDecode),
			}
		}
		if err != nil {
			yield(nil, err)
			return
		}
		before = p.first
		offset += len(p.Entries)
		if !yield(p.Entries, nil) || p.isLast(offset, size) {
			return
		}
	}
}
