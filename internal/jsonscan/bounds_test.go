package jsonscan_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func unbounded() jsonscan.Bounds { return jsonscan.Bounds{Depth: math.MaxInt, Size: math.MaxInt} }

func TestDepthBound(t *testing.T) {
	t.Parallel()
	for text, test := range map[string]struct {
		depth int
		// path is what is too deep where one level fewer is allowed.
		path string
	}{
		`{}`:                           {1, ""},
		` [ ] `:                        {1, ""},
		`{"a":1,"b":[2],"c":{"d":{}}}`: {3, "/c/d"},
		`{"a":[1,"[",[]]}`:             {3, "/a/2"},
		`[[],[[]],[[]]]`:               {3, "/1/0"},
		`{"a/b~\u0041":{"":[[]]}}`:     {4, "/a~1b~0A//0"},
		`{"{":"[","a":{"\"":"]}"}}`:    {2, "/a"},
	} {
		bounds := unbounded()
		for bounds.Depth = test.depth; bounds.Depth < test.depth+2; bounds.Depth++ {
			require.NoError(t, bounds.Check(t.Context(), []byte(text)), text)
		}
		bounds.Depth = test.depth - 1
		var tooDeep *jsonscan.Error
		require.ErrorAs(t, bounds.Check(t.Context(), []byte(text)), &tooDeep, text)
		require.Equal(t, test.path, pointer.Of(tooDeep.Steps...), text)
	}
	require.NoError(t, jsonscan.Bounds{Size: 10}.Check(t.Context(), []byte(` 1 `)), "a number has no depth")
	require.NoError(t, unbounded().Check(t.Context(), []byte(nested(10000))))
	var tooDeep *jsonscan.Error
	require.ErrorAs(t, unbounded().Check(t.Context(), []byte(nested(10001))), &tooDeep, "encoding/json's own limit")
}

// TestDepthBoundStops: what is behind the place that is too deep is not read.
func TestDepthBoundStops(t *testing.T) {
	t.Parallel()
	var tooDeep *jsonscan.Error
	err := jsonscan.Bounds{Depth: 2, Size: math.MaxInt}.Check(t.Context(), []byte(`{"a":{"b":[ here the JSON ends`))
	require.ErrorAs(t, err, &tooDeep)
	require.Equal(t, "/a/b", pointer.Of(tooDeep.Steps...))
	require.NotContains(t, err.Error(), "a", "/a/b")
}

func TestSizeBound(t *testing.T) {
	t.Parallel()
	for text, size := range map[string]int{
		`{}`: 2, " { } ": 2, `{"a" : [ 1 , 2 ] }`: 11, `{"a":null,"b":true}`: 19, `{"a":1.500e+07}`: 15,
		`{"a":"ü"}`: 10, `{"a":"\u00fc"}`: 10, `{"a":"\ud83d\ude00"}`: 12, `{"a":"\/"}`: 9, `{"a":"\b\f\n\r\t\"\\"}`: 30,
		`{"a":"\u0008\u000a\u0022\u005c\u0041\u0000"}`: 27, `{"\u0061":"x\u0061y\u0062"}`: 12,
	} {
		bounds := unbounded()
		bounds.Size = size
		require.NoError(t, bounds.Check(t.Context(), []byte(text)), text)
		bounds.Size--
		var tooLarge *jsonscan.SizeError
		require.ErrorAs(t, bounds.Check(t.Context(), []byte(text)), &tooLarge, text)
		require.Equal(t, size, tooLarge.Size, text)
		sameSize(t, []byte(text))
	}
}

// sameSize holds the size against what package metadata sends.
func sameSize(t *testing.T, text []byte) {
	t.Helper()
	patch, err := metadata.ParsePatch(text)
	if err != nil {
		return
	}
	want, err := metadata.Size(patch)
	require.NoError(t, err)
	var tooLarge *jsonscan.SizeError
	require.ErrorAs(t, jsonscan.Bounds{Depth: math.MaxInt}.Check(t.Context(), text), &tooLarge)
	require.Equal(t, want, tooLarge.Size, "%q", text)
}

func TestCheckValidates(t *testing.T) {
	t.Parallel()
	for _, text := range valid() {
		require.NoError(t, unbounded().Check(t.Context(), []byte(text)), text)
	}
	for _, text := range invalid() {
		require.Error(t, unbounded().Check(t.Context(), []byte(text)), text)
	}
}

func TestCheckStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, element := range []string{`1,`, `[],`, `{"a":1},`, `"a",`} {
		text := "[" + strings.Repeat(element, 2000) + "never valid"
		require.ErrorIs(t, unbounded().Check(ctx, []byte(text)), context.Canceled, element)
	}
}

// TestCheckAllocates: what is checked is not built. Only what runs alone can count
// allocations.
func TestCheckAllocates(t *testing.T) { //nolint:paralleltest // testing.AllocsPerRun panics beside others
	text := []byte(`{"a":[` + strings.Repeat(`{"b\u0041":["c",null,1.5e3]},`, 1000) + `1]}`)
	require.LessOrEqual(t, testing.AllocsPerRun(5, func() {
		if err := unbounded().Check(context.Background(), text); err != nil {
			panic(err)
		}
	}), 3.0)
}

// FuzzBounds: the same texts are valid as for encoding/json, and the size is what
// is sent.
func FuzzBounds(f *testing.F) {
	for _, text := range append(valid(), invalid()...) {
		if len(text) < 1000 {
			f.Add([]byte(text))
		}
	}
	f.Add([]byte(`{"a":"\b\f\n\r\t\"\\\/\u0008\u0041\ud83d\ude00\u007f","\u000a":{"b":[1e5,null]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		require.Equal(t, json.Valid(text), unbounded().Check(t.Context(), text) == nil)
		sameSize(t, text)
		if bytes.Count(text, []byte("[")) == 0 && bytes.Count(text, []byte("{")) == 0 && json.Valid(text) {
			require.NoError(t, jsonscan.Bounds{Size: math.MaxInt}.Check(t.Context(), text))
		}
	})
}

func BenchmarkBounds(b *testing.B) {
	for name, text := range map[string]string{
		"deep": strings.Repeat(nested(9000)+",", 58), "empty objects": strings.Repeat("{},", 1<<20/3), "escapes": `"` + strings.Repeat(`\u0041`, 1<<20/6) + `",`,
	} {
		b.Run(name, func(b *testing.B) {
			text := []byte("[" + text + "1]")
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := unbounded().Check(b.Context(), text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
