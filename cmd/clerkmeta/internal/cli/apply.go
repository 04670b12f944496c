package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
)

type apply struct {
	*job
	verb          string // of the question
	failures      string
	undoLog       string
	yes           bool
	noPlan        bool
	skipUnchanged bool

	noted bulk.UndoLog // nil for none
	stays int64        // the places that an undo left as they are
}

func newApply(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Make the changes of a file",
		Long: `Make the changes of a file: show what they will do, ask before writing with a
live key, and send them, several at once and within Clerk's rate limits.
Changes of one user, organization or membership are made in the order of the
file; a change that fails holds back the later ones of its entity. If none of
the changes can be made, nothing is sent.

With --checkpoint the command can be interrupted or killed at any moment and
run again: it continues where it stopped. Without it the command makes all
changes again, which ends in the same state.

With --undo-log "clerkmeta undo" can take the changes back.

` + bulkHelp,
		Example: `  clerkmeta apply changes.ndjson --checkpoint changes.done --failures failed.ndjson
  clerkmeta apply changes.csv --rate 500/10s --yes`,
	}
	a := &apply{job: newJob(cmd, env), verb: "Apply"}
	a.applyFlags(cmd)
	return a.runs(cmd, a.run)
}

// applyFlags adds the flags of a command that sends changes.
func (a *apply) applyFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&a.undoLog, "undo-log", "", "`file` that notes what each change replaces, private values too, before it is sent; clerkmeta undo takes the changes back")
	flags.StringVar(&a.failures, "failures", "", "`file` for the changes that were not applied, as NDJSON to run again; it is overwritten")
	flags.BoolVar(&a.yes, "yes", false, "do not ask before writing with a live key")
	flags.BoolVar(&a.noPlan, "no-plan", false, "do not read everything first to show what the changes will do")
	flags.BoolVar(&a.skipUnchanged, "skip-unchanged", false, "read each entity right before its change, and send nothing if nothing would change")
}

func (a *apply) run(ctx context.Context) (err error) {
	if err := a.openUndoLog(); err != nil {
		return err
	}
	if log, ok := a.noted.(io.Closer); ok {
		defer func() { err = errors.Join(err, log.Close()) }()
	}
	if err := free("--failures", a.failures, a.kept()); err != nil {
		return err
	}
	if err := a.explain(ctx); err != nil {
		return err
	}
	if err := a.approve(a.signs, a.yes, false, a.verb+" "+count(a.file.valid, "change", "changes"), "plan"); err != nil {
		return err
	}
	record, err := a.openFailures()
	if err != nil {
		return err
	}
	began := time.Now()
	counts, runErr := a.send(ctx, record)
	took := time.Since(began)
	if err := record.close(); err != nil && runErr == nil {
		runErr = failed(ExitFile, "--failures: %w", err)
	}
	if err := a.report(counts, took); err != nil {
		return err
	}
	return a.verdict(ctx, counts, runErr)
}

// explain prints what the changes will do. If none of them can be made it returns an
// error: the key or the address may be another instance's.
func (a *apply) explain(ctx context.Context) error {
	if err := a.resolve(ctx); err != nil {
		return err
	}
	s := newSummary(a.file)
	if !a.noPlan {
		var err error
		if s, err = a.survey(ctx, func(bulk.Result) error { return nil }); err != nil {
			return err
		}
	}
	if err := a.writeSummary("plan", s); err != nil {
		return err
	}
	if s.reached == 0 && s.impossible() > 0 {
		return failed(ExitPartly, "nothing was sent: none of the remaining changes can be made").
			hint("check the key, CLERK_API_URL and the file, or pass --no-plan to send them without reading first")
	}
	return nil
}

// openUndoLog opens the file of --undo-log.
func (a *apply) openUndoLog() error {
	if a.undoLog == "" {
		return nil
	}
	if err := free("--undo-log", a.undoLog, namedRole(a.taken(), "--checkpoint", a.checkpoint)); err != nil {
		return err
	}
	log, err := bulk.OpenUndoLog(a.undoLog, a.identity())
	if errors.Is(err, bulk.ErrOtherInput) {
		err = fmt.Errorf("%w: name another file", err)
	}
	if err != nil {
		return failed(ExitFile, "--undo-log %s: %w", a.undoLog, err)
	}
	a.noted = log
	return nil
}

// kept returns the files of the run that the failures may not overwrite.
func (a *apply) kept() []role {
	return namedRole(namedRole(a.taken(), "--checkpoint", a.checkpoint), "--undo-log", a.undoLog)
}

// failureFile records the changes to be run again; the zero value records none.
type failureFile struct {
	file *os.File
	err  error
}

func (a *apply) openFailures() (*failureFile, error) {
	if a.failures == "" {
		return &failureFile{}, nil
	}
	file, err := takeFile("--failures", a.failures, os.O_WRONLY, a.kept())
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

func (a *apply) send(ctx context.Context, record *failureFile) (counts bulk.Counts, err error) {
	p := a.progress("apply")
	p.begin()
	defer p.end()
	defer context.AfterFunc(ctx, func() {
		p.note("interrupted: finishing what is under way; interrupt again to stop at once")
	})()
	shown := 0
	params := bulk.ApplyParams{
		Workers: a.concurrency, SkipUnchanged: a.skipUnchanged, Checkpoint: a.done, UndoLog: a.noted, Resolution: a.names, Progress: p.set,
	}
	for r, err := range bulk.Apply(ctx, a.client, a.file.changes(), params) {
		if err != nil {
			return counts, err
		}
		counts.Add(r.Outcome)
		if a.json() {
			if err := a.writeResult(r); err != nil {
				return counts, err
			}
		}
		a.stays += stays(r)
		if remarkable(r) {
			if shown++; shown <= badLinesShown {
				p.note(a.failureLine(r))
			}
		}
		if r.OK() {
			continue
		}
		if r.Err != nil {
			r.Err = &failure{err: r.Err, text: a.problemOf(r).Message}
		}
		record.add(r)
	}
	return counts, nil
}

// report prints the counts.
func (a *apply) report(c bulk.Counts, took time.Duration) error {
	if !a.json() {
		text := listed(a.paint(a.Stdout),
			part{c.Applied, "applied", added}, part{c.Unchanged, "unchanged", 0}, part{c.Failed, "failed", removed},
			part{c.Unknown, "unknown", removed}, part{c.Conflict, "in conflict", removed},
			part{c.Managed, string(bulk.Managed), removed}, part{c.HeldBack, "held back", removed}, part{c.Recorded, "applied before", 0},
		)
		return a.print(fmt.Appendf(nil, "%s in %s (%s)\n", cmp.Or(text, "nothing applied"), took.Round(100*time.Millisecond), &a.traffic), nil)
	}
	outcomes := map[bulk.Outcome]int64{
		bulk.Applied: c.Applied, bulk.Unchanged: c.Unchanged, bulk.Failed: c.Failed,
		bulk.Unknown: c.Unknown, bulk.Conflict: c.Conflict, bulk.Managed: c.Managed, bulk.HeldBack: c.HeldBack, bulk.Recorded: c.Recorded,
	}
	maps.DeleteFunc(outcomes, func(_ bulk.Outcome, n int64) bool { return n == 0 })
	return a.writeJSON(a.Stdout, map[string]any{"summary": map[string]any{
		"changes": a.file.valid, "outcomes": outcomes, "seconds": took.Seconds(),
		"requests": a.traffic.requests.Load(), "rate_limit_waits": a.traffic.waits.Load(), "status_429": a.traffic.refused.Load(),
	}})
}

func (a *apply) verdict(ctx context.Context, c bulk.Counts, err error) error {
	n := a.file.valid - c.Applied - c.Unchanged - c.Recorded
	left := count(n, "change is", "changes are") + " left"
	again := "run the same command again: it makes all changes again, which ends in the same state"
	if a.done != nil {
		again = "run the same command again: it continues where it stopped"
	}
	switch {
	case err == nil && n == 0:
		return stayed(a.stays)
	case errors.Is(err, clerkerr.ErrUnauthorized):
		return err
	case errors.Is(err, errFileChanged):
		return failed(ExitFile, "%w; %s", err, left).hint("plan the file again, and apply it with another checkpoint")
	case err != nil && ctx.Err() != nil:
		return failed(ExitInterrupted, "interrupted, %s", left).hint("%s", again)
	case err != nil:
		return failed(exitCode(err), "%w; %s", err, left).hint("%s", again)
	case a.failures != "":
		again = a.failures + " holds what to run again"
	case a.done == nil:
		again = "pass --checkpoint or --failures to run only these again"
	}
	if c.Conflict > 0 {
		again += "; export again to edit those in conflict anew"
	}
	return failed(ExitPartly, "%s not applied", count(n, "change was", "changes were")).hint("%s", again)
}
