package transport_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/transport"
)

// What parse is given is its own to keep: no two calls share it, and it holds
// little more memory than the text.
func TestBodyIsTheResults(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 100, 3300, 4000, 100_000, 2 << 20} {
		body := `"` + strings.Repeat("x", size) + `"`
		for _, length := range []int64{int64(len(body)), -1, 0} {
			rt := roundTripper(func(r *http.Request) (*http.Response, error) {
				resp, err := answer(200, body)(r)
				resp.ContentLength = length
				return resp, err
			})
			keep := func(text []byte) (*[]byte, error) { return &text, nil }
			sender := transport.New(config(rt))
			first, err := transport.Send(t.Context(), sender, newCall(t), keep)
			require.NoError(t, err)
			second, err := transport.Send(t.Context(), sender, newCall(t), keep)
			require.NoError(t, err)
			clear(*first)
			require.Equal(t, body, string(*second))
			require.LessOrEqual(t, cap(*second), 2*len(body)+16, "%d bytes, Content-Length %d", len(body), length)
		}
	}
}
