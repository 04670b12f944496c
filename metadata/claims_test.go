package metadata_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestFromClaims(t *testing.T) {
	t.Parallel()
	type typed struct {
		Role string `json:"role"`
	}
	for name, tc := range map[string]struct {
		claim any
		want  string
	}{
		"a map":           {map[string]any{"role": "admin", "n": 2.5}, `{"n":2.5,"role":"admin"}`},
		"an empty map":    {map[string]any{}, `{}`},
		"a struct":        {typed{"admin"}, `{"role":"admin"}`},
		"an Object":       {object(t, `{"n":9007199254740993}`), `{"n":9007199254740993}`},
		"null":            {nil, `null`},
		"nulls inside it": {map[string]any{"a": nil}, `{"a":null}`},
	} {
		o, err := metadata.FromClaims(map[string]any{"sub": "user_1", "metadata": tc.claim}, "metadata")
		require.NoError(t, err, name)
		require.Equal(t, tc.want, o.String(), name)
	}
	for name, claims := range map[string]map[string]any{"no claims": nil, "other claims": {"public": map[string]any{}}} {
		o, err := metadata.FromClaims(claims, "metadata")
		require.NoError(t, err, name)
		require.True(t, o.IsZero(), name)
	}
	for name, tc := range map[string]struct {
		claim  any
		reason error
		path   string
	}{
		"a string":    {"private", metadata.ErrNotObject, "/a~1b"},
		"a token":     {token, metadata.ErrNotObject, "/a~1b"},
		"an array":    {[]any{"private"}, metadata.ErrNotObject, "/a~1b"},
		"a number":    {1234567.0, metadata.ErrNotObject, "/a~1b"},
		"a template":  {"{{user.public_metadata}}", metadata.ErrNotObject, "/a~1b"},
		"NaN inside":  {map[string]any{"n": math.NaN()}, metadata.ErrNotFinite, "/a~1b/n"},
		"a Go value":  {map[string]any{"n": make(chan int)}, metadata.ErrUnsupported, "/a~1b/n"},
		"not UTF-8":   {map[string]any{"n": "private\xff"}, metadata.ErrInvalidString, "/a~1b/n"},
		"a deletion":  {map[string]any{"n": metadata.Delete}, metadata.ErrMisplacedDelete, "/a~1b/n"},
		"a typed nil": {[]string(nil), nil, ""},
	} {
		o, err := metadata.FromClaims(map[string]any{"a/b": tc.claim}, "a/b")
		if tc.reason == nil {
			require.NoError(t, err, name)
			require.True(t, o.IsNull(), name)
			continue
		}
		requirePath(t, err, tc.reason, tc.path)
		requireSilent(t, err, "private", "1234567", token)
		require.True(t, o.IsZero(), name)
	}
}

// token has the shape of a JWT; its payload is {"sub":"user_1"} and its
// signature is none.
const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2lnbmF0dXJl"

func TestParseClaims(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		`{"metadata":{"n":9007199254740993,"d":1.10}}`: `{"d":1.10,"n":9007199254740993}`,
		` {"sub":"eyJ","metadata":null} `:              `null`,
		`{"sub":"user_1"}`:                             `<absent>`,
	} {
		o, err := metadata.ParseClaims([]byte(payload), "metadata")
		require.NoError(t, err, payload)
		require.Equal(t, want, o.String())
	}
	parts := strings.Split(token, ".")
	for payload, says := range map[string]string{
		token:                             "this is a whole JWT",
		"\n" + token + "\n":               "this is a whole JWT",
		`"` + token + `"`:                 "this is a whole JWT",
		"Bearer " + token:                 "this is a whole JWT",
		parts[0] + "." + parts[1] + ".":   "this is a whole JWT",
		token + "." + parts[2] + ".eyJh_": "this is a whole JWT",
		parts[1]:                          "this is a part of a JWT in base64",
		parts[1] + "==":                   "this is a part of a JWT in base64",
	} {
		o, err := metadata.ParseClaims([]byte(payload), "metadata")
		requirePath(t, err, metadata.ErrUnverified, "")
		require.ErrorContains(t, err, says, payload)
		requireSilent(t, err, parts[1])
		require.True(t, o.IsZero())
	}
	for payload, reason := range map[string]error{
		``:                              metadata.ErrSyntax,
		`private`:                       metadata.ErrSyntax,
		"ey, not a token":               metadata.ErrSyntax,
		"eyJh.eyJz":                     metadata.ErrSyntax,
		`"private"`:                     metadata.ErrNotObject,
		`["private"]`:                   metadata.ErrNotObject,
		`null`:                          metadata.ErrNotObject,
		`{"metadata":{},"metadata":{}}`: metadata.ErrDuplicateKey,
		`{"metadata":"private"}`:        metadata.ErrNotObject,
		`{"metadata":{}}{}`:             metadata.ErrSyntax,
	} {
		_, err := metadata.ParseClaims([]byte(payload), "metadata")
		require.ErrorIs(t, err, reason, payload)
		requireSilent(t, err, "private")
	}
}
