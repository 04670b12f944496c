package bulk_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// counted counts what is read of a text.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// Brackets that are open are remembered, and so bounded.
func TestOpenBracketsAreBounded(t *testing.T) {
	t.Parallel()
	text := "[" + strings.Repeat("[", 4*bulk.MaxLine)
	in := &counted{Reader: strings.NewReader(text)}
	var last *bulk.LineError
	for _, err := range bulk.ReadNDJSON(in) {
		require.ErrorAs(t, err, &last)
	}
	require.True(t, last.Last)
	require.ErrorContains(t, last, "brackets are open")
	require.Less(t, in.n, 2*bulk.MaxLine, "it stops there")
}
