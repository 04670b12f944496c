package metadata_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// whole is a type with everything that metadata is made of.
type whole struct {
	embeddedPart

	ID       int64            `json:"id"`
	Role     string           `json:"role,omitempty"`
	Plan     *plan            `json:"plan,omitempty"`
	Address  plan             `json:"address,omitzero"`
	Held     plan             `json:"held"`
	Flags    map[string]int64 `json:"flags,omitempty"`
	Plans    map[string]*plan `json:"plans,omitempty"`
	Items    []item           `json:"items,omitempty"`
	Any      any              `json:"any,omitempty"`
	Raw      json.RawMessage  `json:"raw,omitempty"`
	Since    time.Time        `json:"since,omitzero"`
	Ratio    *float64         `json:"ratio,omitempty"`
	Nullable *string          `json:"nullable"`
}

type embeddedPart struct {
	Deep struct {
		Plan *plan  `json:"plan,omitempty"`
		Text string `json:"text"`
	} `json:"deep"`
}

func pick[T any](r *randomDocs, of ...T) T { return of[r.IntN(len(of))] }

func (r *randomDocs) plan() plan {
	return plan{Plan: pick(r, "", "free", "pro"), Seats: pick(r, 0, 0, 1, 2)}
}

// whole makes a value; each of its parts is, as often as not, that of base.
func (r *randomDocs) whole(base whole) whole {
	fresh := func() bool { return r.IntN(4) == 0 }
	w := base
	if fresh() {
		w.ID = pick[int64](r, 0, 1, 9007199254740993, 9007199254740992, -5)
	}
	if fresh() {
		w.Role = pick(r, "", "admin", "é<&>")
	}
	if fresh() {
		p := r.plan()
		w.Plan = pick(r, nil, &p)
	}
	if fresh() {
		w.Address = pick(r, plan{}, r.plan())
	}
	if fresh() {
		w.Held = r.plan()
	}
	if fresh() {
		w.Flags = map[string]int64{}
		for range r.IntN(3) {
			w.Flags[pick(r, "a", "b/~", "c")] = int64(r.IntN(3))
		}
	}
	if fresh() {
		w.Plans = map[string]*plan{}
		for range r.IntN(3) {
			p := r.plan()
			w.Plans[pick(r, "a", "b", "é")] = pick(r, &p, &p, &p, nil)
		}
	}
	if fresh() {
		w.Items = pick(r, nil, []item{{"1"}}, []item{{"1"}, {"2"}})
	}
	if fresh() {
		w.Any = decodeAny(r.value(3, r.IntN(4) == 0))
	}
	if fresh() {
		w.Raw = json.RawMessage(pick(r, "", r.object(3), r.value(2, false)))
	}
	if fresh() {
		w.Since = pick(r, time.Time{}, time.Date(2024, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3600)))
	}
	if fresh() {
		f := pick(r, 0, 1, 0.1)
		w.Ratio = pick(r, nil, &f)
	}
	if fresh() {
		s := pick(r, "", "x")
		w.Nullable = pick(r, nil, &s)
	}
	if fresh() {
		p := r.plan()
		w.Deep.Plan, w.Deep.Text = pick(r, nil, &p), pick(r, "", "t")
	}
	return w
}

func decodeAny(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	return v
}

// strangers adds keys that the type does not know to a document's structs, some
// of which differ from a field's name in case alone.
func (r *randomDocs) strangers(tree map[string]any) {
	add := func(v any, names ...string) {
		if members, ok := v.(map[string]any); ok && r.IntN(3) == 0 {
			members["x_"+pick(r, "", "1", "/")] = decodeAny(r.value(2, true))
			if len(names) > 0 && r.IntN(2) == 0 {
				members[strings.ToUpper(pick(r, names...))] = "X_"
			}
		}
	}
	add(tree, slices.Collect(maps.Keys(tree))...)
	for _, key := range []string{"plan", "address", "held"} {
		add(tree[key], "plan", "seats")
	}
	if deep, ok := tree["deep"].(map[string]any); ok {
		add(deep, "plan", "text")
		add(deep["plan"], "plan", "seats")
	}
	plans, _ := tree["plans"].(map[string]any)
	for _, p := range plans {
		add(p, "plan", "seats")
	}
	items, _ := tree["items"].([]any)
	for _, i := range items {
		add(i, "sku")
	}
}

// split takes the strangers out of a tree and returns them by their place.
func split(at string, v any, strangers map[string]any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			here := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
			if strings.HasPrefix(key, "x_") || member == "X_" {
				strangers[here] = member
				delete(v, key)
			} else {
				v[key] = split(here, member, strangers)
			}
		}
	case []any:
		for i, e := range v {
			v[i] = split(fmt.Sprint(at, "/", i), e, strangers)
		}
	}
	return v
}

// withoutShells drops the objects that hold nothing and are not wanted.
func withoutShells(tree, wanted any) {
	members, _ := tree.(map[string]any)
	want, _ := wanted.(map[string]any)
	for key, v := range members {
		w, stays := want[key]
		withoutShells(v, w)
		if inner, ok := v.(map[string]any); ok && len(inner) == 0 && !stays {
			delete(members, key)
		}
	}
}

// outcome is what a whole reads from a document, up to empty objects, and the
// keys that it does not know.
func outcome(t *testing.T, o metadata.Object, wanted []byte) (encoded []byte, strangers map[string]any) {
	t.Helper()
	strangers = map[string]any{}
	tree := split("", decode(t, o.Raw()), strangers)
	withoutShells(tree, decode(t, wanted))
	d := json.NewDecoder(strings.NewReader(mustJSON(tree)))
	d.UseNumber()
	var got whole
	require.NoError(t, d.Decode(&got))
	return []byte(mustJSON(got)), strangers
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	return metadata.Equal(object(t, string(a)), object(t, string(b)))
}

func TestDraftProperties(t *testing.T) {
	t.Parallel()
	patched, refused := 0, map[string]int{}
	seeds := rounds(500)
	for seed := range seeds {
		r := newRandom(uint64(seed))
		tree := decodeAny(mustJSON(r.whole(r.whole(r.whole(r.whole(whole{})))))).(map[string]any)
		r.strangers(tree)
		old := object(t, mustJSON(tree))
		d, err := metadata.NewDraft[whole](old)
		require.NoError(t, err, "%d: %s", seed, old)
		d.Value = r.whole(d.Value)
		wanted := []byte(mustJSON(d.Value))
		about := fmt.Sprintf("%d: %s → %s", seed, old, wanted)

		patch, err := d.Patch()
		if err != nil {
			refused[requireJustified(t, err, tree, decode(t, wanted), about)]++
			continue
		}
		patched++
		merged, err := metadata.Merge(old, patch)
		require.NoError(t, err, about)
		_, before := outcome(t, old, wanted)
		got, after := outcome(t, merged, wanted)
		require.Equal(t, before, after, "keys outside the struct stay: %s by %v", about, patch)
		require.True(t, sameJSON(t, got, wanted), "%s by %v: %s", about, patch, got)

		for _, place := range leaves(patch, nil) {
			less := dropLeaf(patch, place)
			merged, err := metadata.Merge(old, less)
			require.NoError(t, err, about)
			got, _ := outcome(t, merged, wanted)
			if sameJSON(t, got, wanted) {
				require.True(t, isZero(tree, patch, place), "%s by %v: %v is too much", about, patch, place)
			}
		}
	}
	require.Greater(t, patched, seeds*7/10)
	require.GreaterOrEqual(t, refused["nulls"], seeds/100)
	require.GreaterOrEqual(t, refused["unknown keys"], seeds/100)
}

// requireJustified checks that a change that was refused had to be.
func requireJustified(t *testing.T, err error, old, wanted any, about string) string {
	t.Helper()
	var nulls *metadata.NullsError
	if errors.As(err, &nulls) {
		for _, path := range nulls.Paths {
			v, ok := at(wanted, path)
			require.True(t, ok && v == nil, "%s: %s", about, path)
			if stored, ok := at(old, path); ok {
				require.NotNil(t, stored, "%s: %s", about, path)
			}
		}
		return "nulls"
	}
	var unknown *metadata.PathError
	require.ErrorAs(t, err, &unknown, about)
	require.ErrorIs(t, err, metadata.ErrUnknownKeys, about)
	stored, ok := at(old, unknown.Path)
	require.True(t, ok, about)
	strangers := map[string]any{}
	split("", stored, strangers)
	require.NotEmpty(t, strangers, "%s: %v", about, err)
	want, _ := at(wanted, unknown.Path)
	require.NotEqual(t, stored, want, "%s: %v", about, err)
	return "unknown keys"
}
