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
	s := newScanner(text)
	s.nodes, s.outlined = nodes, true
	valid := s.value(0) && s.atEnd()
	return s.nodes, valid
}
