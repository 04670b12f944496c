package request_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestMergedSize(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return `"` + strings.Repeat("x", n-2) + `"` }
	for text, says := range map[string]string{
		`{"a":` + x(100) + `,"b":` + x(90) + `,"c":` + x(80) + `,"d":` + x(70) + `}`: "361 bytes after the merge, Clerk's documented limit is 100; largest keys: m/a (100 bytes), m/b (90 bytes), m/c (80 bytes)",
		`{"a":{"b":{"c":` + x(60) + `,"d":` + x(20) + `},"e":1},"f":2}`:              "largest keys: m/a/b/c (60 bytes), m/f (1 bytes)",
		`{"a":{"b":` + x(50) + `,"c":` + x(50) + `}}`:                                "largest keys: m/a (111 bytes)",
		`{"a/b~":[` + x(200) + `]}`:                                                  "largest keys: m/a~1b~0 (202 bytes)",
		`{"` + strings.Repeat("é", 300) + `":1}`:                                     strings.Repeat("é", 59) + "… (1 bytes)",
		strings.Repeat(`{"k":`, 5000) + x(9) + strings.Repeat("}", 5000):             "m/k/k/k/k/k/k/k/k/k (",
	} {
		o, err := metadata.ParseObject([]byte(text))
		require.NoError(t, err)
		err = request.MergedSize(operation, "m", o, 100)
		requireInvalid(t, err, "m", says)
		require.ErrorIs(t, err, clerkerr.ErrTooLarge)
		require.NoError(t, request.MergedSize(operation, "m", o, o.Size()), "the limit itself is allowed")
		require.NoError(t, request.MergedSize(operation, "m", o, 0), "there is none")
	}
	require.NoError(t, request.MergedSize(operation, "m", metadata.Object{}, 100))
}
