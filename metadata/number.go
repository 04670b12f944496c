package metadata

import (
	"strconv"
	"strings"
)

// sameNumber compares two JSON numbers as decimals, exactly, in time linear in
// their texts: no exponent is expanded, none is made a number of another base.
func sameNumber(a, b string) bool { return parseDecimal(a) == parseDecimal(b) }

// decimal is ±0.digits × 10^exponent, without leading or trailing zeros; the zero
// decimal is 0. Two of one value are ==.
type decimal struct {
	negative bool
	digits   string
	exponent integer
}

func parseDecimal(s string) decimal {
	s, negative := strings.CutPrefix(s, "-")
	power := ""
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		s, power = s[:e], s[e+1:]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return decimal{}
	}
	point := len(digits) - len(fraction) // where it is in the digits
	return decimal{negative: negative, digits: strings.TrimRight(digits, "0"), exponent: parseInteger(power).plus(point)}
}

// integer is a whole number, in decimal and without leading zeros; the zero
// integer is 0.
type integer struct {
	negative bool
	digits   string
}

func parseInteger(s string) integer {
	digits, negative := strings.CutPrefix(s, "-")
	digits = strings.TrimLeft(strings.TrimPrefix(digits, "+"), "0")
	return integer{negative: negative && digits != "", digits: digits}
}

const (
	// tailSize is how many digits are added to by machine arithmetic.
	tailSize  = 18
	tailLimit = 1e18
)

// plus adds n, the length of a text or less.
func (i integer) plus(n int) integer {
	if len(i.digits) <= tailSize {
		small, _ := strconv.ParseInt(i.digits, 10, 64) // of no digits it is 0
		if i.negative {
			small = -small
		}
		return parseInteger(strconv.FormatInt(small+int64(n), 10))
	}
	if i.negative {
		n = -n // it keeps its sign: n is smaller
	}
	head := i.digits[:len(i.digits)-tailSize]
	tail, _ := strconv.ParseInt(i.digits[len(head):], 10, 64)
	switch tail += int64(n); {
	case tail < 0:
		head, tail = down(head), tail+tailLimit
	case tail >= tailLimit:
		head, tail = up(head), tail-tailLimit
	}
	end := strconv.FormatInt(tail, 10)
	digits := head + strings.Repeat("0", tailSize-len(end)) + end
	return integer{negative: i.negative, digits: strings.TrimLeft(digits, "0")}
}

// up is the decimal digits plus one.
func up(digits string) string {
	kept := strings.TrimRight(digits, "9")
	nines := len(digits) - len(kept)
	if kept == "" {
		kept = "0"
	}
	last := len(kept) - 1
	return kept[:last] + string(kept[last]+1) + strings.Repeat("0", nines)
}

// down is the decimal digits, which are not all zeros, minus one.
func down(digits string) string {
	kept := strings.TrimRight(digits, "0")
	last := len(kept) - 1
	return kept[:last] + string(kept[last]-1) + strings.Repeat("9", len(digits)-len(kept))
}
