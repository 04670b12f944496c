package clerktest

import (
	"cmp"
	"maps"
	"slices"
)

// row is an entity in a list.
type row interface {
	comparable
	base() *entity
	// json is how the Backend API shows it.
	json() map[string]any
	// change does what changes it, and keeps the indexes and orders of the store.
	change(st *store, do func() *problem) *problem
}

// orders are what a list can be ordered by, each with its comparison. Those that
// the fake has no data for are there and nil: they order nothing.
type orders[T row] map[string]func(a, b T) int

// table holds entities by id and in orders, so that a page costs what it holds.
// An order is sorted when it is first needed, and kept. Equal rows keep the order
// of their creation, which makes every order total.
type table[T row] struct {
	by     orders[T]
	byID   map[string]T
	sorted map[string][]T
}

func newTable[T row](by orders[T]) *table[T] {
	return &table[T]{by: by, byID: map[string]T{}, sorted: map[string][]T{}}
}

func (t *table[T]) len() int { return len(t.byID) }

func (t *table[T]) compare(order string) func(a, b T) int {
	by := t.by[order]
	return func(a, b T) int {
		if by != nil {
			if n := by(a, b); n != 0 {
				return n
			}
		}
		return cmp.Compare(a.base().seq, b.base().seq)
	}
}

// ordered is every row in an order. It is not to be changed.
func (t *table[T]) ordered(order string) []T {
	rows, ok := t.sorted[order]
	if !ok {
		rows = slices.SortedFunc(maps.Values(t.byID), t.compare(order))
		t.sorted[order] = rows
	}
	return rows
}

// place is where a row is in an order, or belongs.
func (t *table[T]) place(order string, e T) int {
	i, _ := slices.BinarySearchFunc(t.sorted[order], e, t.compare(order))
	return i
}

func (t *table[T]) add(e T) {
	t.byID[e.base().id] = e
	for order, rows := range t.sorted {
		t.sorted[order] = slices.Insert(rows, t.place(order, e), e)
	}
}

func (t *table[T]) remove(e T) {
	delete(t.byID, e.base().id)
	for order, rows := range t.sorted {
		i := t.place(order, e)
		t.sorted[order] = slices.Delete(rows, i, i+1)
	}
}

// changing is called before something changes that a row is ordered by, and what
// it returns is called afterwards: it puts the row in its new places.
func (t *table[T]) changing(e T) (changed func()) {
	before := make(map[string]int, len(t.sorted))
	for order := range t.sorted {
		before[order] = t.place(order, e)
	}
	return func() {
		for order, i := range before {
			rows, compare := t.sorted[order], t.compare(order)
			if (i == 0 || compare(rows[i-1], e) < 0) && (i == len(rows)-1 || compare(e, rows[i+1]) < 0) {
				continue
			}
			t.sorted[order] = slices.Delete(rows, i, i+1)
			t.sorted[order] = slices.Insert(t.sorted[order], t.place(order, e), e)
		}
	}
}
