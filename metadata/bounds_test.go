package metadata_test

import (
	"encoding/json"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// TestBounds: memory is linear in the document. What is eight times as large, and
// as deep, may take 24 times as much, since what grows by doubling grows in steps;
// of depth times size it would be 64.
func TestBounds(t *testing.T) { //nolint:paralleltest // what others allocate would count
	if testing.Short() {
		t.Skip("it reads much")
	}
	const small, times = 4 << 10, 8
	larger := hostile(small * times)
	functions := exported()
	for document, text := range hostile(small) {
		a, err := give(text)
		require.NoError(t, err, document)
		b, err := give(larger[document])
		require.NoError(t, err, document)
		for name, f := range functions {
			f(a) // what is made once, of a type
			f(b) // and what encoding/json keeps for the next call
			want := 3 * times * max(allocated(f, a), uint64(len(text)))
			require.LessOrEqual(t, allocated(f, b), want, "%s of %s", name, document)
		}
	}
}

func allocated(f func(given), g given) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f(g)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// BenchmarkBounds shows the time: MB/s at 64 KB and at 1 MB are about the same. One
// function of one document: -bench 'Bounds/^Diff$/^wide$'.
func BenchmarkBounds(b *testing.B) {
	functions := exported()
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		b.Run(name, func(b *testing.B) {
			for _, document := range slices.Sorted(maps.Keys(hostile(0))) {
				b.Run(document, func(b *testing.B) {
					for size, bytes := range map[string]int{"64KB": 64 << 10, "1MB": 1 << 20} {
						g, err := give(hostile(bytes)[document])
						require.NoError(b, err)
						b.Run(size, func(b *testing.B) {
							b.SetBytes(int64(len(g.text)))
							b.ReportAllocs()
							for b.Loop() {
								functions[name](g)
							}
						})
					}
				})
			}
		})
	}
}

// TestListsOfPathsAreBounded: many places below a long path have paths that
// together are far longer than the documents. Those that are not listed are counted.
func TestListsOfPathsAreBounded(t *testing.T) {
	t.Parallel()
	const levels, listed = 1_000, 64 << 10
	number := nested(levels, `{"a":`, `{`+members(50_000, `"k%07d":1`)+`}`, `}`)
	null, empty := strings.ReplaceAll(number, ":1", ":null"), strings.ReplaceAll(number, ":1", ":{}")
	requireBounded := func(paths []string, more, all int) {
		require.Equal(t, all, len(paths)+more)
		require.NotZero(t, more)
		require.Greater(t, len(strings.Join(paths, "")), listed)
		require.Less(t, len(strings.Join(paths, "")), 2*listed)
		require.True(t, slices.IsSorted(paths))
	}

	var nulls *metadata.NullsError
	_, err := metadata.Diff(object(t, number), object(t, null))
	require.ErrorAs(t, err, &nulls)
	requireBounded(nulls.Paths, nulls.More, strings.Count(null, "null"))
	require.ErrorContains(t, err, " more places: leave the key out, or use a PUT")
	require.Less(t, len(err.Error()), listed)

	d, err := metadata.NewDraft[map[string]any](object(t, number))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(null), &d.Value))
	_, err = d.Patch()
	require.ErrorAs(t, err, &nulls)
	requireBounded(nulls.Paths, nulls.More, strings.Count(null, "null"))

	var conflicts *metadata.ComposeError
	first, err := metadata.ParsePatch([]byte(number))
	require.NoError(t, err)
	second, err := metadata.ParsePatch([]byte(empty))
	require.NoError(t, err)
	_, err = metadata.Compose(first, second)
	require.ErrorAs(t, err, &conflicts)
	requireBounded(conflicts.Paths, conflicts.More, strings.Count(empty, "{}"))
	require.ErrorContains(t, err, " more places: send")

	paths, err := metadata.Changed(object(t, number), object(t, empty))
	require.NoError(t, err)
	require.Equal(t, []string{strings.Repeat("/a", 513)}, paths, "the first object whose pointer has more than 1 KiB")
}

// TestChangedEntersLongPointers: up to 1 KiB, and its members are named then,
// however long their own keys are.
func TestChangedEntersLongPointers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 1023)
	for pointer, want := range map[string]string{
		"/" + long + "/" + long: "/" + long + "/" + long,
		"/" + long + "k/a":      "/" + long + "k",
	} {
		from, err := metadata.Of(nestedAt(pointer, 1)).Object()
		require.NoError(t, err)
		to, err := metadata.Of(nestedAt(pointer, 2)).Object()
		require.NoError(t, err)
		paths, err := metadata.Changed(from, to)
		require.NoError(t, err)
		require.Equal(t, []string{want}, paths)
	}
}
