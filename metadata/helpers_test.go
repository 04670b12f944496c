package metadata_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// object is the Object of a text that the test knows to be good.
func object(t *testing.T, text string) metadata.Object {
	t.Helper()
	o, err := metadata.ParseObject([]byte(text))
	require.NoError(t, err)
	return o
}

// decode reads JSON with digits kept, by encoding/json alone.
func decode(t *testing.T, text []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v))
	return v
}

func requirePath(t *testing.T, err, reason error, path string) {
	t.Helper()
	require.ErrorIs(t, err, reason)
	var at *metadata.PathError
	require.ErrorAs(t, err, &at)
	require.Equal(t, path, at.Path)
}

// requireSilent checks that no way of printing err shows any of the values.
func requireSilent(t *testing.T, err error, values ...string) {
	t.Helper()
	require.Error(t, err)
	var out bytes.Buffer
	for _, e := range []any{err, fmt.Errorf("wrapped: %w", err), []error{err}, struct{ E error }{err}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", e)
		}
		encoded, jsonErr := json.Marshal(e)
		require.NoError(t, jsonErr)
		out.Write(encoded)
		slog.New(slog.NewTextHandler(&out, nil)).Info("call", "err", e)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("call", "err", e)
	}
	for _, v := range values {
		for _, shown := range []string{v, fmt.Sprintf("%x", v)} {
			at := strings.Index(out.String(), shown)
			require.Negative(t, at, "%q is printed", v)
		}
	}
}

// randomDocs makes JSON texts that collide in keys and values often enough for
// merges and diffs to have something to do.
type randomDocs struct {
	*rand.Rand
	nullMembers bool
}

func newRandom(seed uint64) *randomDocs {
	return &randomDocs{Rand: rand.New(rand.NewPCG(seed, 7396))}
}

func (r *randomDocs) object(depth int) string {
	members := make([]string, 0, 4)
	for _, k := range []string{"a", "b", "c/~", "é<&>\u2028", ""} {
		if r.IntN(2) == 0 {
			members = append(members, mustJSON(k)+":"+r.value(depth-1, r.nullMembers))
		}
	}
	return "{" + strings.Join(members, " , ") + "}"
}

func (r *randomDocs) value(depth int, nulls bool) string {
	if depth > 0 && r.IntN(2) == 0 {
		if r.IntN(3) > 0 {
			return r.object(depth)
		}
		elements := make([]string, r.IntN(3))
		for i := range elements {
			elements[i] = r.value(depth-1, true)
		}
		return "[" + strings.Join(elements, ",") + "]"
	}
	scalars := []string{
		"0", "-0", "1", "1.0", "1e0", "9007199254740993", "9007199254740992", "1E+400",
		`""`, `"x"`, `"\u00e9<&>"`, `"\ud83d\ude00"`, "true", "false", "{}", "[]",
	}
	if nulls && r.IntN(4) == 0 {
		return "null"
	}
	return scalars[r.IntN(len(scalars))]
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// rounds is how many random cases a test tries: n, with -short a tenth.
func rounds(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}
