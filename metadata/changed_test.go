package metadata_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestChanged(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		from, to string
		want     []string
	}{
		"nothing":                    {`{"a":1,"b":{"c":[1]}}`, `{"b":{"c":[1.0]},"a":1e0}`, nil},
		"a value":                    {`{"a":1}`, `{"a":2}`, []string{"/a"}},
		"keys that come and go":      {`{"a":1,"b":{"c":1}}`, `{"b":{"d":1}}`, []string{"/a", "/b/c", "/b/d"}},
		"an array as a whole":        {`{"a":[{"b":1}]}`, `{"a":[{"b":2}]}`, []string{"/a"}},
		"another kind":               {`{"a":{"b":1}}`, `{"a":1}`, []string{"/a"}},
		"an object instead":          {`{"a":1}`, `{"a":{"b":1}}`, []string{"/a"}},
		"an empty object comes":      {`{}`, `{"a":{}}`, []string{"/a"}},
		"a null is not nothing":      {`{"a":null}`, `{}`, []string{"/a"}},
		"a null comes":               {`{}`, `{"a":null}`, []string{"/a"}},
		"escaped and sorted":         {`{"b":1,"a/~":1,"":1}`, `{}`, []string{"/", "/a~1~0", "/b"}},
		"absent and null are empty":  {``, `null`, nil},
		"from absent":                {``, `{"a":1}`, []string{"/a"}},
		"digits":                     {`{"a":9007199254740993}`, `{"a":9007199254740992}`, []string{"/a"}},
		"unchanged beside a change":  {`{"a":{"b":{"c":1,"d":1}}}`, `{"a":{"b":{"c":1,"d":2}}}`, []string{"/a/b/d"}},
		"an object that was emptied": {`{"a":{"b":1}}`, `{"a":{}}`, []string{"/a/b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var from metadata.Object
			if tc.from != "" {
				from = object(t, tc.from)
			}
			got, err := metadata.Changed(from, object(t, tc.to))
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
	twice := object(t, `{"a":{"b":1,"b":2}}`)
	for _, pair := range [][2]metadata.Object{{twice, {}}, {{}, twice}} {
		got, err := metadata.Changed(pair[0], pair[1])
		requirePath(t, err, metadata.ErrDuplicateKey, "/a/b")
		require.Nil(t, got)
	}
}
