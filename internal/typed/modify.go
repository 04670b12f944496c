package typed

import (
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Run is one Modify of an entity E.
type Run[E any] struct {
	// Operation is the call's name, for errors.
	Operation string
	// MaxSize is the size in bytes that a merged field may have; 0 is no limit.
	MaxSize int
	// Read reads the entity.
	Read func() (*E, error)
	// Write sends the patches, one for each of Entity.Fields and nil where
	// nothing changed, to the entity that was read, and returns it after the write;
	// nil unless the write was applied.
	Write func(read *E, patches []metadata.Patch) (*E, error)
}

// Report is what a Modify did.
type Report[T any] struct {
	// Value is the entity as it now is; nil where no entity is returned, and where
	// the answer to a write that was applied could not be read.
	Value *T
	// Sent are the patches of the last write, one for each of Entity.Fields; all are
	// nil where there was none.
	Sent []metadata.Patch
	// Writes counts them.
	Writes int
	// Concurrent are the places, "public_metadata/role", that differ from what
	// was read plus what was sent.
	Concurrent []string
}

// Modify reads the entity, lets change alter it and writes what differs. The
// entity is nil unless nothing had to be written or a write was applied. An error
// that is not the callback's is a *clerkerr.Error.
func (v *View[T, E]) Modify(r Run[E], change func(*T) error) (*E, Report[T], error) {
	m := modification[T, E]{view: v, Run: r, change: change}
	if err := m.check(); err != nil {
		return nil, m.report, err
	}
	m.report.Sent = make([]metadata.Patch, len(v.entity.Fields))
	entity, err := r.Read()
	if err != nil {
		return nil, m.report, err
	}
	for rerun := 0; ; rerun++ {
		written, concurrent, err := m.once(entity)
		if written != nil {
			entity = written
		}
		switch {
		case err != nil && m.report.Writes == 0:
			return nil, m.report, err
		case err != nil, len(concurrent) == 0:
			return entity, m.report, err
		case rerun < v.config.MaxReruns:
		case v.config.FailOnConcurrentChange:
			return entity, m.report, &clerkerr.Error{
				Operation: r.Operation, Outcome: clerkerr.OutcomeApplied,
				Err: fmt.Errorf("%w: %q", clerkerr.ErrConcurrentChange, concurrent),
			}
		default:
			return entity, m.report, nil
		}
	}
}

// modification is a Modify under way.
type modification[T, E any] struct {
	Run[E]

	view   *View[T, E]
	change func(*T) error
	report Report[T]
}

func (m *modification[T, E]) check() error {
	const maxReruns = 10
	if err := m.view.Check(m.Operation); err != nil {
		return err
	}
	if n := m.view.config.MaxReruns; n < 0 || n > maxReruns {
		return clerkerr.Invalid(m.Operation, "MaxReruns", fmt.Errorf("is %d; expected 0 to %d", n, maxReruns))
	}
	if m.change == nil {
		return clerkerr.Invalid(m.Operation, "change", errors.New("is nil"))
	}
	return nil
}

// cut returns the members of the entity that T has. If they are metadata alone, which is
// parsed already, the JSON of the whole is not scanned again.
func (m *modification[T, E]) cut(entity *E) (metadata.Object, error) {
	if m.view.onlyFields() {
		return m.view.shape.join(m.view.entity.Fields, m.view.entity.Objects(entity))
	}
	_, raw := m.view.entity.Text(entity)
	return m.view.shape.cut(raw)
}

// outcome is that of the writes so far.
func (m *modification[T, E]) outcome() clerkerr.Outcome {
	if m.report.Writes > 0 {
		return clerkerr.OutcomeApplied
	}
	return clerkerr.OutcomeNotApplied
}

// load reports the entity as the one that now is. What the callback alters is
// another copy, so that nothing that it left half done is reported.
func (m *modification[T, E]) load(entity *E) error {
	m.report.Value = nil
	o, err := m.cut(entity)
	if err == nil {
		m.report.Value, err = decode[T](o)
	}
	if err != nil {
		return mismatch(m.Operation, m.outcome(), err)
	}
	return nil
}

// once is one change and write of the entity that was read. Where there was a
// write, it reports the entity that it returns, otherwise the one that was read.
func (m *modification[T, E]) once(read *E) (written *E, concurrent []string, err error) {
	var draft *metadata.Draft[T]
	o, err := m.cut(read)
	if err == nil {
		draft, err = metadata.NewDraft[T](o)
	}
	if err != nil {
		return nil, nil, mismatch(m.Operation, m.outcome(), err)
	}
	if err := m.change(&draft.Value); err != nil {
		return nil, nil, err
	}
	patches, expected, err := m.plan(draft, m.view.entity.Objects(read))
	if err != nil {
		return nil, nil, err
	}
	if patches == nil {
		return nil, nil, m.load(read)
	}
	written, err = m.Write(read, patches)
	if written == nil {
		return nil, nil, err
	}
	m.report.Sent = patches
	m.report.Writes++
	unread := m.load(written)
	if err != nil {
		return written, nil, err
	}
	concurrent, err = m.concurrent(expected, m.view.entity.Objects(written))
	m.report.Concurrent = append(m.report.Concurrent, concurrent...)
	if err != nil {
		m.report.Value = nil
		return written, concurrent, err
	}
	return written, concurrent, unread
}

// plan is what to send and what that will lead to; nil where nothing changed.
func (m *modification[T, E]) plan(draft *metadata.Draft[T], read []metadata.Object) (patches []metadata.Patch, expected []metadata.Object, err error) {
	patches, err = m.view.patches(m.Operation, draft)
	if err != nil {
		return nil, nil, err
	}
	expected = make([]metadata.Object, len(patches))
	changed := false
	for i, patch := range patches {
		if len(patch) == 0 {
			patches[i], expected[i] = nil, read[i]
			continue
		}
		name := m.view.entity.Fields[i]
		if expected[i], err = metadata.Merge(read[i], patch); err != nil {
			return nil, nil, clerkerr.Invalid(m.Operation, name, err)
		}
		if err := request.MergedSize(m.Operation, name, expected[i], m.MaxSize); err != nil {
			return nil, nil, err
		}
		changed = true
	}
	if !changed {
		return nil, nil, nil
	}
	return patches, expected, nil
}

// concurrent finds what differs from what the write should have led to, in the
// fields that T has.
func (m *modification[T, E]) concurrent(expected, now []metadata.Object) ([]string, error) {
	var places []string
	for i, name := range m.view.entity.Fields {
		if _, used := m.view.shape.members[name]; !used {
			continue
		}
		changed, err := metadata.Changed(expected[i], now[i])
		if err != nil {
			return places, mismatch(m.Operation, clerkerr.OutcomeApplied, err)
		}
		for _, path := range changed {
			places = append(places, name+path)
		}
	}
	return places, nil
}
