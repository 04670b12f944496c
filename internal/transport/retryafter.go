package transport

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// parseRetryAfter reads Retry-After (RFC 9110, section 10.2.3): whole seconds or
// a date. A malformed, negative or past one is 0, no wait asked for; one that
// is too large for a Duration is the longest Duration.
func parseRetryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get(headerRetryAfter))
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(math.MaxInt64/time.Second) {
			return math.MaxInt64
		}
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	// Measured on the server's own clock where it gives the time, so that a
	// wrong clock here neither shortens the wait nor stretches it.
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	return max(0, date.Sub(now))
}
