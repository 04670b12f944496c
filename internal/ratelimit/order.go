package ratelimit

import "math/rand/v2"

// order is a sorted set that knows the rank of an item, whose place must not change while
// it is in. It is a treap: a search tree whose random priorities fall from the root down,
// which keeps its depth near the logarithm of its size.
type order[T comparable] struct {
	less func(a, b T) bool
	root *node[T]
}

// node is the place of an item, which holds it so that nothing is allocated.
type node[T comparable] struct {
	item        T
	left, right *node[T]
	size        int // of the subtree, the node included
	priority    uint32
}

func (n *node[T]) len() int {
	if n == nil {
		return 0
	}
	return n.size
}

// count computes n's size from its children.
func (n *node[T]) count() *node[T] {
	n.size = n.left.len() + 1 + n.right.len()
	return n
}

// first returns the least item, the zero T of an empty set.
func (o *order[T]) first() T {
	var first T
	for at := o.root; at != nil; at = at.left {
		first = at.item
	}
	return first
}

// rank returns how many items come before one, which need not be in the set.
func (o *order[T]) rank(item T) int {
	rank := 0
	for at := o.root; at != nil; {
		if o.less(at.item, item) {
			rank += at.left.len() + 1
			at = at.right
		} else {
			at = at.left
		}
	}
	return rank
}

// insert adds an item that is not in the set, at a place that is in no set.
func (o *order[T]) insert(place *node[T], item T) {
	before, after := o.split(o.root, item)
	*place = node[T]{item: item, size: 1, priority: rand.Uint32()} //nolint:gosec // keeps a tree flat
	o.root = join(join(before, place), after)
}

// remove removes an item if it is in the set.
func (o *order[T]) remove(item T) { o.root = o.without(o.root, item) }

func (o *order[T]) without(at *node[T], item T) *node[T] {
	switch {
	case at == nil:
		return nil
	case at.item == item:
		return join(at.left, at.right)
	case o.less(item, at.item):
		at.left = o.without(at.left, item)
	default:
		at.right = o.without(at.right, item)
	}
	return at.count()
}

// split divides a tree into what comes before an item and what does not.
func (o *order[T]) split(at *node[T], item T) (before, after *node[T]) {
	switch {
	case at == nil:
		return nil, nil
	case o.less(at.item, item):
		at.right, after = o.split(at.right, item)
		return at.count(), after
	default:
		before, at.left = o.split(at.left, item)
		return before, at.count()
	}
}

// join joins two trees, all of the first before all of the second.
func join[T comparable](before, after *node[T]) *node[T] {
	switch {
	case before == nil:
		return after
	case after == nil:
		return before
	case before.priority >= after.priority:
		before.right = join(before.right, after)
		return before.count()
	default:
		after.left = join(before, after.left)
		return after.count()
	}
}
