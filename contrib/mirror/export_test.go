package mirror

import "time"

// SetPage sets how many entities a request of a sweep reads.
func (m *Mirror) SetPage(n int) { m.page = n }

// SetBound sets how long Handle may take.
func (m *Mirror) SetBound(d time.Duration) { m.bound = d }

// WithoutPrivate and Digest are tested by themselves.
var (
	WithoutPrivate = withoutPrivate
	Digest         = digest
)
