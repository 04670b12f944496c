package ratelimit

import "container/heap"

// ranked is a heap whose elements know their place in it, so that each can be removed.
type ranked[T any] struct {
	items []T
	less  func(a, b T) bool
	place func(T) *int // where an element keeps its place, -1 outside
}

func (h *ranked[T]) add(item T) { heap.Push(h, item) }

func (h *ranked[T]) isEmpty() bool { return len(h.items) == 0 }

// first is the least element of a heap that is not empty.
func (h *ranked[T]) first() T { return h.items[0] }

// remove removes item if it is in the heap.
func (h *ranked[T]) remove(item T) {
	if at := *h.place(item); at >= 0 {
		heap.Remove(h, at)
	}
}

// Len implements heap.Interface, as the methods below do.
func (h *ranked[T]) Len() int { return len(h.items) }

// Less compares two elements.
func (h *ranked[T]) Less(i, j int) bool { return h.less(h.items[i], h.items[j]) }

// Swap exchanges two elements.
func (h *ranked[T]) Swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	*h.place(h.items[i]), *h.place(h.items[j]) = i, j
}

// Push appends an element: call add instead.
func (h *ranked[T]) Push(x any) {
	item, _ := x.(T) // add pushes only these
	*h.place(item) = len(h.items)
	h.items = append(h.items, item)
}

// Pop removes the last element: call remove instead.
func (h *ranked[T]) Pop() any {
	var none T
	last := len(h.items) - 1
	item := h.items[last]
	h.items[last] = none
	h.items = h.items[:last]
	*h.place(item) = -1
	return item
}
