package metadata

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// Equal reports whether a and b hold the same metadata: members in any order,
// arrays in order, numbers by value. Absent, null and empty differ from each
// other. Text that cannot be parsed (a key that occurs twice) equals nothing.
func Equal(a, b Object) bool {
	if a.raw == nil || b.raw == nil {
		return a.raw == nil && b.raw == nil
	}
	x, err := parse(a.raw, jsonscan.Nulls{})
	if err != nil {
		return false
	}
	y, err := parse(b.raw, jsonscan.Nulls{})
	return err == nil && equal(x, y)
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			w, ok := b[k]
			if !ok || !equal(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case json.Number:
		b, ok := b.(json.Number)
		return ok && (a == b || sameNumber(string(a), string(b)))
	default:
		return a == b
	}
}

// sameNumber compares two JSON numbers as decimals, exactly, in time linear in
// their texts: no exponent is expanded, none is made a number of another base.
func sameNumber(a, b string) bool { return parseDecimal(a) == parseDecimal(b) }

// decimal is ±0.digits × 10^exponent, without leading or trailing zeros; the zero
// decimal is 0. Two of one value are ==.
type decimal struct {
	negative bool
	digits   string
	exponent string
}

func parseDecimal(s string) decimal {
	s, negative := strings.CutPrefix(s, "-")
	power := "0"
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		s, power = s[:e], s[e+1:]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return decimal{}
	}
	point := len(digits) - len(fraction) // where it is in the digits
	return decimal{negative: negative, digits: strings.TrimRight(digits, "0"), exponent: sum(power, point)}
}

// sum adds n, the length of a text or less, to an integer.
func sum(integer string, n int) string {
	const bits = 63 // leaves room for n
	if small, err := strconv.ParseInt(integer, 10, bits); err == nil {
		return strconv.FormatInt(small+int64(n), 10)
	}
	digits, negative := strings.CutPrefix(integer, "-")
	if negative {
		n = -n // the sum keeps the sign: n is smaller
	}
	decimal := []byte("0" + strings.TrimLeft(digits, "+0"))
	for i := len(decimal) - 1; n != 0; i-- {
		n += int(decimal[i] - '0')
		digit := (n%10 + 10) % 10
		decimal[i] = '0' + byte(digit)
		n = (n - digit) / 10
	}
	absolute := strings.TrimLeft(string(decimal), "0")
	if negative {
		return "-" + absolute
	}
	return absolute
}
