package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// state is what one caller's own keys hold in one field.
type state map[string]int

// place is a field that a caller writes to, its own keys only, and the model of
// them: the states that are possible by what its calls have reported. A call
// whose outcome is unknown makes them more, an answer that shows the field makes
// them one.
type place struct {
	name     string
	prefix   string // of the caller's own keys
	possible []state

	read   func(context.Context) (metadata.Object, error)
	update func(context.Context, change) (metadata.Object, error)
	// replace is nil where others write to the same field.
	replace func(context.Context, metadata.Value) (metadata.Object, error)
	stored  func(*clerktest.Clerk) metadata.Object
}

// tally counts what calls reported.
type tally struct{ read, applied, appliedWithError, notApplied, unknown int }

func (t tally) plus(u tally) tally {
	return tally{t.read + u.read, t.applied + u.applied, t.appliedWithError + u.appliedWithError, t.notApplied + u.notApplied, t.unknown + u.unknown}
}

// step makes one call and adds what it reports to the model.
func (p *place) step(ctx context.Context, rng *rand.Rand, n int, told *tally) error {
	if rng.IntN(4) == 0 {
		seen, err := p.read(ctx)
		if err != nil {
			return outcomeOf(err, nil)
		}
		told.read++
		return p.narrow(seen)
	}
	to := p.change(rng, n)
	apply := func(s state) state { return merging(s, to) }
	call := func() (metadata.Object, error) { return p.update(ctx, to) }
	if p.replace != nil && rng.IntN(2) == 0 {
		to = replacement(to)
		apply = func(state) state { return state(to) }
		call = func() (metadata.Object, error) { return p.replace(ctx, metadata.Of(map[string]int(to))) }
	}
	seen, err := call()
	after := make([]state, 0, len(p.possible))
	for _, s := range p.possible {
		after = append(after, apply(s))
	}
	if err == nil {
		told.applied++
		p.possible = after
		return p.narrow(seen)
	}
	var outcome clerkerr.Outcome
	if err := outcomeOf(err, &outcome); err != nil {
		return err
	}
	switch outcome {
	case clerkerr.OutcomeApplied:
		told.appliedWithError++
		p.possible = after
	case clerkerr.OutcomeUnknown:
		told.unknown++
		p.possible = distinct(append(p.possible, after...))
	default:
		told.notApplied++
	}
	return nil
}

// outcomeOf reads the outcome of a failed call; an error without one is returned.
func outcomeOf(err error, outcome *clerkerr.Outcome) error {
	var e *clerkerr.Error
	if !errors.As(err, &e) || errors.Is(err, clerkerr.ErrInvalidArgument) {
		return fmt.Errorf("not a failure of a request: %w", err)
	}
	if outcome != nil {
		*outcome = e.Outcome
	}
	return nil
}

// narrow checks a field as it was seen against what is possible.
func (p *place) narrow(field metadata.Object) error {
	seen, err := p.own(field)
	if err != nil {
		return err
	}
	for _, s := range p.possible {
		if maps.Equal(s, seen) {
			p.possible = []state{s}
			return nil
		}
	}
	return fmt.Errorf("%s holds %v, possible is %v", p.name, seen, p.possible)
}

// own is the caller's part of a field.
func (p *place) own(field metadata.Object) (state, error) {
	all := state{}
	if err := field.Decode(&all); err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	maps.DeleteFunc(all, func(key string, _ int) bool { return !strings.HasPrefix(key, p.prefix) })
	return all, nil
}

// change is a random one of the caller's keys; 0 deletes.
func (p *place) change(rng *rand.Rand, n int) change {
	to := change{p.prefix + string(rune('a'+rng.IntN(3))): n}
	if rng.IntN(2) == 0 {
		to[p.prefix+"d"] = n
	}
	if rng.IntN(3) == 0 {
		to[p.prefix+string(rune('a'+rng.IntN(3)))] = 0
	}
	return to
}

// change maps keys to what they become, 0 for none.
type change map[string]int

func (c change) patch() metadata.Patch {
	p := metadata.Patch{}
	for key, n := range c {
		p[key] = n
		if n == 0 {
			p[key] = metadata.Delete
		}
	}
	return p
}

// replacement is the whole that a change leaves of nothing.
func replacement(c change) change { return change(merging(state{}, c)) }

func merging(s state, c change) state {
	s = maps.Clone(s)
	maps.Copy(s, c)
	maps.DeleteFunc(s, func(_ string, n int) bool { return n == 0 })
	return s
}

func distinct(all []state) []state {
	slices.SortFunc(all, func(a, b state) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return slices.CompactFunc(all, func(a, b state) bool { return maps.Equal(a, b) })
}
