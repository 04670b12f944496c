package jsonscan

// Reader goes through a text token by token, for code that builds a value of it and
// reports where it is at fault. It does not check the order of the tokens.
type Reader struct{ s scanner }

// NewReader returns a Reader that stands at the beginning of text.
func NewReader(text []byte) Reader { return Reader{scanner{text: text}} }

// Offset is how many bytes have been read.
func (r *Reader) Offset() int { return r.s.at }

// Next moves over white space and returns the byte that stands behind it. At the
// end there is none, and it stays before the white space.
func (r *Reader) Next() (c byte, more bool) {
	before := r.s.at
	if r.s.space(); r.s.at == len(r.s.text) {
		r.s.at = before
		return 0, false
	}
	return r.s.text[r.s.at], true
}

// Byte moves over c, and reports whether it stood there.
func (r *Reader) Byte(c byte) bool { return r.s.byte(c) }

// Scalar moves over a string, a number, true, false or null, and reports whether
// a whole one stood there; where none did it stays. A number ends where it can:
// of 01 it reads 0.
func (r *Reader) Scalar() bool {
	start := r.s.at
	if r.s.scalar() {
		return true
	}
	r.s.at = start
	return false
}
