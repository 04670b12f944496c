package writer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

// entity is what is stored: two fields.
type entity struct{ A, B metadata.Object }

// fields are the parameters of an update.
type fields struct{ A, B metadata.Patch }

// request is one that a store was sent.
type request struct {
	key  string
	a, b string
}

// store merges what it is sent.
type store struct {
	t *testing.T
	// before decides what becomes of a request, the n-th from 1. It runs without
	// the mutex.
	before func(ctx context.Context, n int, r request) fate

	mu       sync.Mutex
	held     map[string]entity
	requests []request
	inFlight map[string]bool
	most     int
}

// fate is what becomes of a request; the zero one is applied and answered.
type fate struct {
	err    error
	lost   bool // not applied
	answer bool // the entity comes beside the error
}

func newStore(t *testing.T) *store {
	t.Helper()
	return &store{t: t, held: map[string]entity{}, inFlight: map[string]bool{}}
}

func (s *store) merge(doc metadata.Object, p metadata.Patch) metadata.Object {
	if p == nil {
		return doc
	}
	merged, err := metadata.Merge(doc, p)
	if err != nil {
		s.t.Error(err)
	}
	return merged
}

func text(p metadata.Patch) string {
	if p == nil {
		return ""
	}
	raw, _ := p.MarshalJSON()
	return string(raw)
}

func (s *store) send(ctx context.Context, key string, p fields) (*entity, error) {
	s.mu.Lock()
	if s.inFlight[key] {
		s.t.Error("two requests for", key)
	}
	s.inFlight[key] = true
	s.most = max(s.most, len(s.inFlight))
	r := request{key, text(p.A), text(p.B)}
	s.requests = append(s.requests, r)
	n := len(s.requests)
	s.mu.Unlock()
	var f fate
	if s.before != nil {
		f = s.before(ctx, n, r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inFlight, key)
	if f.lost {
		return nil, f.err
	}
	e := s.held[key]
	e = entity{s.merge(e.A, p.A), s.merge(e.B, p.B)}
	s.held[key] = e
	if f.err != nil && !f.answer {
		return nil, f.err
	}
	return &e, f.err
}

// log is what was sent so far, while more may be.
func (s *store) log() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *store) writer(config writer.Config) *writer.Writer[string, fields, entity] {
	s.t.Helper()
	w, err := writer.New(config, s.send, func(p *fields) []*metadata.Patch { return []*metadata.Patch{&p.A, &p.B} })
	require.NoError(s.t, err)
	return w
}

// patches parses fields; "" is one that is left alone.
func patches(a, b string) fields {
	parse := func(text string) metadata.Patch {
		if text == "" {
			return nil
		}
		p, err := metadata.ParsePatch([]byte(text))
		if err != nil {
			panic(err)
		}
		return p
	}
	return fields{parse(a), parse(b)}
}

func kv(key string, value any) string { return fmt.Sprintf(`{%q:%v}`, key, value) }

func failed(status int, outcome clerkerr.Outcome) *clerkerr.Error {
	return &clerkerr.Error{Operation: "UpdateIt", Status: status, Attempts: 1, Outcome: outcome}
}

// submit queues an update whose result nobody has asked for yet.
func submit(t *testing.T, w *writer.Writer[string, fields, entity], key, a, b string) func(context.Context) (*entity, error) {
	t.Helper()
	wait, err := w.Submit(t.Context(), key, patches(a, b))
	require.NoError(t, err)
	return wait
}

func requireStopped(t *testing.T, err, cause error, outcome clerkerr.Outcome) {
	t.Helper()
	require.ErrorIs(t, err, cause)
	var e *clerkerr.Error
	require.True(t, errors.As(err, &e))
	require.Equal(t, outcome, e.Outcome)
	require.Equal(t, "UpdateIt", e.Operation)
}
