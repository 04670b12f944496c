package pointer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	tree := map[string]any{"a": map[string]any{"b": 1}, "n": nil, "l": []any{1}}
	for _, tc := range []struct {
		steps []string
		value any
		found bool
	}{
		{nil, tree, true},
		{[]string{"a", "b"}, 1, true},
		{[]string{"n"}, nil, true},
		{[]string{"a", "b", "c"}, nil, false},
		{[]string{"n", "x"}, nil, false},
		{[]string{"l", "0"}, nil, false},
		{[]string{"x"}, nil, false},
	} {
		value, found := pointer.Lookup(tree, tc.steps)
		require.Equal(t, tc.found, found, tc.steps)
		require.Equal(t, tc.value, value, tc.steps)
	}
	_, found := pointer.Lookup(nil, []string{"a"})
	require.False(t, found)

	require.True(t, pointer.Set(tree, []string{"a", "c", "d"}, 2))
	require.True(t, pointer.Set(tree, []string{"a", "b"}, 3))
	require.False(t, pointer.Set(tree, []string{"n", "x"}, 4))
	require.False(t, pointer.Set(tree, []string{"a", "b", "x"}, 4))
	require.Equal(t, map[string]any{"a": map[string]any{"b": 3, "c": map[string]any{"d": 2}}, "n": nil, "l": []any{1}}, tree)
}
