package typed

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	// Value is the entity after the call; nil if no entity is returned, or if the
	// answer to a write that was applied could not be read.
	Value *T
	// Sent are the patches of the last write, one for each of Entity.Fields; all are
	// nil without a write.
	Sent []metadata.Patch
	// Writes counts them.
	Writes int
	// Concurrent are the places, "public_metadata/role", that differ from what
	// was read plus what was sent.
	Concurrent []string
}

// modification is a Modify under way.
type modification[T, E any] struct {
	*View[T, E]
	Run[E]
	Report[T]

	change func(*T) error
	// latest is the entity as it was last read or written, outcome that of the writes.
	latest  *E
	outcome clerkerr.Outcome
}

// Modify reads the entity, lets change alter it and writes what differs. The
// entity is nil unless nothing had to be written or a write was applied. An error
// that is not the callback's is a *clerkerr.Error.
func (v *View[T, E]) Modify(r Run[E], change func(*T) error) (*E, Report[T], error) {
	m := modification[T, E]{View: v, Run: r, change: change, outcome: clerkerr.OutcomeNotApplied}
	err := m.run()
	if err != nil && m.Writes == 0 {
		m.latest = nil
	}
	return m.latest, m.Report, err
}

func (m *modification[T, E]) run() error {
	const maxReruns = 10
	if err := m.Check(m.Operation); err != nil {
		return err
	}
	if n := m.config.MaxReruns; n < 0 || n > maxReruns {
		return clerkerr.Invalid(m.Operation, "MaxReruns", fmt.Errorf("is %d; expected 0 to %d", n, maxReruns))
	}
	if m.change == nil {
		return clerkerr.Invalid(m.Operation, "change", errors.New("is nil"))
	}
	m.Sent = make([]metadata.Patch, len(m.entity.Fields))
	var err error
	if m.latest, err = m.Read(); err != nil {
		return err
	}
	for rerun := 0; ; rerun++ {
		concurrent, err := m.once()
		switch {
		case err != nil, len(concurrent) == 0:
			return err
		case rerun < m.config.MaxReruns:
		case m.config.FailOnConcurrentChange:
			return &clerkerr.Error{
				Operation: m.Operation, Outcome: m.outcome,
				Err: fmt.Errorf("%w: %q", clerkerr.ErrConcurrentChange, concurrent),
			}
		default:
			return nil
		}
	}
}

// Patches returns what Modify sends for an entity that the caller has, one for each of
// Entity.Fields and nil where nothing changed; all are nil if nothing did.
func (v *View[T, E]) Patches(operation string, maxSize int, entity *E, change func(*T) error) ([]metadata.Patch, error) {
	if err := v.Check(operation); err != nil {
		return nil, err
	}
	switch {
	case entity == nil:
		return nil, clerkerr.Invalid(operation, "entity", errors.New("is nil"))
	case change == nil:
		return nil, clerkerr.Invalid(operation, "change", errors.New("is nil"))
	}
	m := modification[T, E]{
		View: v, Run: Run[E]{Operation: operation, MaxSize: maxSize}, change: change,
		latest: entity, outcome: clerkerr.OutcomeNotApplied,
	}
	patches, _, err := m.propose()
	if patches == nil {
		patches = make([]metadata.Patch, len(v.entity.Fields))
	}
	return patches, err
}

// propose returns the patches of a change of the latest entity, as plan does.
func (m *modification[T, E]) propose() (patches []metadata.Patch, expected []metadata.Object, err error) {
	var draft *metadata.Draft[T]
	o, err := m.cut()
	if err == nil {
		draft, err = metadata.NewDraft[T](o)
	}
	if err != nil {
		return nil, nil, mismatch(m.Operation, m.outcome, err)
	}
	if err := m.change(&draft.Value); err != nil {
		return nil, nil, err
	}
	return m.plan(draft)
}

// once changes and writes the latest entity. It returns what others changed meanwhile.
func (m *modification[T, E]) once() (concurrent []string, err error) {
	patches, expected, err := m.propose()
	if err != nil {
		return nil, err
	}
	if patches == nil {
		return nil, m.load()
	}
	written, err := m.Write(m.latest, patches)
	if written == nil {
		return nil, err
	}
	m.latest, m.Sent, m.outcome = written, patches, clerkerr.OutcomeApplied
	m.Writes++
	unread := m.load()
	if err != nil {
		return nil, err
	}
	concurrent, err = m.differences(expected)
	m.Concurrent = append(m.Concurrent, concurrent...)
	if err != nil {
		m.Value = nil
		return nil, err
	}
	return concurrent, unread
}

// cut returns the members of the latest entity that T has.
func (m *modification[T, E]) cut() (metadata.Object, error) {
	_, raw := m.entity.Text(m.latest)
	return m.shape.cut(raw)
}

// load reports the latest entity, not the copy that the callback may have left half
// altered.
func (m *modification[T, E]) load() error {
	m.Value = nil
	value := new(T)
	o, err := m.cut()
	if err == nil {
		err = o.Decode(value)
	}
	if err != nil {
		return mismatch(m.Operation, m.outcome, err)
	}
	m.Value = value
	return nil
}

// plan returns what to send and what that leads to; nil if nothing changed.
func (m *modification[T, E]) plan(draft *metadata.Draft[T]) (patches []metadata.Patch, expected []metadata.Object, err error) {
	whole, err := draft.Patch()
	if err != nil {
		return nil, nil, clerkerr.Invalid(m.Operation, member(err), err)
	}
	for _, name := range slices.Sorted(maps.Keys(whole)) {
		if !slices.Contains(m.entity.Fields, name) {
			return nil, nil, clerkerr.Invalid(m.Operation, name, m.unwritable(name))
		}
	}
	expected = m.entity.Objects(m.latest)
	for i, name := range m.entity.Fields {
		change, changed := whole[name]
		patch, isObject := change.(metadata.Patch)
		switch {
		case changed && !isObject:
			err = &metadata.PathError{Reason: metadata.ErrNotObject, Hint: "set the field to nil to clear it"}
		case len(patch) == 0:
			continue
		default:
			expected[i], err = metadata.Merge(expected[i], patch)
		}
		if err != nil {
			return nil, nil, clerkerr.Invalid(m.Operation, name, err)
		}
		if err := request.MergedSize(m.Operation, name, expected[i], m.MaxSize); err != nil {
			return nil, nil, err
		}
		if patches == nil {
			patches = make([]metadata.Patch, len(expected))
		}
		patches[i] = patch
	}
	return patches, expected, nil
}

// unwritable returns why Modify does not write a member.
func (m *modification[T, E]) unwritable(name string) error {
	if slices.Contains(m.entity.ReadOnly, name) {
		return fmt.Errorf("is read-only for %s: change it through the Backend API", m.entity.Name)
	}
	return fmt.Errorf("was changed and is no metadata: Modify writes %s only", strings.Join(m.entity.Fields, ", "))
}

// differences returns where the fields of T in the latest entity are not as expected.
func (m *modification[T, E]) differences(expected []metadata.Object) ([]string, error) {
	var places []string
	for i, now := range m.entity.Objects(m.latest) {
		name := m.entity.Fields[i]
		if !m.shape.has(name) {
			continue
		}
		changed, err := metadata.Changed(expected[i], now)
		if err != nil {
			return places, mismatch(m.Operation, m.outcome, err)
		}
		for _, path := range changed {
			places = append(places, name+path)
		}
	}
	return places, nil
}
