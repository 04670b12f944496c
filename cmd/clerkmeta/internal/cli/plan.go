package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// bulkTimeout bounds one call. It is long, since waits for the rate limit count.
const bulkTimeout = 5 * time.Minute

// bulkHelp is what plan and apply say of their file.
const bulkHelp = `FILE holds changes as JSON, one object per line or an array, or as a table; - is
standard input. Every change is checked before anything is sent. NDJSON:

  {"user":"user_1","patch":{"private_metadata":{"plan":"pro","trial":null}}}
  {"organization":"org_1","replace":{"public_metadata":{}}}
  {"organization":"org_1","user":"user_1","unset":["public_metadata/desk"]}

Instead of user, one of email, external_id, phone_number and username can name
the users of a file. All of them are found before anything is sent.

An edited line of "clerkmeta export", which has a member was, is a change too: the
difference is sent, unless others have changed the same keys meanwhile.

CSV:

  user,public_metadata/role,private_metadata/seats:json
  user_1,admin,12
  user_2,,null

A table of "clerkmeta export --csv" is read together with what was read: --was.

Both forms are described at
` + docs + `bulk.md

` + keyHelp

// input is the changes of a run. They can be walked again.
type input struct {
	changes  func() iter.Seq2[bulk.Change, error]
	identity func() string
	// valid and bad count the changes, verbs what they do.
	valid, bad int64
	verbs      map[bulk.Verb]int64
	named      bool   // changes name users otherwise than by id
	files      []role // that nothing else may be written to
	close      func() error
}

// job is a run of plan, apply or undo: its flags, and what it opens.
type job struct {
	*connection
	*reading
	output      *choice
	rate        string
	concurrency int
	checkpoint  string
	skipInvalid bool
	traffic     traffic

	read   func(ctx context.Context, args []string) (*input, error)
	file   *input
	client *client.Client
	signs  client.Key
	done   bulk.Checkpoint // nil for none
	names  *bulk.Resolution
}

// newJob returns the run of a command on a file of changes.
func newJob(cmd *cobra.Command, env Env) *job {
	j := newRun(cmd, env)
	j.reading = readingFlags(cmd)
	cmd.Flags().BoolVar(&j.skipInvalid, "skip-invalid", false, "skip faulty lines")
	cmd.ValidArgsFunction = completeChanges
	j.read = func(ctx context.Context, args []string) (*input, error) {
		if args[0] == "-" {
			if err := j.stdinOnce("the changes"); err != nil {
				return nil, err
			}
		}
		return openChanges(ctx, j.Env, args[0], j.reading, j.skipInvalid)
	}
	return j
}

// newRun is newJob for changes from elsewhere.
func newRun(cmd *cobra.Command, env Env) *job {
	j := &job{connection: connectionFlags(cmd, env), output: outputFlag(cmd)}
	j.attempted = j.traffic.seen
	flags := cmd.Flags()
	flags.StringVar(&j.rate, "rate", "", "`limit` to keep to: development, production or N/10s; the default is that of the key's kind")
	flags.IntVar(&j.concurrency, "concurrency", bulk.DefaultWorkers, fmt.Sprintf("number of concurrent requests, 1 to %d", bulk.MaxWorkers))
	flags.StringVar(&j.checkpoint, "checkpoint", "", "`file` that remembers what was applied")
	complete(cmd, []string{"development", "production"}, "rate")
	complete(cmd, nil, "concurrency")
	return j
}

// runs makes cmd read the file of changes, open everything else, and call run.
func (j *job) runs(cmd *cobra.Command, run func(ctx context.Context) error) *cobra.Command {
	return runs(cmd, func(ctx context.Context, args []string) (err error) {
		if err := j.prepare(ctx, args); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, j.close()) }()
		return run(ctx)
	})
}

// prepare reads the whole file and opens everything else. It makes no request.
func (j *job) prepare(ctx context.Context, args []string) (err error) {
	if j.getenv("GOGC") == "" {
		// A run keeps little and drops much: with half the garbage its peak falls by a quarter,
		// for some percent of time.
		debug.SetGCPercent(50)
	}
	if j.concurrency < 1 || j.concurrency > bulk.MaxWorkers {
		return failed(ExitUsage, "--concurrency %d is out of range; expected 1 to %d", j.concurrency, bulk.MaxWorkers)
	}
	if j.file, err = j.read(ctx, args); err != nil {
		return err
	}
	if err := j.connect(); err != nil {
		return errors.Join(err, j.close())
	}
	return nil
}

// dial makes the client.
func (j *job) dial() error {
	_, key, err := j.open() // the limit is guessed from the key
	if err != nil {
		return err
	}
	limit, err := parseRate(j.rate, key)
	if err != nil {
		return err
	}
	limiter, err := client.NewLimiter(limit, client.DefaultWriteLimit)
	if err != nil {
		return err
	}
	j.client, j.signs, err = j.open(client.WithLimiter(patient{limiter, &j.traffic}), client.WithRetry(client.Retry{Timeout: bulkTimeout}))
	return err
}

// connect makes the client, unless the changes needed it, and opens the checkpoint.
func (j *job) connect() error {
	if j.client == nil {
		if err := j.dial(); err != nil {
			return err
		}
	}
	if j.checkpoint == "" {
		return nil
	}
	if err := free("--checkpoint", j.checkpoint, j.taken()); err != nil {
		return err
	}
	checkpoint, err := bulk.OpenCheckpoint(j.checkpoint, j.identity())
	if errors.Is(err, bulk.ErrOtherInput) {
		err = fmt.Errorf("%w: name another file, or remove it to start over", err)
	}
	if err != nil {
		return failed(ExitFile, "--checkpoint %s: %w", j.checkpoint, err)
	}
	j.done = checkpoint
	return nil
}

// identity returns what a checkpoint belongs to. A key can be renewed, and its kind stays.
func (j *job) identity() bulk.Identity {
	return bulk.Identity{Input: j.file.identity(), Instance: j.instance(), Key: j.keyKind()}
}

func (j *job) instance() string { return cmp.Or(j.getenv(client.EnvAPIURL), client.DefaultBaseURL) }

func (j *job) keyKind() string {
	if j.signs.IsLive() {
		return "live"
	}
	return "test"
}

// taken returns the files of the run that nothing else may be written to.
func (j *job) taken() []role {
	return append(slices.Clone(j.file.files), j.roles()...)
}

func (j *job) close() error {
	err := j.file.close()
	if checkpoint, ok := j.done.(io.Closer); ok {
		err = errors.Join(err, checkpoint.Close())
	}
	return err
}

func (j *job) json() bool { return j.output.value == outputJSON }

func (j *job) progress(label string) *progress {
	columns := func() int { return j.columns(j.Stderr) }
	return &progress{out: j.look.messages, columns: columns, label: label, total: j.file.valid, traffic: &j.traffic}
}

// survey plans the changes and calls each with every result.
func (j *job) survey(ctx context.Context, each func(bulk.Result) error) (*summary, error) {
	s := newSummary(j.file)
	p := j.progress("read")
	p.begin()
	defer p.end()
	shown := 0
	params := bulk.PlanParams{Workers: j.concurrency, Checkpoint: j.done, Resolution: j.names, Progress: p.set}
	for r, err := range bulk.Plan(ctx, j.client, j.file.changes(), params) {
		if ctx.Err() != nil && err != nil {
			return nil, errInterrupted
		}
		if err != nil {
			return nil, fmt.Errorf("%w; nothing was written", err)
		}
		s.add(r)
		if remarkable(r) {
			if shown++; shown <= badLinesShown {
				p.note(j.failureLine(r))
			}
		}
		if err := each(r); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (j *job) failureLine(r bulk.Result) string {
	if r.Err == nil {
		return subject(r.Change) + ": " + keptText(r.Kept)
	}
	outcome := j.paint(j.Stderr).text(string(r.Outcome), removed)
	return fmt.Sprintf("%s: %s: %s", subject(r.Change), outcome, j.problemOf(r).Message)
}

func (j *job) problemOf(r bulk.Result) problem {
	return j.to.present(&about{entity.ID(r.Change.Entity()), r.Err})
}

func newPlan(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Show what a file of changes would do",
		Long: `Show what a file of changes would do: how many keys it adds, changes and
removes. The command reads the users, organizations and memberships, and writes
nothing.

` + bulkHelp,
		Example: `  clerkmeta plan changes.ndjson
  clerkmeta plan changes.csv --details`,
	}
	j := newJob(cmd, env)
	detailed := detailsFlag(cmd)
	return j.runs(cmd, func(ctx context.Context) error { return j.plan(ctx, *detailed) })
}

func detailsFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("details", false, "print a line for each change with its paths, without values: + added, ~ changed, - removed, ! in conflict; --output json always has them")
}

func (j *job) plan(ctx context.Context, detailed bool) error {
	if err := j.resolve(ctx); err != nil {
		return err
	}
	s, err := j.survey(ctx, func(r bulk.Result) error {
		switch {
		case j.json():
			return j.writeResult(r)
		case detailed:
			return j.print(append(details(j.paint(j.Stdout), r), '\n'), nil)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := j.writeSummary("summary", s); err != nil {
		return err
	}
	if n := s.impossible(); n > 0 {
		return failed(ExitPartly, "%s cannot be made", count(n, "change", "changes"))
	}
	return stayed(s.Kept)
}
