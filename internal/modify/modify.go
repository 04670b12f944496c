package modify

import (
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Run is one Modify of an entity E.
type Run[E any] struct {
	// Operation is the call's name, for errors.
	Operation string
	// Fields are bound to the typed values that Change works on.
	Fields []Field
	// MaxSize is the size in bytes that a merged field may have; 0 is no limit.
	MaxSize int
	// Read reads the entity.
	Read func() (*E, error)
	// Objects are the entity's metadata, one a field.
	Objects func(*E) []metadata.Object
	// Change is the caller's callback.
	Change func() error
	// Write sends the patches, one a field and nil where nothing changed, and
	// returns the entity as it then is; nil unless it was applied.
	Write func([]metadata.Patch) (*E, error)
}

// Report is what a Run did.
type Report struct {
	// Sent are the patches of the last write, nil where there was none.
	Sent []metadata.Patch
	// Writes counts them.
	Writes int
	// Foreign are the places, "public_metadata/role", that differ from what was
	// read plus what was sent.
	Foreign []string
}

// Do reads, changes and writes. The entity is nil unless nothing had to be
// written or a write was applied. An error that is not the callback's is a
// *clerkerr.Error.
func (r *Run[E]) Do(callback bool, opts []metadata.ModifyOption) (*E, Report, error) {
	var report Report
	p, err := policy(r.Operation, opts)
	if err == nil && !callback {
		err = clerkerr.Invalid(r.Operation, "change", errors.New("is nil"))
	}
	if err == nil {
		err = Check(r.Operation, r.Fields)
	}
	if err != nil {
		return nil, report, err
	}
	entity, err := r.Read()
	if err != nil {
		return nil, report, err
	}
	if err := Load(r.Operation, clerkerr.OutcomeNotApplied, r.Fields, r.Objects(entity)); err != nil {
		return nil, report, err
	}
	for round := 0; ; round++ {
		written, foreign, err := r.round(entity, &report)
		if written != nil {
			entity = written
		}
		switch {
		case err != nil && report.Writes == 0:
			return nil, report, err
		case err != nil:
			// The values are the entity's again, as far as it could be read,
			// and not what a callback left half done.
			_ = Load(r.Operation, clerkerr.OutcomeApplied, r.Fields, r.Objects(entity))
			return entity, report, err
		case len(foreign) == 0:
			return entity, report, nil
		case round < p.Rounds:
		case p.FailOnForeignChange:
			return entity, report, &clerkerr.Error{
				Operation: r.Operation, Outcome: clerkerr.OutcomeApplied,
				Err: fmt.Errorf("%w: %q", clerkerr.ErrForeignChange, foreign),
			}
		default:
			return entity, report, nil
		}
	}
}

// round is one change and write, from an entity that is loaded; it leaves the
// entity loaded that it returns.
func (r *Run[E]) round(read *E, report *Report) (written *E, foreign []string, err error) {
	if err := r.Change(); err != nil {
		return nil, nil, err
	}
	patches, expected, err := r.plan(r.Objects(read))
	if err != nil {
		return nil, nil, err
	}
	if patches == nil {
		// The callback can have changed what makes no difference in JSON.
		return nil, nil, Load(r.Operation, clerkerr.OutcomeNotApplied, r.Fields, r.Objects(read))
	}
	written, err = r.Write(patches)
	if written == nil {
		return nil, nil, err
	}
	report.Sent = patches
	report.Writes++
	if err != nil {
		return written, nil, err
	}
	now := r.Objects(written)
	foreign, err = r.foreign(expected, now)
	report.Foreign = append(report.Foreign, foreign...)
	if err == nil {
		err = Load(r.Operation, clerkerr.OutcomeApplied, r.Fields, now)
	}
	return written, foreign, err
}

// plan is what to send and what that will lead to; nil where nothing changed.
func (r *Run[E]) plan(read []metadata.Object) (patches []metadata.Patch, expected []metadata.Object, err error) {
	patches = make([]metadata.Patch, len(r.Fields))
	expected = make([]metadata.Object, len(r.Fields))
	changed := false
	for i, f := range r.Fields {
		patch, err := f.patch()
		if err == nil && len(patch) > 0 {
			expected[i], err = metadata.Merge(read[i], patch)
		}
		if err != nil {
			return nil, nil, clerkerr.Invalid(r.Operation, f.name(), err)
		}
		if len(patch) == 0 {
			expected[i] = read[i]
			continue
		}
		if size := expected[i].Size(); r.MaxSize > 0 && size > r.MaxSize {
			return nil, nil, clerkerr.Invalid(r.Operation, f.name(),
				fmt.Errorf("%w: %d bytes after the merge, Clerk's documented limit is %d", clerkerr.ErrTooLarge, size, r.MaxSize))
		}
		patches[i], changed = patch, true
	}
	if !changed {
		return nil, nil, nil
	}
	return patches, expected, nil
}

// foreign finds what differs from what the write should have led to.
func (r *Run[E]) foreign(expected, now []metadata.Object) ([]string, error) {
	var places []string
	for i, f := range r.Fields {
		if !f.used() {
			continue
		}
		paths, err := metadata.Changed(expected[i], now[i])
		if err != nil {
			return places, &clerkerr.Error{
				Operation: r.Operation, Outcome: clerkerr.OutcomeApplied,
				Err: fmt.Errorf("%w: %w", clerkerr.ErrDecode, err),
			}
		}
		for _, p := range paths {
			places = append(places, f.name()+p)
		}
	}
	return places, nil
}
