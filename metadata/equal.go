package metadata

import (
	"encoding/json"
	"math/big"
	"strings"
)

// Equal reports whether a and b hold the same metadata: members in any order,
// arrays in order, numbers by value. Absent, null and empty differ from each
// other. Text that cannot be parsed (a key that occurs twice) equals nothing.
func Equal(a, b Object) bool {
	if a.raw == nil || b.raw == nil {
		return a.raw == nil && b.raw == nil
	}
	x, err := parse(a.raw, nulls{})
	if err != nil {
		return false
	}
	y, err := parse(b.raw, nulls{})
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

// sameNumber compares two JSON numbers as decimals. It never expands an
// exponent, so 1e999999999 costs no more than its text.
func sameNumber(a, b string) bool {
	x, y := parseDecimal(a), parseDecimal(b)
	return x.negative == y.negative && x.digits == y.digits && x.exponent.Cmp(y.exponent) == 0
}

// decimal is ±0.digits × 10^exponent, without leading or trailing zeros.
type decimal struct {
	negative bool
	digits   string
	exponent *big.Int
}

func parseDecimal(s string) decimal {
	s, negative := strings.CutPrefix(s, "-")
	mantissa, power, _ := strings.Cut(strings.ToLower(s), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent, ok := new(big.Int).SetString(strings.TrimPrefix(power, "+"), 10)
	if !ok {
		exponent = new(big.Int)
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return decimal{exponent: new(big.Int)}
	}
	leading := len(whole) - (len(whole) + len(fraction) - len(digits))
	exponent.Add(exponent, big.NewInt(int64(leading)))
	return decimal{negative: negative, digits: strings.TrimRight(digits, "0"), exponent: exponent}
}
