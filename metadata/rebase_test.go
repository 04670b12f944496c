package metadata_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestRebase(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		was, now, stored string
		want             string // what is left to do, "" for conflicts
		conflicts        []string
	}{
		{was: `{"a":1}`, now: `{"a":2}`, stored: `{"a":1}`, want: `{"a":2}`},
		{was: `{"a":1}`, now: `{"a":2}`, stored: `{"a":1.0,"new":3}`, want: `{"a":2}`},
		{was: `{"a":1}`, now: `{"a":2}`, stored: `{"a":2e0}`, want: `{}`},
		{was: `{"a":1}`, now: `{"a":2}`, stored: `{"a":3}`, conflicts: []string{"/a"}},
		{was: `{"a":1}`, now: `{"a":2}`, stored: `{}`, conflicts: []string{"/a"}},
		{was: `{"a":1}`, now: `{"a":2}`, stored: `{"a":null}`, conflicts: []string{"/a"}},
		{was: `{"a":1}`, now: `{}`, stored: `{"a":1,"new":3}`, want: `{"a":null}`},
		{was: `{"a":1}`, now: `{}`, stored: `{"new":3}`, want: `{}`},
		{was: `{"a":1}`, now: `{}`, stored: `{"a":2}`, conflicts: []string{"/a"}},
		{was: `{"a":null}`, now: `{}`, stored: `{"a":null}`, want: `{"a":null}`},
		{was: `{"a":null}`, now: `{"a":1}`, stored: `{}`, conflicts: []string{"/a"}},
		{was: `{}`, now: `{"a":1}`, stored: `{"new":3}`, want: `{"a":1}`},
		{was: `{}`, now: `{"a":1}`, stored: `{"a":null}`, conflicts: []string{"/a"}},
		{was: ``, now: `{"a":1}`, stored: `null`, want: `{"a":1}`},
		{was: `{"a":{"b":1,"c":2}}`, now: `{"a":{"b":1,"c":3}}`, stored: `{"a":{"b":9,"c":2,"d":4}}`, want: `{"a":{"c":3}}`},
		{was: `{"a":{"b":1,"c":2}}`, now: `{"a":{"b":5,"c":3}}`, stored: `{"a":{"b":9,"c":8}}`, conflicts: []string{"/a/b", "/a/c"}},
		{was: `{"a":{"b":1,"c":2}}`, now: `{"a":{"b":5,"c":3}}`, stored: `{"a":{"b":5,"c":2}}`, want: `{"a":{"c":3}}`},
		{was: `{"a":{}}`, now: `{"a":{"b":1}}`, stored: `{}`, conflicts: []string{"/a/b"}},
		{was: `{"a":{}}`, now: `{"a":{"b":1}}`, stored: `{"a":1}`, conflicts: []string{"/a/b"}},
		{was: `{"a":{"b":1}}`, now: `{"a":{}}`, stored: `{}`, want: `{}`},
		{was: `{"a":{"b":1}}`, now: `{"a":{}}`, stored: `{"a":[1]}`, want: `{}`},
		// An object as a whole goes, or is replaced, only as it was.
		{was: `{"a":{"b":1}}`, now: `{}`, stored: `{"a":{"b":1}}`, want: `{"a":null}`},
		{was: `{"a":{"b":1}}`, now: `{}`, stored: `{"a":{"b":1,"new":2}}`, conflicts: []string{"/a"}},
		{was: `{"a":{"b":1}}`, now: `{"a":"x"}`, stored: `{"a":{"b":1}}`, want: `{"a":"x"}`},
		{was: `{}`, now: `{"a":{"b":1}}`, stored: `{"a":{"c":2}}`, conflicts: []string{"/a"}},
		{was: `{}`, now: `{"a":{"b":1}}`, stored: `{"a":{"b":1}}`, want: `{}`},
		// Arrays are one value.
		{was: `{"a":[1]}`, now: `{"a":[1,null]}`, stored: `{"a":[1.0]}`, want: `{"a":[1,null]}`},
		{was: `{"a":[1]}`, now: `{"a":[1,2]}`, stored: `{"a":[1,2]}`, want: `{}`},
		{was: `{"a":[1]}`, now: `{"a":[1,2]}`, stored: `{"a":[0,1]}`, conflicts: []string{"/a"}},
		{was: `{"a":1,"c/~":1}`, now: `{"a":2,"c/~":2}`, stored: `{}`, conflicts: []string{"/a", "/c~1~0"}},
	} {
		var was metadata.Object
		if v.was != "" {
			was = object(t, v.was)
		}
		left, err := metadata.Rebase(was, object(t, v.now), object(t, v.stored))
		why := v.was + " → " + v.now + " on " + v.stored
		if v.want == "" {
			var conflict *metadata.ConflictError
			require.ErrorAs(t, err, &conflict, why)
			require.Equal(t, v.conflicts, conflict.Paths, why)
			require.ErrorContains(t, err, `"`+v.conflicts[0]+`"`)
			require.Nil(t, left)
			continue
		}
		require.NoError(t, err, why)
		text, err := left.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, v.want, string(text), why)
	}
}

func TestRebaseErrors(t *testing.T) {
	t.Parallel()
	whole := object(t, `{"a":1}`)
	_, err := metadata.Rebase(whole, object(t, `{"a":null}`), whole)
	require.ErrorIs(t, err, metadata.ErrNull)
	_, err = metadata.Rebase(whole, metadata.Object{}, whole)
	requirePath(t, err, metadata.ErrNotObject, "")
	twice := object(t, `{"a":1,"a":2}`)
	for _, objects := range [][3]metadata.Object{{twice, whole, whole}, {whole, twice, whole}, {whole, object(t, `{}`), twice}} {
		_, err := metadata.Rebase(objects[0], objects[1], objects[2])
		require.ErrorIs(t, err, metadata.ErrDuplicateKey)
	}
	// The list of conflicts is bounded.
	key := strings.Repeat("k", 1000)
	was, now := `{`, `{`
	for i := range 200 {
		name := `"` + key + string(rune('a'+i%26)) + strings.Repeat("x", i) + `"`
		was, now = was+name+`:1,`, now+name+`:2,`
	}
	_, err = metadata.Rebase(object(t, was+`"z":1}`), object(t, now+`"z":2}`), object(t, `{}`))
	var conflict *metadata.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Less(t, len(conflict.Paths), 100)
	require.Equal(t, 201, len(conflict.Paths)+conflict.More)
}

// FuzzRebase checks that a rebased change makes its places as now has them, touches no
// other, leaves nothing to do a second time, and is the plain difference where nothing
// happened meanwhile.
func FuzzRebase(f *testing.F) {
	for i, a := range seeds {
		f.Add([]byte(a), []byte(seeds[(i+5)%len(seeds)]), []byte(seeds[(i+4)%len(seeds)]))
	}
	f.Add([]byte(`{"a":{"b":1},"c":2}`), []byte(`{"a":{"b":2}}`), []byte(`{"a":{"b":1,"d":3},"c":2,"e":4}`))
	f.Add([]byte(`{"a":{"b":1},"c":2}`), []byte(`{"a":{"b":{"x":[null]}}}`), []byte(`{"a":{"b":1,"d":3}}`))
	f.Fuzz(func(t *testing.T, wasText, nowText, storedText []byte) {
		was, wasErr := metadata.ParseObject(wasText)
		now, nowErr := metadata.ParseObject(nowText)
		stored, storedErr := metadata.ParseObject(storedText)
		if wasErr != nil || nowErr != nil || storedErr != nil || len(nowText) > 9000 { // sameValue needs a level more
			return
		}
		change, err := metadata.Diff(was, now)
		if err != nil {
			return
		}
		plain, err := metadata.Rebase(was, now, was)
		require.NoError(t, err)
		require.Equal(t, change, plain)
		left, err := metadata.Rebase(was, now, stored)
		if err != nil {
			return
		}
		after := merged(t, stored, left)
		again, err := metadata.Rebase(was, now, after)
		require.NoError(t, err)
		require.Empty(t, again)

		is, err := after.Map()
		require.NoError(t, err)
		wanted, err := now.Map()
		require.NoError(t, err)
		touched := map[string]bool{}
		for _, place := range leaves(change, nil) {
			path := pathTo(place)
			touched[path] = true
			want, remains := at(any(wanted), path)
			got, exists := at(any(is), path)
			require.Equal(t, remains, exists, path)
			require.True(t, sameValue(t, want, got), path)
		}
		for _, place := range leaves(left, nil) {
			require.True(t, touched[pathTo(place)], place)
		}
	})
}

func pathTo(place []string) string {
	path := ""
	for _, key := range place {
		path += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
	}
	return path
}

// sameValue compares values as metadata does.
func sameValue(t *testing.T, a, b any) bool {
	t.Helper()
	x, err := metadata.Of(map[string]any{"v": a}).Object()
	require.NoError(t, err)
	y, err := metadata.Of(map[string]any{"v": b}).Object()
	require.NoError(t, err)
	return metadata.Equal(x, y)
}
