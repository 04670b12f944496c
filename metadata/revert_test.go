package metadata_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestRevert(t *testing.T) {
	t.Parallel()
	type step struct{ before, after string }
	for name, tc := range map[string]struct {
		steps          []step
		stored, want   string
		changed, nulls []string
	}{
		"a value":                                 {steps: []step{{`{"a":1}`, `{"a":2}`}}, stored: `{"a":2,"z":0}`, want: `{"a":1,"z":0}`},
		"a number of the same value":              {steps: []step{{`{"a":1}`, `{"a":2.0}`}}, stored: `{"a":2}`, want: `{"a":1}`},
		"digits":                                  {steps: []step{{`{"a":9007199254740993}`, `{}`}}, stored: `{}`, want: `{"a":9007199254740993}`},
		"an added key":                            {steps: []step{{`{}`, `{"a":1}`}}, stored: `{"a":1}`, want: `{}`},
		"a removed key":                           {steps: []step{{`{"a":{"b":[null]}}`, `{}`}}, stored: `{}`, want: `{"a":{"b":[null]}}`},
		"never made":                              {steps: []step{{`{"a":1}`, `{"a":2}`}}, stored: `{"a":1}`, want: `{"a":1}`},
		"changed by others":                       {steps: []step{{`{"a":1,"b":1}`, `{"a":2,"b":2}`}}, stored: `{"a":3,"b":2}`, want: `{"a":3,"b":1}`, changed: []string{"/a"}},
		"removed by others":                       {steps: []step{{`{"a":1}`, `{"a":2}`}}, stored: `{}`, want: `{}`, changed: []string{"/a"}},
		"a made object, still so":                 {steps: []step{{`{}`, `{"a":{"b":1}}`}}, stored: `{"a":{"b":1}}`, want: `{}`},
		"a made object, and a key of others":      {steps: []step{{`{}`, `{"a":{"b":1}}`}}, stored: `{"a":{"b":1,"c":2}}`, want: `{"a":{"b":1,"c":2}}`, changed: []string{"/a"}},
		"a key in an object that is gone":         {steps: []step{{`{"a":{"b":1}}`, `{"a":{}}`}}, stored: `{}`, want: `{}`, changed: []string{"/a/b"}},
		"an added key in an object gone":          {steps: []step{{`{"a":{}}`, `{"a":{"b":1}}`}}, stored: `{}`, want: `{}`},
		"steps of one place":                      {steps: []step{{`{"a":1}`, `{"a":2}`}, {`{"a":2}`, `{"a":3}`}}, stored: `{"a":3}`, want: `{"a":1}`},
		"the last step was not made":              {steps: []step{{`{"a":1}`, `{"a":2}`}, {`{"a":2}`, `{"a":3}`}}, stored: `{"a":2}`, want: `{"a":1}`},
		"steps that were taken back":              {steps: []step{{`{"a":1}`, `{"a":2}`}, {`{"a":2}`, `{"a":3}`}}, stored: `{"a":1}`, want: `{"a":1}`},
		"steps that were run again":               {steps: []step{{`{"a":1}`, `{"a":2}`}, {`{"a":2}`, `{"a":3}`}, {`{"a":3}`, `{"a":2}`}}, stored: `{"a":2}`, want: `{"a":1}`},
		"others wrote between the steps":          {steps: []step{{`{"a":1}`, `{"a":2}`}, {`{"a":7}`, `{"a":3}`}}, stored: `{"a":3}`, want: `{"a":7}`, changed: []string{"/a"}},
		"a key, then the object around":           {steps: []step{{`{"a":{"b":1}}`, `{"a":{"b":2}}`}, {`{"a":{"b":2,"c":3}}`, `{"a":5}`}}, stored: `{"a":5}`, want: `{"a":{"b":1,"c":3}}`},
		"a key, and others wrote the object":      {steps: []step{{`{"a":{"b":1}}`, `{"a":{"b":2}}`}, {`{"a":{"b":2}}`, `{"a":5}`}}, stored: `{"a":{"b":2,"z":0}}`, want: `{"a":{"b":2,"z":0}}`, changed: []string{"/a"}},
		"a key inside changed, an outer restored": {steps: []step{{`{}`, `{"a":{"b":1}}`}, {`{"a":{"b":1}}`, `{"a":{"b":2}}`}}, stored: `{"a":{"b":9}}`, want: `{"a":{"b":9}}`, changed: []string{"/a"}},
		"a null":                      {steps: []step{{`{"a":null,"b":1}`, `{"a":1}`}}, stored: `{"a":1}`, want: `{"a":1,"b":1}`, nulls: []string{"/a"}},
		"a null that is still there":  {steps: []step{{`{"a":null,"b":1}`, `{"a":null,"b":2}`}}, stored: `{"a":null,"b":2}`, want: `{"a":null,"b":1}`},
		"a null in a removed object":  {steps: []step{{`{"a":{"n":null,"b":1}}`, `{}`}}, stored: `{}`, want: `{"a":{"b":1}}`, nulls: []string{"/a/n"}},
		"a null between two steps":    {steps: []step{{`{"a":1}`, `{"a":null}`}, {`{"a":null}`, `{"a":2}`}}, stored: `{"a":2}`, want: `{"a":1}`},
		"a field that was null":       {steps: []step{{`null`, `{"a":1}`}}, stored: `{"a":1}`, want: `{}`, nulls: []string{""}},
		"a field that is null":        {steps: []step{{`{"a":1}`, `null`}}, stored: `null`, want: `{"a":1}`},
		"an empty field that is null": {steps: []step{{`{}`, `null`}}, stored: `null`, want: `null`, nulls: []string{""}},
		"nothing":                     {stored: `{ "a" : 1 }`, want: `{ "a" : 1 }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var steps []metadata.Step
			for _, s := range tc.steps {
				steps = append(steps, metadata.Step{Before: object(t, s.before), After: object(t, s.after)})
			}
			got, err := metadata.Revert(object(t, tc.stored), steps...)
			require.NoError(t, err)
			require.Equal(t, tc.want, got.Object.String())
			require.Equal(t, tc.changed, got.Changed)
			require.Equal(t, tc.nulls, got.Nulls)
			require.Zero(t, got.More)
		})
	}
}

func TestRevertRefuses(t *testing.T) {
	t.Parallel()
	good, twice := object(t, `{"a":1}`), object(t, `{"a":1,"a":2}`)
	for _, err := range []error{
		second(metadata.Revert(twice)),
		second(metadata.Revert(good, metadata.Step{Before: twice, After: good})),
		second(metadata.Revert(good, metadata.Step{Before: good, After: twice})),
	} {
		requirePath(t, err, metadata.ErrDuplicateKey, "/a")
	}
}

func second[T any](_ T, err error) error { return err }

// Random steps, each of which starts where the one before ended, are taken back whole,
// whether the last of them was made or not, and what others write at other keys stays.
func TestRevertProperty(t *testing.T) {
	t.Parallel()
	r := newRandom(15)
	for range rounds(3_000) {
		states := []metadata.Object{object(t, r.object(3))}
		var steps []metadata.Step
		for range 1 + r.IntN(3) {
			next := object(t, r.object(3))
			steps = append(steps, metadata.Step{Before: states[len(states)-1], After: next})
			states = append(states, next)
		}
		reached := states[len(states)-1-r.IntN(2)]
		others, err := metadata.ParsePatch([]byte(`{"others":` + r.value(2, false) + `}`))
		require.NoError(t, err)
		stored, err := metadata.Merge(reached, others)
		require.NoError(t, err)
		want, err := metadata.Merge(states[0], others)
		require.NoError(t, err)

		got, err := metadata.Revert(stored, steps...)
		require.NoError(t, err)
		require.Empty(t, got.Nulls)
		require.Empty(t, got.Changed)
		require.True(t, metadata.Equal(want, got.Object), "%v\n%s\n%s", steps, stored, got.Object)
		patch, err := metadata.Diff(stored, got.Object)
		require.NoError(t, err)
		after, err := metadata.Merge(stored, patch)
		require.NoError(t, err)
		require.True(t, metadata.Equal(want, after))
		again, err := metadata.Revert(after, steps...)
		require.NoError(t, err)
		require.True(t, metadata.Equal(want, again.Object), "%v\n%s\n%s", steps, after, again.Object)
	}
}
