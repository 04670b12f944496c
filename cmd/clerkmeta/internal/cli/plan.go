package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// bulkTimeout bounds one call. It is long, since waits for the rate limit count.
const bulkTimeout = 5 * time.Minute

// bulkHelp is what plan and apply say of their file.
const bulkHelp = `FILE holds changes as JSON, one object a line or an array, or as a table; - is
standard input. Every change is checked before anything is sent. NDJSON:

  {"user":"user_1","patch":{"private_metadata":{"plan":"pro","trial":null}}}
  {"organization":"org_1","replace":{"public_metadata":{}}}
  {"organization":"org_1","user":"user_1","unset":["public_metadata/desk"]}

CSV:

  user,public_metadata/role,private_metadata/seats:json
  user_1,admin,12
  user_2,,null

Both forms are described at
` + docs + `bulk.md

` + keyHelp

// bulkFlags are what plan and apply have in common.
type bulkFlags struct {
	*connection
	*reading
	output      *choice
	rate        string
	concurrency int
	checkpoint  string
	skipInvalid bool
	traffic     traffic
}

func addBulkFlags(cmd *cobra.Command, env Env) *bulkFlags {
	b := &bulkFlags{connection: connectionFlags(cmd, env)}
	b.attempted = b.traffic.seen
	b.reading = readingFlags(cmd)
	b.output = outputFlag(cmd)
	flags := cmd.Flags()
	flags.StringVar(&b.rate, "rate", "", "keep to the `limit` of development or production, or to N/10s; guessed from the key otherwise")
	flags.IntVar(&b.concurrency, "concurrency", bulk.DefaultWorkers, fmt.Sprintf("how many requests are made at once, 1 to %d", bulk.MaxWorkers))
	flags.StringVar(&b.checkpoint, "checkpoint", "", "`file` that remembers what was applied")
	flags.BoolVar(&b.skipInvalid, "skip-invalid", false, "skip faulty lines")
	complete(cmd, []string{"development", "production"}, "rate")
	complete(cmd, nil, "concurrency")
	return b
}

// job is a run of plan or apply with everything opened.
type job struct {
	file       *changeFile
	client     *client.Client
	key        client.Key
	checkpoint *bulk.FileCheckpoint
}

// collectOften halves the garbage that starts the collector, unless GOGC is set. Plan and
// apply keep little and drop much: their peak falls by a quarter for some percent of time.
func (b *bulkFlags) collectOften() {
	if b.getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// prepare reads the whole file and opens everything else. It makes no request.
func (b *bulkFlags) prepare(ctx context.Context, name string) (*job, error) {
	b.collectOften()
	if b.concurrency < 1 || b.concurrency > bulk.MaxWorkers {
		return nil, failed(ExitUsage, "--concurrency %d is out of range; expected 1 to %d", b.concurrency, bulk.MaxWorkers)
	}
	if name == "-" {
		if err := b.stdinOnce("the changes"); err != nil {
			return nil, err
		}
	}
	file, err := openChanges(ctx, b.Env, name, b.reading, b.skipInvalid)
	if err != nil {
		return nil, err
	}
	j := &job{file: file}
	if err := b.connect(j); err != nil {
		return nil, errors.Join(err, j.close())
	}
	return j, nil
}

func (b *bulkFlags) connect(j *job) error {
	// The limit is guessed from the key.
	_, key, err := b.open()
	if err != nil {
		return err
	}
	limit, err := parseRate(b.rate, key)
	if err != nil {
		return err
	}
	limiter, err := client.NewLimiter(limit, client.DefaultWriteLimit)
	if err != nil {
		return err
	}
	j.client, j.key, err = b.open(client.WithLimiter(patient{limiter, &b.traffic}), client.WithRetry(client.Retry{Timeout: bulkTimeout}))
	if err != nil || b.checkpoint == "" {
		return err
	}
	if err := free("--checkpoint", b.checkpoint, b.taken(j)); err != nil {
		return err
	}
	j.checkpoint, err = bulk.OpenCheckpoint(b.checkpoint, b.identity(j))
	if errors.Is(err, bulk.ErrOtherInput) {
		err = fmt.Errorf("%w: name another file, or remove it to start over", err)
	}
	if err != nil {
		return failed(ExitFile, "--checkpoint %s: %w", b.checkpoint, err)
	}
	return nil
}

// identity returns what a checkpoint belongs to. A key can be renewed, and its kind stays.
func (b *bulkFlags) identity(j *job) bulk.Identity {
	kind := "test"
	if j.key.IsLive() {
		kind = "live"
	}
	return bulk.Identity{Input: j.file.identity(), Instance: cmp.Or(b.getenv(client.EnvAPIURL), client.DefaultBaseURL), Key: kind}
}

// taken returns the files of the run that nothing else may be written to.
func (b *bulkFlags) taken(j *job) []role {
	return append(openedRole(nil, "the file of changes", j.file.file), b.roles()...)
}

func (j *job) close() error {
	err := j.file.remove()
	if j.checkpoint != nil {
		err = errors.Join(err, j.checkpoint.Close())
	}
	return err
}

// done returns the checkpoint as an interface, nil for none.
func (j *job) done() bulk.Checkpoint {
	if j.checkpoint == nil {
		return nil
	}
	return j.checkpoint
}

func (b *bulkFlags) progress(j *job, label string) *progress {
	columns := func() int { return b.columns(b.Stderr) }
	return &progress{out: b.look.messages, columns: columns, label: label, total: j.file.valid, traffic: &b.traffic}
}

// survey plans the changes and calls each with every result.
func (b *bulkFlags) survey(ctx context.Context, j *job, each func(bulk.Result) error) (*summary, error) {
	s := newSummary(j.file)
	p := b.progress(j, "read")
	p.begin()
	defer p.end()
	shown := 0
	params := bulk.PlanParams{Workers: b.concurrency, Checkpoint: j.done(), Progress: p.set}
	for r, err := range bulk.Plan(ctx, j.client, j.file.changes(), params) {
		if err != nil {
			if ctx.Err() != nil {
				return nil, errInterrupted
			}
			return nil, fmt.Errorf("%w; nothing was written", err)
		}
		s.add(r)
		if r.Err != nil {
			if shown++; shown <= badLinesShown {
				p.note(b.failureLine(r))
			}
		}
		if err := each(r); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// failureLine describes a change that was not made.
func (b *bulkFlags) failureLine(r bulk.Result) string {
	outcome := b.paint(b.Stderr).text(string(r.Outcome), removed)
	return fmt.Sprintf("line %d %s: %s: %s", r.Change.Line, r.Change.Entity(), outcome, b.problemOf(r).Message)
}

// problemOf presents the error of a result.
func (b *bulkFlags) problemOf(r bulk.Result) problem {
	return b.to.present(&about{entity.ID(r.Change.Entity()), r.Err})
}

// worded returns a result whose error has the words for people.
func (b *bulkFlags) worded(r bulk.Result) bulk.Result {
	if r.Err != nil {
		r.Err = &worded{b.problemOf(r).Message, r.Err}
	}
	return r
}

type worded struct {
	text string
	err  error
}

func (w *worded) Error() string { return w.text }
func (w *worded) Unwrap() error { return w.err }

// plan is the command.
type plan struct {
	*bulkFlags
	details bool
}

func newPlan(env Env) *cobra.Command {
	p := &plan{}
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Show what a file of changes would do",
		Long: `Show what a file of changes would do: how many keys it adds, changes and
removes. The users, organizations and memberships are read, and nothing is written.

` + bulkHelp,
		Example: `  clerkmeta plan changes.ndjson
  clerkmeta plan changes.csv --details`,
		ValidArgsFunction: completeChanges,
	}
	p.bulkFlags = addBulkFlags(cmd, env)
	cmd.Flags().BoolVar(&p.details, "details", false, "a line for each change, with the paths (and no values): + added, ~ changed, - removed; --output json has them always")
	return runs(cmd, func(ctx context.Context, args []string) error { return p.run(ctx, args[0]) })
}

func (p *plan) run(ctx context.Context, name string) (err error) {
	j, err := p.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	asJSON := p.output.value == outputJSON
	s, err := p.survey(ctx, j, func(r bulk.Result) error {
		switch {
		case asJSON:
			return p.writeResult(r)
		case p.details:
			_, err := fmt.Fprintln(p.Stdout, details(p.paint(p.Stdout), r))
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	if asJSON {
		err = p.writeJSON(p.Stdout, map[string]any{"summary": s})
	} else {
		err = s.write(p.Stdout, p.paint(p.Stdout))
	}
	if err != nil {
		return err
	}
	if n := s.impossible(); n > 0 {
		return failed(ExitPartly, "%s cannot be made", count(n, "change", "changes"))
	}
	return nil
}
