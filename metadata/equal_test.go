package metadata_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestEqualNumbers(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("0", 1000)
	// Every class holds the ways to write one number; different classes differ.
	classes := [][]string{
		{"0", "-0", "0.0", "-0.00", "0e5", "0E-999999999999999999999"},
		{"1", "1.0", "1e0", "10e-1", "0.1e1", "0.01E+2", "1" + zeros + "e-1000", "0." + zeros + "1e1001"},
		{"-1", "-1.0", "-10e-1"},
		{"10", "1e1", "1E+01", "0.1e2"},
		{"0.1", "1e-1", "0.10"},
		{"1e400", "10e399", "1" + strings.Repeat("0", 400)},
		{"1e401"},
		{"-1e400"},
		{"100000000000000000000001"},
		{"100000000000000000000002"},
		{"9007199254740992", "9007199254740992.0"},
		{"9007199254740993"},
		{"1e999999999999999999999", "10e999999999999999999998"},
		{"1e-999999999999999999999"},
		{"1e" + strings.Repeat("9", 20_000)},
	}
	for i, class := range classes {
		for _, a := range class {
			for j, other := range classes {
				for _, b := range other {
					x, y := object(t, `{"n":[`+a+`]}`), object(t, `{"n":[`+b+`]}`)
					require.Equal(t, i == j, metadata.Equal(x, y), "%.40s and %.40s", a, b)
				}
			}
		}
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		a, b string
		want bool
	}{
		{``, ``, true},
		{`null`, `null`, true},
		{``, `null`, false},
		{``, `{}`, false},
		{`null`, `{}`, false},
		{`{}`, ` { } `, true},
		{`{"a":1,"b":{"c":2,"d":3}}`, `{"b":{"d":3,"c":2},"a":1}`, true},
		{`{"a":1}`, `{"a":1,"b":2}`, false},
		{`{"a":1}`, `{"b":1}`, false},
		{`{"a":null}`, `{"b":null}`, false},
		{`{"a":null}`, `{}`, false},
		{`{"a":null}`, `{"a":null}`, true},
		{`{"a":[1,2]}`, `{"a":[2,1]}`, false},
		{`{"a":[1]}`, `{"a":[1,1]}`, false},
		{`{"a":[]}`, `{"a":{}}`, false},
		{`{"a":{}}`, `{"a":[]}`, false},
		{`{"a":1}`, `{"a":"1"}`, false},
		{`{"a":"1"}`, `{"a":1}`, false},
		{`{"a":true}`, `{"a":true}`, true},
		{`{"a":true}`, `{"a":false}`, false},
		{`{"\u0061":"\u00e9"}`, `{"a":"é"}`, true},
		{`{"a":"é"}`, `{"a":"e\u0301"}`, false},
		{`{"a":1,"a":1}`, `{"a":1,"a":1}`, false},
		{`{"a":1}`, `{"a":1,"a":1}`, false},
	} {
		var a, b metadata.Object
		if v.a != "" {
			a = object(t, v.a)
		}
		if v.b != "" {
			b = object(t, v.b)
		}
		require.Equal(t, v.want, metadata.Equal(a, b), "%s and %s", v.a, v.b)
		require.Equal(t, v.want, metadata.Equal(b, a), "%s and %s", v.b, v.a)
	}
}
