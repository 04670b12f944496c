package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
)

// apply is the command.
type apply struct {
	*bulkFlags
	failures      string
	yes           bool
	noPlan        bool
	skipUnchanged bool
}

func newApply(env Env) *cobra.Command {
	a := &apply{}
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Make the changes of a file",
		Long: `Make the changes of a file: show what they will do, ask before writing with a
live key, and make them, within Clerk's rate limits and several at once. Changes
of one user, organization or membership are made in the order of the file; once
one of them fails, those behind it are held back. Where none of the changes can be
made, nothing is sent.

With --checkpoint the command can be interrupted or killed at any moment and run
again: it continues where it stopped. Without, run again it makes all changes again,
which ends in the same state.

` + bulkHelp,
		Example: `  clerkmeta apply changes.ndjson --checkpoint changes.done --failures failed.ndjson
  clerkmeta apply changes.csv --rate 500/10s --yes`,
		ValidArgsFunction: completeChanges,
	}
	a.bulkFlags = addBulkFlags(cmd, env)
	flags := cmd.Flags()
	flags.StringVar(&a.failures, "failures", "", "`file` to write the changes to that were not applied, as NDJSON to be run again; it is overwritten")
	flags.BoolVar(&a.yes, "yes", false, "do not ask before writing with a live key")
	flags.BoolVar(&a.noPlan, "no-plan", false, "do not read everything first to show what the changes will do")
	flags.BoolVar(&a.skipUnchanged, "skip-unchanged", false, "read each entity right before its change, and send nothing where nothing would change")
	return runs(cmd, func(ctx context.Context, args []string) error { return a.run(ctx, args[0]) })
}

func (a *apply) run(ctx context.Context, name string) (err error) {
	j, err := a.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	if err := free("--failures", a.failures, a.kept(j)); err != nil {
		return err
	}
	if err := a.explain(ctx, j); err != nil {
		return err
	}
	if err := a.approve(j.key, a.yes, false, "Apply "+count(j.file.valid, "change", "changes"), "plan"); err != nil {
		return err
	}
	record, err := a.openFailures(j)
	if err != nil {
		return err
	}
	counts, took, runErr := a.send(ctx, j, record)
	if err := record.close(); err != nil && runErr == nil {
		runErr = failed(ExitFile, "--failures: %w", err)
	}
	if err := a.report(j.file.valid, counts, took); err != nil {
		return err
	}
	return a.verdict(ctx, j, counts, runErr)
}

// explain prints what the changes will do. If none of them can be made it returns an
// error: the key or the address may be another instance's.
func (a *apply) explain(ctx context.Context, j *job) error {
	s := newSummary(j.file)
	if !a.noPlan {
		var err error
		if s, err = a.survey(ctx, j, func(bulk.Result) error { return nil }); err != nil {
			return err
		}
	}
	var err error
	if a.output.value == outputJSON {
		err = a.writeJSON(a.Stdout, map[string]any{"plan": s})
	} else {
		err = s.write(a.Stdout, a.paint(a.Stdout))
	}
	if err != nil {
		return err
	}
	if s.reached == 0 && s.impossible() > 0 {
		return failed(ExitPartly, "nothing was sent, since none of the changes that are left can be made").
			hint("check the key, CLERK_API_URL and the file, or send them without reading first with --no-plan")
	}
	return nil
}

// failureFile records the changes to be run again; the zero value records none.
type failureFile struct {
	file *os.File
	err  error
}

// kept returns the files of the run that the failures may not overwrite.
func (a *apply) kept(j *job) []role { return namedRole(a.taken(j), "--checkpoint", a.checkpoint) }

func (a *apply) openFailures(j *job) (*failureFile, error) {
	if a.failures == "" {
		return &failureFile{}, nil
	}
	file, err := takeFile("--failures", a.failures, os.O_WRONLY, a.kept(j))
	if err != nil {
		return nil, err
	}
	if err := file.Truncate(0); err != nil {
		return nil, failed(ExitFile, "--failures: %w", errors.Join(err, filelock.Close(file)))
	}
	return &failureFile{file: file}, nil
}

// add writes a change at once, so that a kill loses none.
func (f *failureFile) add(r bulk.Result) {
	if f.file == nil || f.err != nil {
		return
	}
	line, err := r.FailureLine()
	if err == nil {
		_, err = f.file.Write(append(line, '\n'))
	}
	f.err = err
}

func (f *failureFile) close() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.err, filelock.Close(f.file))
}

// send makes the changes.
func (a *apply) send(ctx context.Context, j *job, record *failureFile) (bulk.Counts, time.Duration, error) {
	p := a.progress(j, "apply")
	began := time.Now()
	p.begin()
	defer p.end()
	defer context.AfterFunc(ctx, func() {
		p.note("interrupted: finishing what is under way; interrupt again to stop at once")
	})()
	var counts bulk.Counts
	shown := 0
	params := bulk.ApplyParams{
		Workers: a.concurrency, SkipUnchanged: a.skipUnchanged, Checkpoint: j.done(), Progress: p.set,
	}
	for r, err := range bulk.Apply(ctx, j.client, j.file.changes(), params) {
		if err != nil {
			return counts, time.Since(began), err
		}
		counts.Add(r.Outcome)
		if a.output.value == outputJSON {
			if err := a.writeResult(r); err != nil {
				return counts, time.Since(began), err
			}
		}
		if r.OK() {
			continue
		}
		record.add(a.worded(r))
		if shown++; shown <= badLinesShown {
			p.note(a.failureLine(r))
		}
	}
	return counts, time.Since(began), nil
}

// report prints the counts.
func (a *apply) report(changes int64, c bulk.Counts, took time.Duration) error {
	if a.output.value == outputJSON {
		outcomes := map[bulk.Outcome]int64{
			bulk.Applied: c.Applied, bulk.Unchanged: c.Unchanged, bulk.Failed: c.Failed,
			bulk.Unknown: c.Unknown, bulk.Conflict: c.Conflict, bulk.HeldBack: c.HeldBack, bulk.Recorded: c.Recorded,
		}
		maps.DeleteFunc(outcomes, func(_ bulk.Outcome, n int64) bool { return n == 0 })
		return a.writeJSON(a.Stdout, map[string]any{"summary": map[string]any{
			"changes": changes, "outcomes": outcomes, "seconds": took.Seconds(),
			"requests": a.traffic.requests.Load(), "rate_limit_waits": a.traffic.waits.Load(), "status_429": a.traffic.refused.Load(),
		}})
	}
	text := listed(a.paint(a.Stdout),
		part{c.Applied, "applied", added}, part{c.Unchanged, "unchanged", 0}, part{c.Failed, "failed", removed},
		part{c.Unknown, "unknown", removed}, part{c.Conflict, "in conflict", removed}, part{c.HeldBack, "held back", removed}, part{c.Recorded, "applied before", 0},
	)
	_, err := fmt.Fprintf(a.Stdout, "%s in %s (%s)\n", cmp.Or(text, "nothing applied"), took.Round(100*time.Millisecond), &a.traffic)
	return err
}

// verdict returns the error of a run with its exit code, and how to continue.
func (a *apply) verdict(ctx context.Context, j *job, c bulk.Counts, err error) error {
	again := "run the same command again: it makes all changes again, which ends in the same state"
	if j.checkpoint != nil {
		again = "run the same command again: it continues where it stopped"
	}
	left := j.file.valid - c.Applied - c.Unchanged - c.Recorded
	switch {
	case err == nil && left == 0:
		return nil
	case errors.Is(err, clerkerr.ErrUnauthorized):
		return failed(ExitUnauthorized, "%w", err)
	case errors.Is(err, errFileChanged):
		return failed(ExitFile, "%w; %s left", err, count(left, "change is", "changes are")).
			hint("plan the file again, and apply it with another checkpoint")
	case err != nil && ctx.Err() != nil:
		return failed(ExitInterrupted, "interrupted, %s left", count(left, "change is", "changes are")).hint("%s", again)
	case err != nil:
		return failed(exitCode(err), "%w; %s left", err, count(left, "change is", "changes are")).hint("%s", again)
	}
	if a.failures != "" {
		again = a.failures + " holds what to run again"
	} else if j.checkpoint == nil {
		again = "with --checkpoint or --failures they can be run again by themselves"
	}
	return failed(ExitPartly, "%s not applied", count(left, "change was", "changes were")).hint("%s", again)
}
