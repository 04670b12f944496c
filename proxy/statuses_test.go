package proxy_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStatusesPass: those of Clerk, and those of Cloudflare in front of it, which
// may say that the outcome of a write is unknown.
func TestStatusesPass(t *testing.T) {
	t.Parallel()
	statuses := []int{200, 201, 202, 302, 400, 401, 404, 409, 422, 425, 429, 499, 500, 501, 502, 503, 504, 530, 599, 999}
	for status := 520; status <= 527; status++ {
		statuses = append(statuses, status)
	}
	for _, status := range slices.Sorted(slices.Values(statuses)) {
		u := answering(t, fmt.Sprintf("HTTP/1.1 %d Odd\r\nRetry-After: 7\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok", status))
		c, reports := observed(configFor(u))
		answer := through(t, c, "POST /__clerk/v1/me", "Content-Length: 0")
		require.Contains(t, answer, fmt.Sprintf("HTTP/1.1 %d ", status))
		require.Contains(t, answer, "\r\nRetry-After: 7\r\n")
		require.Contains(t, answer, "\r\nContent-Type: text/html\r\n")
		require.Contains(t, answer, "\r\n\r\nok")
		e := <-reports
		require.Equal(t, status, e.Status)
		require.Empty(t, e.Code, "it is no error of the proxy's own")
		require.Len(t, u.seen(), 1, "it is not sent again")
	}
}
