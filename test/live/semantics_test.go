package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// group is cases about one entity, which is kept.
type group struct {
	name   string
	entity *entity
	cases  []testcase
}

type testcase struct {
	name string
	run  func(ctx context.Context, saved fields) error
}

// each runs the group's cases one after the other; run is given every case's
// name and what it does.
func (g group) each(ctx context.Context, run func(name string, do func() error)) error {
	return keep(ctx, g.entity.home(), func(saved fields) error {
		for _, c := range g.cases {
			run(c.name, func() error { return c.run(ctx, saved) })
		}
		return nil
	})
}

// row is a row of the table of semantics: what a key holds before and after a
// write, as JSON text, "" for no such key. sent is the key's value in the write.
type row struct {
	name, before string
	sent         any
	after        string
}

// The rows for PATCH: after it the field's other keys are untouched. Rows with a
// guess in their name fail with the guess of that name.
func merges() []row {
	const nested = `{"a":{"b":1,"c":2},"d":3}`
	return []row{
		{"a new key", ``, metadata.Patch{"a": 1}, `{"a":1}`},
		{"object", nested, metadata.Patch{"a": metadata.Patch{"b": 9}}, `{"a":{"b":9,"c":2},"d":3}`},
		{"key removed", nested, metadata.Delete, ``},
		{"key removed at depth", nested, metadata.Patch{"a": metadata.Patch{"b": metadata.Delete}}, `{"a":{"c":2},"d":3}`},
		{"key removed that is not there", nested, metadata.Patch{"x": metadata.Delete}, nested},
		{"object in a scalar's place", `{"a":1}`, metadata.Patch{"a": metadata.Patch{"b": 1}}, `{"a":{"b":1}}`},
		{"array (ArrayMerge)", `{"a":[1,2,3]}`, metadata.Patch{"a": []int{4}}, `{"a":[4]}`},
		{"null in an array (ArrayMerge)", `{"a":1}`, metadata.Patch{"a": []any{metadata.Null()}}, `{"a":[null]}`},
		{"nulls in a new object (NewObjectNulls)", ``, metadata.Patch{"a": metadata.Patch{"b": metadata.Delete, "c": 1}}, `{"a":{"c":1}}`},
		{"digits (BigNumbers)", ``, metadata.Patch{"n": json.Number("9007199254740993")}, `{"n":9007199254740993}`},
		{"characters", ``, metadata.Patch{"s": characters}, `{"s":` + charactersJSON + `}`},
	}
}

// The rows for PUT: after it the field is exactly what was sent.
func replacements() []row {
	return []row{
		{"object", `{"a":{"b":1,"c":2},"d":3}`, map[string]any{"a": map[string]any{"b": 9}}, `{"a":{"b":9}}`},
		{"empty object clears", `{"a":1}`, nil, ``},
		{"null is stored", `{"a":{"b":1}}`, map[string]any{"a": map[string]any{"b": nil}, "c": nil}, `{"a":{"b":null},"c":null}`},
		{"array", `{"a":[1,2,3]}`, map[string]any{"a": []any{4, nil}}, `{"a":[4,null]}`},
		{"digits (BigNumbers)", ``, map[string]any{"n": json.Number("9007199254740993")}, `{"n":9007199254740993}`},
		{"characters", ``, map[string]any{"s": characters}, `{"s":` + charactersJSON + `}`},
	}
}

// What encoders like to change: HTML, separators that JavaScript once minded, a
// letter in its two forms, a letter of two UTF-16 units, escapes.
const (
	characters     = "</script>&'\"\\\u2028\u00e9e\u0301日本\U0001f600\t\u007f"
	charactersJSON = `"</script>&'\"\\\u2028\u00e9e\u0301日本\ud83d\ude00\t\u007f"`
)

// semantics are the rows that hold for an entity.
func semantics(e *entity) group {
	g := group{name: e.name, entity: e}
	for _, r := range merges() {
		g.cases = append(g.cases, testcase{"PATCH " + r.name, func(ctx context.Context, saved fields) error {
			if err := e.prepare(ctx, saved, r.before); err != nil {
				return err
			}
			want, err := with(saved[e.field], r.after)
			if err != nil {
				return err
			}
			answer, err := e.merge(ctx, calls.Only(e.field, metadata.Patch{key: r.sent}))
			return e.holds(ctx, saved, answer, want, err)
		}})
	}
	if e.put != "" {
		for _, r := range replacements() {
			g.cases = append(g.cases, testcase{"PUT " + r.name, func(ctx context.Context, saved fields) error {
				if err := e.prepare(ctx, saved, r.before); err != nil {
					return err
				}
				empty, _ := metadata.Empty().Object()
				want, err := with(empty, r.after)
				if err != nil {
					return err
				}
				v := metadata.Empty()
				if r.sent != nil {
					v = metadata.Of(map[string]any{key: r.sent})
				}
				answer, err := e.replace(ctx, calls.Only(e.field, v))
				return e.holds(ctx, saved, answer, want, err)
			}})
		}
	}
	if e.other == "" {
		return g
	}
	g.cases = append(g.cases, testcase{"PATCH field omitted", func(ctx context.Context, saved fields) error {
		return e.omits(ctx, saved, func() (fields, error) {
			return e.merge(ctx, calls.Only(e.other, metadata.Patch{key: map[string]any{"a": 1}}))
		})
	}})
	if e.put != "" {
		g.cases = append(g.cases, testcase{"PUT field omitted", func(ctx context.Context, saved fields) error {
			return e.omits(ctx, saved, func() (fields, error) {
				return e.replace(ctx, calls.Only(e.other, metadata.Of(map[string]any{key: map[string]any{"a": 1}})))
			})
		}})
	}
	return g
}

// prepare makes the entity what was saved, with a value under key in its field.
func (e *entity) prepare(ctx context.Context, saved fields, before string) error {
	want, err := with(saved[e.field], before)
	if err != nil {
		return err
	}
	if err := e.home().set(ctx, e.field, want); err != nil {
		return fmt.Errorf("preparing: %w", err)
	}
	return nil
}

// holds checks that the field is what is wanted and every other what was saved,
// in the answer of the write as in what is read afterwards.
func (e *entity) holds(ctx context.Context, saved, answer fields, want metadata.Object, err error) error {
	if err != nil {
		return err
	}
	read, err := e.home().read(ctx)
	if err != nil {
		return err
	}
	failed := same("the answer's "+e.field, want, answer[e.field])
	for name, o := range saved {
		if name == e.field {
			o = want
		}
		failed = errors.Join(failed, same(name, o, read[name]))
	}
	return failed
}

// omits checks that a write of the other field leaves the field alone, and puts
// the other field back.
func (e *entity) omits(ctx context.Context, saved fields, write func() (fields, error)) error {
	const before = `{"a":{"b":1}}`
	if err := e.prepare(ctx, saved, before); err != nil {
		return err
	}
	want, err := with(saved[e.field], before)
	if err != nil {
		return err
	}
	answer, err := write()
	if err == nil {
		err = same("the answer's "+e.field, want, answer[e.field])
	}
	return errors.Join(err, e.set(ctx, e.other, saved[e.other]))
}

// same names the places that differ, and no values.
func same(what string, want, got metadata.Object) error {
	if metadata.Equal(want, got) {
		return nil
	}
	paths, err := metadata.Changed(want, got)
	return errors.Join(err, fmt.Errorf("%s is not what it should be, at %q", what, paths))
}
