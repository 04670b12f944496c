package clerktest_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// rfc7396 is the pseudo code of RFC 7396, written for this test and sharing
// nothing with the module's own merge.
func rfc7396(target, patch any) any {
	p, isObject := patch.(map[string]any)
	if !isObject {
		return patch
	}
	result := map[string]any{}
	if t, ok := target.(map[string]any); ok {
		for k, v := range t {
			result[k] = v
		}
	}
	for k, v := range p {
		if v == nil {
			delete(result, k)
			continue
		}
		result[k] = rfc7396(result[k], v)
	}
	return result
}

// anyObject makes small objects whose keys collide often.
func anyObject(rnd *rand.Rand, depth int) object {
	m := object{}
	for range rnd.IntN(4) {
		m[string(rune('a'+rnd.IntN(3)))] = anyValue(rnd, depth)
	}
	return m
}

func anyValue(rnd *rand.Rand, depth int) any {
	switch n := rnd.IntN(8); {
	case n < 4 && depth > 0:
		return anyObject(rnd, depth-1)
	case n == 4:
		return nil
	case n == 5:
		return []any{float64(rnd.IntN(3)), nil, anyObject(rnd, 0)}
	case n == 6:
		return "text"
	default:
		return float64(rnd.IntN(10))
	}
}

func TestMergeAgreesWithRFC7396(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	rnd := rand.New(rand.NewPCG(7, 396))
	for range rounds(500) {
		// A PUT stores nulls, so the target of a merge can hold them too.
		before, patch := anyObject(rnd, 3), anyObject(rnd, 3)
		body, err := json.Marshal(object{"public_metadata": before})
		require.NoError(t, err)
		stored := backend(t, c, "PUT", "/users/user_2/metadata", string(body)).field(t, "public_metadata")
		text, err := json.Marshal(before)
		require.NoError(t, err)
		require.JSONEq(t, string(text), stored)

		body, err = json.Marshal(object{"public_metadata": patch})
		require.NoError(t, err)
		merged := backend(t, c, "PATCH", "/users/user_2/metadata", string(body)).field(t, "public_metadata")
		want, err := json.Marshal(rfc7396(before, patch))
		require.NoError(t, err)
		require.JSONEq(t, string(want), merged, "before %s patch %s", text, body)
	}
}
