package bulk

import (
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// foresight is what a change would do to what an entity holds.
type foresight struct {
	// patches are what is to be sent for a patch or an unset.
	patches Patches
	after   documents
	diff    *Diff
}

// foresee finds what the change would do to docs: for Plan, and for Apply where it
// has read the entity. The error is why it cannot be made: clerkerr.ErrInvalidArgument
// as the call itself would return it, with clerkerr.ErrTooLarge for a field over
// limit bytes, of which 0 is none. A change that changes nothing is not measured,
// since it is not sent.
func (c Change) foresee(docs documents, limit int) (foresight, error) {
	f := foresight{patches: c.Patch, after: docs}
	var err error
	if c.Verb == Unset {
		if f.patches, err = c.removal(&docs); err != nil {
			return f, err
		}
	}
	for i, field := range fields {
		if patch := *f.patches.at(i); len(patch) > 0 {
			f.after[i], err = metadata.Merge(docs[i], patch)
		} else if value := *c.Replace.at(i); !value.IsZero() {
			f.after[i], err = value.Object()
		}
		if err != nil {
			return f, clerkerr.Invalid(operation, field, err)
		}
	}
	if f.diff, err = diff(docs, f.after); err != nil || f.diff.Empty() {
		return f, err
	}
	for i, field := range fields {
		if len(*f.patches.at(i)) == 0 && c.Replace.at(i).IsZero() {
			continue
		}
		if err := request.MergedSize(operation, field, f.after[i], limit); err != nil {
			return f, err
		}
	}
	return f, nil
}
