package mirror

import (
	"context"
	"time"

	"github.com/clerkmeta/clerkmeta-go/users"
)

// SetPage sets how many entities a request of a sweep reads.
func (m *Mirror) SetPage(n int) { m.page = n }

// SetBound sets how long Handle may take.
func (m *Mirror) SetBound(d time.Duration) { m.bound = d }

// WithoutPrivate and Digest are tested by themselves.
var (
	WithoutPrivate = withoutPrivate
	Digest         = digest
)

// StoreUsers stores users as a page of a sweep.
func (m *Mirror) StoreUsers(ctx context.Context, page []*users.User) error {
	f := found{kind: user, drift: true}
	for _, u := range page {
		r, err := m.userRow(u)
		if err != nil {
			return err
		}
		f.rows = append(f.rows, r)
	}
	_, err := m.store(ctx, f, nil)
	return err
}
