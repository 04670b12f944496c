package coalesce_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/coalesce"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// entity is what is stored: two fields.
type entity struct{ A, B metadata.Object }

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

func (s *store) send(ctx context.Context, key string, p []metadata.Patch) (*entity, error) {
	s.mu.Lock()
	if s.inFlight[key] {
		s.t.Error("two requests for", key)
	}
	s.inFlight[key] = true
	s.most = max(s.most, len(s.inFlight))
	r := request{key, text(p[0]), text(p[1])}
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
	e = entity{s.merge(e.A, p[0]), s.merge(e.B, p[1])}
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

func (s *store) writer(config coalesce.Config) *coalesce.Writer[string, entity] {
	s.t.Helper()
	w, err := coalesce.New("NewWriter", coalesce.Target[string, entity]{
		Operation: "UpdateIt", Send: s.send,
		Copy: func(e *entity) *entity { own := *e; return &own },
	}, config)
	require.NoError(s.t, err)
	return w
}

// raw encodes fields; "" is one that is left alone.
func raw(fields ...string) []json.RawMessage {
	var encoded []json.RawMessage
	for _, f := range fields {
		if f == "" {
			encoded = append(encoded, nil)
		} else {
			encoded = append(encoded, json.RawMessage(f))
		}
	}
	return encoded
}

func kv(key string, value any) string { return fmt.Sprintf(`{%q:%v}`, key, value) }

func failed(status int, outcome clerkerr.Outcome) *clerkerr.Error {
	return &clerkerr.Error{Operation: "UpdateIt", Status: status, Attempts: 1, Outcome: outcome}
}

// submit queues an update whose result nobody has asked for yet.
func submit(t *testing.T, w *coalesce.Writer[string, entity], key, a, b string) func(context.Context) (*entity, error) {
	t.Helper()
	wait, err := w.Submit(t.Context(), key, raw(a, b)...)
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
