package clerktest

import (
	"cmp"
	"maps"
	"slices"
)

// row is an entity in a list.
type row interface {
	comparable
	stored
}

// orders are the orders of a list, each with its comparison, which is nil if the fake has
// no data for it.
type orders[T row] map[string]func(a, b T) int

// table holds entities by id and in orders. It sorts an order when a list needs it, and
// keeps it until a change that may alter it. Equal rows keep the order of their creation,
// which makes every order total.
type table[T row] struct {
	by     orders[T]
	byID   map[string]T
	sorted map[string][]T
}

func newTable[T row](by orders[T]) *table[T] {
	return &table[T]{by: by, byID: map[string]T{}, sorted: map[string][]T{}}
}

func (t *table[T]) put(e T) {
	t.byID[e.base().id] = e
	clear(t.sorted)
}

func (t *table[T]) remove(e T) {
	delete(t.byID, e.base().id)
	clear(t.sorted)
}

func (t *table[T]) len() int { return len(t.byID) }

func (t *table[T]) compare(order string) func(a, b T) int {
	by := t.by[order]
	return func(a, b T) int {
		n := 0
		if by != nil {
			n = by(a, b)
		}
		return cmp.Or(n, cmp.Compare(a.base().seq, b.base().seq))
	}
}

// ordered returns every row in an order. Callers must not change the result.
func (t *table[T]) ordered(order string) []T {
	if t.sorted[order] == nil {
		t.sorted[order] = slices.SortedFunc(maps.Values(t.byID), t.compare(order))
	}
	return t.sorted[order]
}

func created[T row](a, b T) int { return cmp.Compare(a.base().created, b.base().created) }

// byText orders by a text.
func byText[T row](of func(T) string) func(a, b T) int {
	return func(a, b T) int { return cmp.Compare(of(a), of(b)) }
}

func userOrders() orders[*user] {
	return orders[*user]{
		"created_at":     created[*user],
		"updated_at":     func(a, b *user) int { return cmp.Compare(a.updated, b.updated) },
		"first_name":     byText(func(u *user) string { return u.FirstName }),
		"last_name":      byText(func(u *user) string { return u.LastName }),
		"username":       byText(func(u *user) string { return u.Username }),
		"email_address":  byText((*user).email),
		"phone_number":   byText((*user).phone),
		"last_active_at": func(a, b *user) int { return cmp.Compare(a.LastActiveAt, b.LastActiveAt) },
		"web3wallet":     nil, "last_sign_in_at": nil,
	}
}

func organizationOrders() orders[*organization] {
	return orders[*organization]{
		"created_at":    created[*organization],
		"name":          byText(func(o *organization) string { return o.Name }),
		"members_count": func(a, b *organization) int { return cmp.Compare(a.members.len(), b.members.len()) },
	}
}

func sessionOrders() orders[*session] {
	return orders[*session]{"created_at": created[*session]}
}

func membershipOrders() orders[*membership] {
	return orders[*membership]{
		"created_at":    created[*membership],
		"first_name":    byText(func(m *membership) string { return m.user.FirstName }),
		"last_name":     byText(func(m *membership) string { return m.user.LastName }),
		"username":      byText(func(m *membership) string { return m.user.Username }),
		"email_address": byText(func(m *membership) string { return m.user.email() }),
		"phone_number":  byText(func(m *membership) string { return m.user.phone() }),
	}
}
