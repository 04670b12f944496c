package mirror

// SetPage sets how many entities a request of a sweep reads.
func (m *Mirror) SetPage(n int) { m.page = n }

// WithoutPrivate and Digest are tested by themselves.
var (
	WithoutPrivate = withoutPrivate
	Digest         = digest
)
