package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

func TestOutline(t *testing.T) {
	t.Parallel()
	for _, text := range append(valid(), invalid()...) {
		sameOutline(t, []byte(text))
	}
	sameOutline(t, []byte(strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)))
	sameOutline(t, []byte(strings.Repeat("[", 10_001)+strings.Repeat("]", 10_001)))

	const text = ` { "a" : [ 1 , {} ] , "b\"" : null } `
	kept := make([]jsonscan.Node, 0, 8)
	nodes, valid := jsonscan.Outline([]byte(text), kept)
	require.True(t, valid)
	var got []string
	for _, n := range nodes {
		got = append(got, text[n.Name:n.NameEnd]+"="+text[n.Start:n.End])
	}
	require.Equal(t, []string{`={ "a" : [ 1 , {} ] , "b\"" : null }`, `"a"=[ 1 , {} ]`, "=1", "={}", `"b\""=null`}, got)
	require.Equal(t, []uint32{5, 4, 3, 4, 5}, []uint32{nodes[0].Next, nodes[1].Next, nodes[2].Next, nodes[3].Next, nodes[4].Next})
	require.Same(t, &kept[:1][0], &nodes[0], "the room is used")
}

// sameOutline builds a text anew from its outline, and compares it with what
// encoding/json makes of it.
func sameOutline(t *testing.T, text []byte) {
	t.Helper()
	nodes, valid := jsonscan.Outline(text, nil)
	require.Equal(t, jsonscan.Valid(text), valid, "%.100q", text)
	if !valid {
		return
	}
	var want bytes.Buffer
	require.NoError(t, json.Compact(&want, text))
	require.Equal(t, want.String(), string(rebuilt(nil, text, nodes, 0)))
	require.Equal(t, len(nodes), int(nodes[0].Next))
}

func rebuilt(b, text []byte, nodes []jsonscan.Node, i uint32) []byte {
	n := nodes[i]
	open := text[n.Start]
	if open != '{' && open != '[' {
		return append(b, text[n.Start:n.End]...)
	}
	b = append(b, open)
	for child := i + 1; child < n.Next; child = nodes[child].Next {
		if child > i+1 {
			b = append(b, ',')
		}
		if c := nodes[child]; c.NameEnd > 0 {
			b = append(append(b, text[c.Name:c.NameEnd]...), ':')
		}
		b = rebuilt(b, text, nodes, child)
	}
	return append(b, text[n.End-1])
}
