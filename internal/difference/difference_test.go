package difference_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/difference"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func object(t *testing.T, text string) (o metadata.Object) {
	t.Helper()
	if text != "" {
		require.NoError(t, o.UnmarshalJSON([]byte(text)))
	}
	return o
}

func TestOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, from, to string
		want           []string
	}{
		{"nothing", `{"a":1}`, `{"a":1.0}`, nil},
		{"an absent field", ``, `{}`, nil},
		{"a key", `{"a":1}`, `{"b":"<é>"}`, []string{`- a: 1`, `+ b: "<é>"`}},
		{"deep", `{"limits":{"seats":5,"max":1}}`, `{"limits":{"seats":6,"max":1}}`, []string{`~ limits.seats: 5 -> 6`}},
		{"an array", `{"a":[1,2]}`, `{"a":[1]}`, []string{`~ a: [1,2] -> [1]`}},
		{"an object in place of a value", `{"a":1}`, `{"a":{"b":1}}`, []string{`~ a: 1 -> {"b":1}`}},
		{"digits", `{"a":9007199254740993}`, `{"a":9007199254740992}`, []string{`~ a: 9007199254740993 -> 9007199254740992`}},
		{"a null", `{}`, `{"a":null}`, []string{`+ a: null`}},
		{"keys of every kind", `{}`, `{"a.b":1,"c=d":2,"e\\":3,"f/~g":4,"":5}`, []string{`+ : 5`, `+ a\.b: 1`, `+ c\=d: 2`, `+ e\\: 3`, `+ f/~g: 4`}},
		{"a null field", `null`, `{}`, []string{`~ public_metadata: null -> {}`}},
		{"a field that becomes null", `{"a":1}`, `null`, []string{`~ public_metadata: {"a":1} -> null`, `- a: 1`}},
		{"a null field that stays", `null`, `null`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			all, err := difference.Of(object(t, tc.from), object(t, tc.to))
			require.NoError(t, err)
			var lines []string
			for _, d := range all {
				lines = append(lines, d.String("public_metadata"))
			}
			require.Equal(t, tc.want, lines)
		})
	}
}
