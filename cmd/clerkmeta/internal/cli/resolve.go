package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// resolve finds the users that the file names otherwise than by id. It fails if one is not
// certain, unless faulty lines are to be skipped.
func (j *job) resolve(ctx context.Context) error {
	if !j.file.named {
		return nil
	}
	p := j.progress("find")
	p.begin()
	defer p.end()
	params := bulk.ResolveParams{Checkpoint: j.done, Progress: func(names int64) { p.set(bulk.Counts{Planned: names}) }}
	var err error
	j.names, err = bulk.Resolve(ctx, j.client, j.file.changes(), params)
	unresolved, uncertain := errors.AsType[*bulk.UnresolvedError](err)
	switch {
	case err == nil || uncertain && j.skipInvalid: // the plan reports the changes
		return nil
	case ctx.Err() != nil:
		return errInterrupted
	case !uncertain:
		return fmt.Errorf("%w; nothing was sent", err)
	}
	for i, line := range unresolved.Lines {
		if i == badLinesShown {
			p.note(fmt.Sprintf("and %d more", len(unresolved.Lines)-i))
			break
		}
		p.note(j.to.present(line).Message)
	}
	return failed(ExitFile, "%s for one user each, nothing was sent", count(int64(len(unresolved.Lines)), "name does not stand", "names do not stand")).
		hint("correct the lines, or skip them with --skip-invalid")
}
