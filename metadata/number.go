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
