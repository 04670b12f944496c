package modify_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/modify"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// entity is what is stored: one field a name.
type entity struct{ a, b metadata.Object }

type values struct {
	A struct {
		N    int     `json:"n"`
		Note *string `json:"note,omitempty"`
	}
	B map[string]any
}

func object(t *testing.T, text string) metadata.Object {
	t.Helper()
	o, err := metadata.ParseObject([]byte(text))
	require.NoError(t, err)
	return o
}

// store is an entity that merges, and into which others write.
type store struct {
	t       *testing.T
	held    entity
	reads   int
	sent    [][]metadata.Patch
	foreign func(*entity)
	// fails replaces what a write returns, by its number from 1.
	fails func(write int, e *entity) (*entity, error)
}

func (s *store) merge(doc metadata.Object, p metadata.Patch) metadata.Object {
	if p == nil {
		return doc
	}
	o, err := metadata.Merge(doc, p)
	require.NoError(s.t, err)
	return o
}

func (s *store) run(v *values, change func() error) *modify.Run[entity] {
	return &modify.Run[entity]{
		Operation: "ModifyIt",
		Fields:    []modify.Field{modify.Bind("a", &v.A), modify.Bind("b", &v.B), modify.Bind("c", new(metadata.None))},
		MaxSize:   100,
		Read: func() (*entity, error) {
			s.reads++
			read := s.held
			return &read, nil
		},
		// The third field is not used, and differs every time.
		Objects: func(e *entity) []metadata.Object {
			return []metadata.Object{e.a, e.b, object(s.t, `{"reads":`+strings.Repeat("1", s.reads+len(s.sent))+`}`)}
		},
		Change: change,
		Write: func(p []metadata.Patch) (*entity, error) {
			s.sent = append(s.sent, p)
			if s.foreign != nil {
				s.foreign(&s.held)
			}
			s.held.a, s.held.b = s.merge(s.held.a, p[0]), s.merge(s.held.b, p[1])
			written := s.held
			if s.fails != nil {
				return s.fails(len(s.sent), &written)
			}
			return &written, nil
		},
	}
}

func newStore(t *testing.T) *store {
	t.Helper()
	return &store{t: t, held: entity{object(t, `{"n":1,"x":1}`), object(t, `{"k":"v"}`)}}
}

func TestDo(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var v values
	got, report, err := s.run(&v, func() error { v.A.N++; return nil }).Do(true, nil)
	require.NoError(t, err)
	require.Equal(t, `{"n":2,"x":1}`, got.a.String())
	require.Len(t, s.sent, 1)
	require.Nil(t, s.sent[0][1], "a field that did not change is left alone")
	require.Nil(t, s.sent[0][2])
	require.Equal(t, modify.Report{Sent: s.sent[0], Writes: 1}, report)

	// What makes no difference in JSON is undone in the values too.
	got, report, err = s.run(&v, func() error { v.B = map[string]any{"k": name("v")}; return nil }).Do(true, nil)
	require.NoError(t, err)
	require.Equal(t, modify.Report{}, report)
	require.Equal(t, map[string]any{"k": "v"}, v.B)
	require.Equal(t, `{"k":"v"}`, got.b.String())
	require.Len(t, s.sent, 1)
}

type name string

func TestDoForeign(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		opts    []metadata.ModifyOption
		others  int
		writes  int
		foreign []string
		err     error
	}{
		"reported":   {nil, 9, 1, []string{"a/x", "b/y~1"}, nil},
		"an error":   {[]metadata.ModifyOption{metadata.FailOnForeignChange()}, 9, 1, []string{"a/x", "b/y~1"}, clerkerr.ErrForeignChange},
		"no error":   {[]metadata.ModifyOption{metadata.FailOnForeignChange()}, 0, 1, nil, nil},
		"converges":  {[]metadata.ModifyOption{metadata.FailOnForeignChange(), metadata.Rounds(2)}, 1, 2, []string{"a/x", "b/y~1"}, nil},
		"bounded":    {[]metadata.ModifyOption{metadata.Rounds(1)}, 9, 2, []string{"a/x", "b/y~1", "a/x", "b/y~1"}, nil},
		"no rounds":  {[]metadata.ModifyOption{metadata.Rounds(0)}, 9, 1, []string{"a/x", "b/y~1"}, nil},
		"ten rounds": {[]metadata.ModifyOption{metadata.Rounds(10)}, 3, 4, []string{"a/x", "b/y~1", "a/x", "b/y~1", "a/x", "b/y~1"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			s.foreign = func(e *entity) {
				if n := len(s.sent); n <= tc.others {
					e.a = s.merge(e.a, metadata.Patch{"x": n + 1})
					e.b = s.merge(e.b, metadata.Patch{"y/": n})
				}
			}
			var v values
			got, report, err := s.run(&v, func() error { v.A.N++; return nil }).Do(true, tc.opts)
			require.ErrorIs(t, err, tc.err)
			require.NotNil(t, got)
			require.Equal(t, tc.writes, report.Writes)
			require.Equal(t, tc.foreign, report.Foreign)
			require.Equal(t, 1+tc.writes, v.A.N, "each round begins with what the one before has written")
			require.Equal(t, 1, s.reads)
		})
	}
}

func TestDoRefuses(t *testing.T) {
	t.Parallel()
	for says, do := range map[string]func(*store, *values) error{
		"Rounds: is 11": func(s *store, v *values) error {
			_, _, err := s.run(v, nil).Do(true, []metadata.ModifyOption{metadata.Rounds(11)})
			return err
		},
		"option: is nil": func(s *store, v *values) error {
			_, _, err := s.run(v, nil).Do(true, []metadata.ModifyOption{nil})
			return err
		},
		"change: is nil": func(s *store, v *values) error {
			_, _, err := s.run(v, nil).Do(false, nil)
			return err
		},
		"bad: ": func(s *store, v *values) error {
			run := s.run(v, nil)
			run.Fields = append(run.Fields, modify.Bind("bad", new(chan int)))
			_, _, err := run.Do(true, nil)
			return err
		},
	} {
		s := newStore(t)
		err := do(s, new(values))
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, "clerk: ModifyIt: "+says)
		require.Zero(t, s.reads, says)
	}
}

func TestDoErrors(t *testing.T) {
	t.Parallel()
	own := errors.New("own")
	text := strings.Repeat("x", 100)
	for name, tc := range map[string]struct {
		prepare func(*store, *modify.Run[entity], *values)
		change  func(*values) error
		want    error
		writes  int
		outcome clerkerr.Outcome
	}{
		"the read's":            {func(_ *store, r *modify.Run[entity], _ *values) { r.Read = func() (*entity, error) { return nil, own } }, nil, own, 0, 0},
		"what is read is odd":   {func(s *store, _ *modify.Run[entity], _ *values) { s.held.a = object(t, `{"n":"one"}`) }, nil, metadata.ErrMismatch, 0, clerkerr.OutcomeNotApplied},
		"the callback's":        {nil, func(*values) error { return own }, own, 0, 0},
		"a change without form": {nil, func(v *values) error { v.B["f"] = func() {}; return nil }, metadata.ErrUnsupported, 0, clerkerr.OutcomeNotApplied},
		"too large":             {nil, func(v *values) error { v.A.Note = &text; return nil }, clerkerr.ErrTooLarge, 0, clerkerr.OutcomeNotApplied},
		"the write's": {func(s *store, _ *modify.Run[entity], _ *values) {
			s.fails = func(int, *entity) (*entity, error) { return nil, own }
		}, nil, own, 0, 0},
		"the write's, applied": {func(s *store, _ *modify.Run[entity], _ *values) {
			s.fails = func(_ int, e *entity) (*entity, error) { return e, own }
		}, nil, own, 1, 0},
		"what is written is odd": {func(s *store, _ *modify.Run[entity], _ *values) {
			s.fails = func(_ int, e *entity) (*entity, error) { e.b = object(t, `{"k":1,"k":2}`); return e, nil }
		}, nil, metadata.ErrDuplicateKey, 1, clerkerr.OutcomeApplied},
		"what is written does not fit": {func(s *store, _ *modify.Run[entity], _ *values) {
			s.fails = func(_ int, e *entity) (*entity, error) { e.a = object(t, `{"n":"two"}`); return e, nil }
		}, nil, metadata.ErrMismatch, 1, clerkerr.OutcomeApplied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			var v values
			change := func() error { v.A.N++; return nil }
			if tc.change != nil {
				change = func() error { v.A.N++; return tc.change(&v) }
			}
			run := s.run(&v, change)
			if tc.prepare != nil {
				tc.prepare(s, run, &v)
			}
			got, report, err := run.Do(true, nil)
			require.ErrorIs(t, err, tc.want)
			require.Equal(t, tc.writes > 0, got != nil)
			require.Equal(t, tc.writes, report.Writes)
			var e *clerkerr.Error
			require.Equal(t, errors.Is(err, own), !errors.As(err, &e), "a caller's error is returned as it is")
			if e != nil {
				require.Equal(t, tc.outcome, e.Outcome)
			}
		})
	}
}

func TestDoWithoutSizeLimit(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var v values
	change := func() error { v.B["text"] = strings.Repeat("x", 84); return nil }
	// {"k":"v","text":"…"} is 19 bytes around the string.
	run := s.run(&v, change)
	run.MaxSize = 102
	_, _, err := run.Do(true, nil)
	require.ErrorContains(t, err, "b: too large: 103 bytes after the merge, Clerk's documented limit is 102")
	run.MaxSize = 103
	_, _, err = run.Do(true, nil)
	require.NoError(t, err, "the limit itself is allowed")
	s = newStore(t)
	run = s.run(&v, change)
	run.MaxSize = 0
	_, _, err = run.Do(true, nil)
	require.NoError(t, err)
}

// onPointer writes itself through a pointer only.
type onPointer struct{ text string }

func (p *onPointer) MarshalJSON() ([]byte, error) { return []byte(`{"text":"` + p.text + `"}`), nil }

func TestValue(t *testing.T) {
	t.Parallel()
	require.True(t, modify.Value[map[string]any](nil).IsZero())
	require.True(t, modify.Value(new(metadata.None)).IsZero(), "not used, not written")
	require.Equal(t, `{"a":1}`, modify.Value(&map[string]int{"a": 1}).String())
	require.ErrorIs(t, modify.Value(new(map[string]int)).Err(), metadata.ErrNotObject)
	require.Equal(t, `{"text":"x"}`, modify.Value(&onPointer{"x"}).String())
	require.Equal(t, `{"P":{"text":"x"}}`, modify.Value(&struct{ P onPointer }{onPointer{"x"}}).String())
}
