package jsonscan

import "math"

// Node is a value of a text: where it stands, without white space around it.
type Node struct {
	// Name and NameEnd are where the name of a member stands, in its quotes; of
	// what is no member both are 0.
	Name, NameEnd uint32
	// Start and End are where the value stands.
	Start, End uint32
	// Next is the index of the node that follows, behind all that this one holds.
	Next uint32
}

// Outline appends the values of a text to nodes, each before those that it holds,
// and reports whether the text is one valid JSON value. Texts of 4 GiB and more
// are none to it.
func Outline(text []byte, nodes []Node) ([]Node, bool) {
	if uint64(len(text)) > math.MaxUint32 {
		return nodes, false
	}
	o := outliner{scanner{text: text}, nodes}
	o.space()
	valid := o.value(0, Node{}) && o.atEnd()
	return o.nodes, valid
}

type outliner struct {
	scanner

	nodes []Node
}

// value reads a value; node has its name.
func (o *outliner) value(depth int, node Node) bool {
	i := len(o.nodes)
	node.Start = uint32(o.at)
	o.nodes = append(o.nodes, node)
	var whole bool
	switch o.peek() {
	case '{':
		whole = o.container(depth, '}')
	case '[':
		whole = o.container(depth, ']')
	default:
		whole = o.scalar()
	}
	o.nodes[i].End, o.nodes[i].Next = uint32(o.at), uint32(len(o.nodes))
	return whole
}

func (o *outliner) container(depth int, end byte) bool {
	if depth >= maxDepth {
		return false
	}
	o.at++
	for first := true; ; first = false {
		if more, whole := o.item(first, end); !more {
			return whole
		}
		var node Node
		if end == '}' {
			node.Name = uint32(o.at)
			name, whole := o.key()
			if !whole {
				return false
			}
			node.NameEnd = node.Name + uint32(len(name))
		}
		if !o.value(depth+1, node) {
			return false
		}
	}
}
