package structfields_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

type (
	plain struct {
		Untagged int
		Named    int `json:"name"`
		Options  int `json:",string"`
		Dash     int `json:"-,"` //nolint:staticcheck // the tag is unusual, and meant
		Odd      int `json:"€"`
		Left     int `json:"-"`
		hidden   int
	}
	Inner  struct{ A, B, C int }
	inner  struct{ D int }
	number int
	Number int
	outer  struct {
		Inner
		inner
		number
		Number
		B    string
		Nest Inner
	}
	pointers struct {
		*Inner
		Named *Inner `json:"in"`
	}
	Other struct{ A, Z int }
	// tagged has two A one level down, of which one has a tag.
	Tagged struct {
		X int `json:"A"`
	}
	tagged struct {
		Inner
		Tagged
	}
	rivals struct {
		Inner
		Other
	}
	taggedEmbedded struct {
		*Inner `json:"inner"`
		Other
	}
	Recursive struct {
		*Recursive
		Plain int
	}
	first  struct{ Inner }
	second struct{ Inner }
	twice  struct {
		first
		second
	}
	lost struct{ *inner }
)

// TestOf holds the members against what encoding/json writes, and reads back.
func TestOf(t *testing.T) {
	t.Parallel()
	_ = plain{}.hidden
	for _, c := range []struct {
		value any
		fault string
	}{
		{plain{}, "field Odd has a name in its json tag that releases of Go read differently: use letters, digits and none of \" ' ` \\ ,"},
		{struct{}{}, ""},
		{outer{number: 1}, ""},
		{pointers{Inner: &Inner{}}, ""},
		{tagged{}, ""},
		{taggedEmbedded{}, ""},
		{Recursive{}, ""},
		{rivals{}, `fields Inner.A and Other.A are both "A" in JSON`},
		{twice{}, `fields first.Inner.A and second.Inner.A are both "A" in JSON`},
		{lost{&inner{}}, "field inner.D is behind an embedded pointer to an unexported struct, which encoding/json cannot set"},
	} {
		typ := reflect.TypeOf(c.value)
		text, err := json.Marshal(c.value)
		require.NoError(t, err, typ)
		written := map[string]json.RawMessage{}
		require.NoError(t, json.Unmarshal(text, &written), typ)

		of := structfields.Of(typ)
		require.Equal(t, c.fault, of.Fault, typ)
		require.Equal(t, slices.Sorted(maps.Keys(written)), slices.Sorted(maps.Keys(of.Members)), typ)
		read := json.Unmarshal(text, reflect.New(typ).Interface())
		require.Equal(t, typ == reflect.TypeFor[lost](), read != nil, typ)
	}
}

func TestTypesOfMembers(t *testing.T) {
	t.Parallel()
	types := map[string]reflect.Type{}
	for name, m := range structfields.Of(reflect.TypeFor[outer]()).Members {
		types[name] = m.Type
	}
	require.Equal(t, map[string]reflect.Type{
		"A": reflect.TypeFor[int](), "B": reflect.TypeFor[string](), "C": reflect.TypeFor[int](), "D": reflect.TypeFor[int](),
		"Number": reflect.TypeFor[Number](), "Nest": reflect.TypeFor[Inner](),
	}, types)
	require.Equal(t, reflect.TypeFor[*Inner](), structfields.Of(reflect.TypeFor[taggedEmbedded]()).Members["inner"].Type)
	require.True(t, structfields.Of(reflect.TypeFor[plain]()).Members["Options"].Quoted)
}
