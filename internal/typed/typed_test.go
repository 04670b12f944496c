package typed_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/typed"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// thing is an entity with two metadata fields that can be written, one that can be
// read, and one that values lacks.
type thing struct{ public, private, unsafe metadata.Object }

func (e *thing) raw() []byte {
	text := fmt.Appendf(nil, `{"object":"thing","id":"thing_1","public_metadata":%s,"unsafe_metadata":%s`, e.public, e.unsafe)
	if !e.private.IsZero() {
		text = fmt.Appendf(text, `,"private_metadata":%s`, e.private)
	}
	return append(text, '}')
}

func kind() typed.Entity[thing] {
	return typed.Entity[thing]{
		Name: "a thing", Fields: []string{"public_metadata", "private_metadata", "unsafe_metadata"},
		Text:    func(e *thing) (string, []byte) { return "thing_1", e.raw() },
		Objects: func(e *thing) []metadata.Object { return []metadata.Object{e.public, e.private, e.unsafe} },
	}
}

// texts is a kind whose entities are their JSON.
func texts() typed.Entity[string] {
	return typed.Entity[string]{
		Name: "a thing", Fields: []string{"public_metadata", "private_metadata"},
		Text: func(s *string) (string, []byte) { return "thing_1", []byte(*s) },
	}
}

type values struct {
	ID     string `json:"id"`
	Public struct {
		N    int     `json:"n"`
		Note *string `json:"note,omitempty"`
	} `json:"public_metadata"`
	Private map[string]any `json:"private_metadata"`
}

func object(t *testing.T, text string) metadata.Object {
	t.Helper()
	o, err := metadata.ParseObject([]byte(text))
	require.NoError(t, err)
	return o
}

// store holds a thing that merges, and into which others write.
type store struct {
	t      *testing.T
	held   thing
	reads  int
	sent   [][]metadata.Patch
	others func(*thing)
	// fails replaces what a write returns, by its number from 1.
	fails func(write int, e *thing) (*thing, error)
}

func newStore(t *testing.T) *store {
	t.Helper()
	return &store{t: t, held: thing{object(t, `{"n":1,"x":1}`), object(t, `{"k":"v"}`), object(t, `{}`)}}
}

func (s *store) merge(doc metadata.Object, p metadata.Patch) metadata.Object {
	if p == nil {
		return doc
	}
	o, err := metadata.Merge(doc, p)
	require.NoError(s.t, err)
	return o
}

func (s *store) run() typed.Run[thing] {
	return typed.Run[thing]{
		Operation: "ModifyThing",
		MaxSize:   100,
		Read: func() (*thing, error) {
			s.reads++
			return s.copy(), nil
		},
		Write: func(read *thing, p []metadata.Patch) (*thing, error) {
			require.NotNil(s.t, read)
			s.sent = append(s.sent, p)
			if s.others != nil {
				s.others(&s.held)
			}
			s.held.public, s.held.private = s.merge(s.held.public, p[0]), s.merge(s.held.private, p[1])
			if s.fails != nil {
				return s.fails(len(s.sent), s.copy())
			}
			return s.copy(), nil
		},
	}
}

// copy returns what is held. The third field is none that values has, and differs every
// time.
func (s *store) copy() *thing {
	e := s.held
	e.unsafe = object(s.t, `{"reads":`+strings.Repeat("1", s.reads+len(s.sent))+`}`)
	return &e
}

func increment(v *values) error { v.Public.N++; return nil }

// TestViews reads an entity, and refuses what is no view and what is no entity.
func TestViews(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	read := s.run().Read
	got, err := typed.New[values](kind()).With(metadata.ModifyConfig{MaxReruns: 1}).Get("GetThing", read)
	require.NoError(t, err)
	require.Equal(t, 1, got.Public.N)
	require.Equal(t, map[string]any{"k": "v"}, got.Private)

	broken := errors.New("broken")
	_, err = typed.New[values](kind()).Get("GetThing", func() (*thing, error) { return nil, broken })
	require.ErrorIs(t, err, broken)

	_, err = typed.New[values](kind()).Decode("DecodeThing", nil)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorContains(t, err, "thing: is nil")

	var none *typed.View[values, thing]
	require.Nil(t, none.With(metadata.ModifyConfig{}))
	for name, view := range map[string]func() error{
		"nil":         func() error { _, err := none.Get("GetThing", read); return err },
		"no struct":   func() error { _, err := typed.New[int](kind()).Get("GetThing", read); return err },
		"nil, Decode": func() error { _, err := none.Decode("DecodeThing", s.copy()); return err },
	} {
		require.ErrorIs(t, view(), clerkerr.ErrInvalidArgument, name)
	}
	require.Equal(t, 1, s.reads, "what is refused is not read")
}

func TestModify(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	view := typed.New[values](kind())
	got, report, err := view.Modify(s.run(), increment)
	require.NoError(t, err)
	require.Equal(t, `{"n":2,"x":1}`, got.public.String())
	require.Len(t, s.sent, 1)
	require.Nil(t, s.sent[0][1], "a field that did not change is left alone")
	require.Nil(t, s.sent[0][2])
	require.Equal(t, s.sent[0], report.Sent)
	require.Equal(t, 1, report.Writes)
	require.Equal(t, 2, report.Value.Public.N)

	// What makes no difference in JSON is undone in the value too.
	got, report, err = view.Modify(s.run(), func(v *values) error { v.Private = map[string]any{"k": word("v")}; return nil })
	require.NoError(t, err)
	require.Zero(t, report.Writes)
	require.Equal(t, make([]metadata.Patch, 3), report.Sent)
	require.Equal(t, map[string]any{"k": "v"}, report.Value.Private)
	require.Equal(t, `{"k":"v"}`, got.private.String())
	require.Len(t, s.sent, 1)
}

type word string

func TestModifyConcurrent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		config     metadata.ModifyConfig
		others     int
		writes     int
		concurrent int
		err        error
	}{
		"reported":   {metadata.ModifyConfig{}, 9, 1, 1, nil},
		"an error":   {metadata.ModifyConfig{FailOnConcurrentChange: true}, 9, 1, 1, clerkerr.ErrConcurrentChange},
		"no error":   {metadata.ModifyConfig{FailOnConcurrentChange: true}, 0, 1, 0, nil},
		"converges":  {metadata.ModifyConfig{FailOnConcurrentChange: true, MaxReruns: 2}, 1, 2, 1, nil},
		"bounded":    {metadata.ModifyConfig{MaxReruns: 1}, 9, 2, 2, nil},
		"ten reruns": {metadata.ModifyConfig{MaxReruns: 10}, 3, 4, 3, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			s.others = func(e *thing) {
				if n := len(s.sent); n <= tc.others {
					e.public = s.merge(e.public, metadata.Patch{"x": n + 1})
					e.private = s.merge(e.private, metadata.Patch{"y/": n})
				}
			}
			got, report, err := typed.New[values](kind()).With(tc.config).Modify(s.run(), increment)
			require.ErrorIs(t, err, tc.err)
			require.NotNil(t, got)
			require.Equal(t, tc.writes, report.Writes)
			var want []string
			for range tc.concurrent {
				want = append(want, "public_metadata/x", "private_metadata/y~1")
			}
			require.Equal(t, want, report.Concurrent)
			require.Equal(t, 1+tc.writes, report.Value.Public.N, "each run begins with what the one before has written")
			require.Equal(t, 1, s.reads)
		})
	}
}

func TestModifyRefuses(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	view := typed.New[values](kind())
	_, _, many := view.With(metadata.ModifyConfig{MaxReruns: 11}).Modify(s.run(), increment)
	_, _, negative := view.With(metadata.ModifyConfig{MaxReruns: -1}).Modify(s.run(), increment)
	_, _, noCallback := view.Modify(s.run(), nil)
	type bad struct {
		Public chan int `json:"public_metadata"`
	}
	_, _, badType := typed.New[bad](kind()).Modify(s.run(), func(*bad) error { return nil })
	for says, err := range map[string]error{
		"MaxReruns: is 11; expected 0 to 10": many,
		"MaxReruns: is -1; expected 0 to 10": negative,
		"change: is nil":                     noCallback,
		"public_metadata: type cannot hold metadata: typed_test.bad: public_metadata is a chan int": badType,
	} {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, "clerk: ModifyThing: "+says)
	}
	require.Zero(t, s.reads)
}

func TestModifyErrors(t *testing.T) {
	t.Parallel()
	own := errors.New("own")
	text := strings.Repeat("x", 100)
	for name, tc := range map[string]struct {
		prepare func(*store, *typed.Run[thing])
		change  func(*values) error
		want    error
		writes  int
		outcome clerkerr.Outcome
		noValue bool
	}{
		"the read's":            {func(_ *store, r *typed.Run[thing]) { r.Read = func() (*thing, error) { return nil, own } }, nil, own, 0, 0, true},
		"what is read is odd":   {func(s *store, _ *typed.Run[thing]) { s.held.public = object(t, `{"n":"one"}`) }, nil, metadata.ErrMismatch, 0, clerkerr.OutcomeNotApplied, true},
		"the callback's":        {nil, func(*values) error { return own }, own, 0, 0, true},
		"the id":                {nil, func(v *values) error { v.ID = "thing_2"; return nil }, clerkerr.ErrInvalidArgument, 0, clerkerr.OutcomeNotApplied, true},
		"a change without form": {nil, func(v *values) error { v.Private["f"] = func() {}; return nil }, metadata.ErrUnsupported, 0, clerkerr.OutcomeNotApplied, true},
		"a wanted null":         {nil, func(v *values) error { v.Private["k"] = nil; return nil }, metadata.ErrNull, 0, clerkerr.OutcomeNotApplied, true},
		"too large":             {nil, func(v *values) error { v.Public.Note = &text; return nil }, clerkerr.ErrTooLarge, 0, clerkerr.OutcomeNotApplied, true},
		"the write's": {func(s *store, _ *typed.Run[thing]) {
			s.fails = func(int, *thing) (*thing, error) { return nil, own }
		}, nil, own, 0, 0, true},
		"the write's, applied": {func(s *store, _ *typed.Run[thing]) {
			s.fails = func(_ int, e *thing) (*thing, error) { return e, own }
		}, nil, own, 1, 0, false},
		"what is written is odd": {func(s *store, _ *typed.Run[thing]) {
			s.fails = func(_ int, e *thing) (*thing, error) { e.private = object(t, `{"k":1,"k":2}`); return e, nil }
		}, nil, metadata.ErrDuplicateKey, 1, clerkerr.OutcomeApplied, true},
		"what is written does not fit": {func(s *store, _ *typed.Run[thing]) {
			s.fails = func(_ int, e *thing) (*thing, error) { e.public = object(t, `{"n":"two"}`); return e, nil }
		}, nil, metadata.ErrMismatch, 1, clerkerr.OutcomeApplied, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			run := s.run()
			if tc.prepare != nil {
				tc.prepare(s, &run)
			}
			change := increment
			if tc.change != nil {
				change = func(v *values) error { v.Public.N++; return tc.change(v) }
			}
			got, report, err := typed.New[values](kind()).Modify(run, change)
			require.ErrorIs(t, err, tc.want)
			require.Equal(t, tc.writes > 0, got != nil)
			require.Equal(t, tc.writes, report.Writes)
			require.Equal(t, tc.noValue, report.Value == nil)
			var e *clerkerr.Error
			require.Equal(t, errors.Is(err, own), !errors.As(err, &e), "a caller's error is returned as it is")
			if e != nil {
				require.Equal(t, tc.outcome, e.Outcome)
			}
		})
	}
}

// A field that the answer to a write lacks counts as empty, as in a read.
func TestModifyOfAnswerWithoutField(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.fails = func(_ int, e *thing) (*thing, error) { e.private = metadata.Object{}; return e, nil }
	got, report, err := typed.New[values](kind()).Modify(s.run(), increment)
	require.NoError(t, err)
	require.NotNil(t, got)
	require.Equal(t, []string{"private_metadata/k"}, report.Concurrent)

	s = newStore(t)
	s.held.private = metadata.Object{}
	_, report, err = typed.New[values](kind()).Modify(s.run(), increment)
	require.NoError(t, err)
	require.Empty(t, report.Concurrent, "absent before and after")
}

func TestModifySizeLimit(t *testing.T) {
	t.Parallel()
	view := typed.New[values](kind())
	change := func(v *values) error { v.Private["text"] = strings.Repeat("x", 84); return nil }
	// {"k":"v","text":"…"} is 19 bytes around the string.
	for limit, refused := range map[int]bool{102: true, 103: false, 0: false} {
		run := newStore(t).run()
		run.MaxSize = limit
		_, _, err := view.Modify(run, change)
		require.Equal(t, refused, errors.Is(err, clerkerr.ErrTooLarge), "limit %d: %v", limit, err)
		if refused {
			require.ErrorContains(t, err, "private_metadata: too large: 103 bytes after the merge, Clerk's documented limit is 102")
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	view := typed.New[values](texts())
	got, err := view.Decode("GetThing", new(`{"\u0069d":"thing_1","ID":5,"private_metadata":null,"public_metadata":{"n":3,"N":4}}`))
	require.NoError(t, err)
	require.Equal(t, "thing_1", got.ID, "an escaped name is the same name, another case is not")
	require.Equal(t, 3, got.Public.N)
	for text, want := range map[string]error{
		`{"id":"thing_1","public_metadata":{"n":"s3cret"}}`: metadata.ErrMismatch,
		`{"id":"thing_1","id":`:                             clerkerr.ErrDecode,
		`[]`:                                                clerkerr.ErrDecode,
		``:                                                  clerkerr.ErrDecode,
	} {
		got, err := view.Decode("GetThing", &text)
		require.Nil(t, got)
		require.ErrorIs(t, err, want)
		require.ErrorIs(t, err, clerkerr.ErrDecode)
		require.ErrorContains(t, err, "clerk: GetThing: thing_1: ")
		require.NotContains(t, err.Error(), "s3cret")
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	own := errors.New("own")
	walk := func(yield func(*string, error) bool) {
		for _, text := range []string{`{"id":"a"}`, `{"id":5}`, `{"id":"c"}`} {
			if !yield(&text, nil) {
				return
			}
		}
		yield(nil, own)
	}
	var ids []string
	var errs []error
	for v, err := range typed.New[values](texts()).All("List", walk) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		ids = append(ids, v.ID)
	}
	require.Equal(t, []string{"a", "c"}, ids)
	require.Len(t, errs, 2)
	require.ErrorIs(t, errs[0], metadata.ErrMismatch)
	require.Same(t, own, errs[1])
	for range typed.New[values](texts()).All("List", walk) {
		break
	}
	for v, err := range typed.New[int](texts()).All("List", walk) {
		require.Nil(t, v)
		require.ErrorIs(t, err, metadata.ErrType)
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	e := kind()
	e.Fields, e.ReadOnly = []string{"private_metadata"}, []string{"public_metadata"}
	e.Objects = func(e *thing) []metadata.Object { return []metadata.Object{e.private} }
	_, _, err := typed.New[values](e).Modify(s.run(), increment)
	require.ErrorContains(t, err, "public_metadata: is read-only for a thing")
	require.Empty(t, s.sent)
	type unsafe struct {
		Unsafe any `json:"unsafe_metadata"`
	}
	require.ErrorContains(t, typed.New[unsafe](e).Check("GetThing"), "a thing has no unsafe_metadata, it has private_metadata and public_metadata")
}
