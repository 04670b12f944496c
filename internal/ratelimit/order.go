package ratelimit

// order is a set of waiters that counts how many of them come before another. It is a
// treap: a search tree whose random priorities fall from the root down, which keeps its
// depth near the logarithm of its size.
type order struct {
	root *waiter
	less func(a, b *waiter) bool
}

// node is a waiter's place in an order.
type node struct {
	left, right *waiter
	size        int // of the subtree, the waiter included
	priority    uint32
}

func size(w *waiter) int {
	if w == nil {
		return 0
	}
	return w.size
}

// count computes w's size from its children.
func count(w *waiter) *waiter {
	w.size = size(w.left) + 1 + size(w.right)
	return w
}

// rank is how many come before w, which need not be in the order.
func (o *order) rank(w *waiter) int {
	rank := 0
	for at := o.root; at != nil; {
		if o.less(at, w) {
			rank += size(at.left) + 1
			at = at.right
		} else {
			at = at.left
		}
	}
	return rank
}

// insert adds w, which is in no order.
func (o *order) insert(w *waiter) {
	before, after := o.split(o.root, w)
	w.left, w.right = nil, nil
	o.root = join(join(before, count(w)), after)
}

// remove removes w, which is in the order.
func (o *order) remove(w *waiter) { o.root = o.without(o.root, w) }

func (o *order) without(at, w *waiter) *waiter {
	switch {
	case at == w:
		return join(w.left, w.right)
	case o.less(w, at):
		at.left = o.without(at.left, w)
	default:
		at.right = o.without(at.right, w)
	}
	return count(at)
}

// split divides a tree into what comes before w and what does not.
func (o *order) split(at, w *waiter) (before, after *waiter) {
	switch {
	case at == nil:
		return nil, nil
	case o.less(at, w):
		at.right, after = o.split(at.right, w)
		return count(at), after
	default:
		before, at.left = o.split(at.left, w)
		return before, count(at)
	}
}

// join joins two trees, all of the first before all of the second.
func join(before, after *waiter) *waiter {
	switch {
	case before == nil:
		return after
	case after == nil:
		return before
	case before.priority >= after.priority:
		before.right = join(before.right, after)
		return count(before)
	default:
		after.left = join(before, after.left)
		return count(after)
	}
}
