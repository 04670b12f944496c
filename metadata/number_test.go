package metadata_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// sameByBig compares two JSON numbers with math/big: as integers, once the smaller
// of the two exponents is taken out of both. Exponents that are further apart than
// both have digits make them differ, except zeros.
func sameByBig(a, b string) bool {
	x, xExp := wholeAndExponent(a)
	y, yExp := wholeAndExponent(b)
	if x.Sign() == 0 || y.Sign() == 0 {
		return x.Sign() == y.Sign()
	}
	apart := new(big.Int).Sub(xExp, yExp)
	if !apart.IsInt64() || apart.Int64() > int64(len(b)) || -apart.Int64() > int64(len(a)) {
		return false
	}
	if apart.Sign() < 0 {
		x, y = y, x
	}
	shift := new(big.Int).Exp(big.NewInt(10), apart.Abs(apart), nil)
	return x.Mul(x, shift).Cmp(y) == 0
}

// wholeAndExponent is a number as a whole one times a power of ten.
func wholeAndExponent(s string) (whole, exponent *big.Int) {
	mantissa, power, _ := strings.Cut(strings.ToLower(s), "e")
	before, after, _ := strings.Cut(mantissa, ".")
	whole, _ = new(big.Int).SetString(before+after, 10)
	if before[0] == '-' {
		whole.Neg(whole.Abs(whole))
	}
	exponent, ok := new(big.Int).SetString(power, 10)
	if !ok {
		exponent = new(big.Int)
	}
	return whole, exponent.Sub(exponent, big.NewInt(int64(len(after))))
}

func requireSameAsBig(t *testing.T, a, b string) {
	t.Helper()
	x, y := object(t, `{"n":`+a+`}`), object(t, `{"n":`+b+`}`)
	require.Equal(t, sameByBig(a, b), metadata.Equal(x, y), "%s and %s", a, b)
	require.Equal(t, sameByBig(a, b), metadata.Equal(y, x), "%s and %s", b, a)
}

// TestNumbersAsMathBig compares numbers that are often equal: few digits, many
// zeros and nines, exponents where a carry goes through all of them.
func TestNumbersAsMathBig(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	equal := 0
	for range rounds(20_000) {
		a := randomNumber(random)
		b := randomNumber(random)
		if random.IntN(2) == 0 {
			b = rewritten(random, a)
		}
		requireSameAsBig(t, a, b)
		if sameByBig(a, b) {
			equal++
		}
	}
	require.Greater(t, equal, rounds(9_000))
	require.Less(t, equal, rounds(19_000))
}

// TestExponentsThatCarry compares all numbers around the powers of ten at which the
// place of the point adds a digit to the exponent or takes one away.
func TestExponentsThatCarry(t *testing.T) {
	t.Parallel()
	powers := []string{"0", "9999999999999999999", "1000000000000000000", "99999999999999999", "999999999999999999",
		"1999999999999999999999999999", "1000000000000000000000000000000000000", "100" + strings.Repeat("9", 18)}
	if testing.Short() {
		powers = powers[:2]
	}
	for _, power := range powers {
		base, _ := new(big.Int).SetString(power, 10)
		var numbers []string
		for delta := range int64(5) {
			exponent := new(big.Int).Add(base, big.NewInt(delta-2))
			for _, mantissa := range []string{"1", "10", "0.1", "0.01", "100"} {
				numbers = append(numbers, fmt.Sprintf("%se%s", mantissa, exponent), fmt.Sprintf("%se%s", mantissa, exponent.Neg(exponent)))
				exponent.Neg(exponent)
			}
		}
		for _, a := range numbers {
			for _, b := range numbers {
				requireSameAsBig(t, a, b)
			}
		}
	}
}

func randomNumber(random *rand.Rand) string {
	digits := func(most int) string {
		b := []byte("00000000000000000000000000000000000000000000")[:1+random.IntN(most)]
		for i := range b {
			b[i] = "00009991"[random.IntN(8)]
		}
		return string(b)
	}
	s := strings.TrimLeft(digits(5), "0")
	if s == "" {
		s = "0"
	}
	if random.IntN(2) == 0 {
		s = "-" + s
	}
	if random.IntN(2) == 0 {
		s += "." + digits(5)
	}
	if random.IntN(4) > 0 {
		s += []string{"e", "E+", "e-"}[random.IntN(3)] + digits(1+random.IntN(42))
	}
	return s
}

// rewritten is the same number with its point elsewhere.
func rewritten(random *rand.Rand, s string) string {
	whole, exponent := wholeAndExponent(s)
	zeros := random.IntN(5)
	digits := new(big.Int).Abs(whole).String() + strings.Repeat("0", zeros)
	sign := ""
	if whole.Sign() < 0 {
		sign = "-"
	}
	point := random.IntN(len(digits))
	exponent.Add(exponent, big.NewInt(int64(len(digits)-point-zeros)))
	if point == 0 || digits[0] == '0' {
		return fmt.Sprintf("%s0.%se%s", sign, strings.Repeat("0", point)+digits, exponent.Add(exponent, big.NewInt(int64(point))))
	}
	return fmt.Sprintf("%s%s.%se%s", sign, digits[:point], digits[point:], exponent)
}

// FuzzNumbers holds the comparison of numbers against math/big.
func FuzzNumbers(f *testing.F) {
	f.Add("1e1000000000000000000", "0.1e1000000000000000001")
	f.Add("-10.0e-999999999999999999", "-1e-999999999999999998")
	f.Add("0.01E+0099999999999999999999", "1e99999999999999999997")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, s := range []string{a, b} {
			if s == "" || strings.Trim(s, "0123456789+-.eE") != "" || !json.Valid([]byte(s)) {
				return
			}
		}
		requireSameAsBig(t, a, b)
	})
}
