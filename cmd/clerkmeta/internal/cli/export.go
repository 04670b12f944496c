package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// largestPage is Clerk's largest page, and the default: the fewest requests.
const largestPage = 500

// export is the command that writes all entities of a kind as lines of JSON, one page in
// memory at a time.
type export struct {
	*connection
	kind           *kind
	includePrivate bool
	resume, csv    string
	from           from
}

func newExport(env Env, kinds []*kind) *cobra.Command {
	cmd := group("export", "Write the metadata of all users, organizations or members as NDJSON")
	for _, k := range kinds {
		cmd.AddCommand(newExportOf(env, k))
	}
	return cmd
}

func newExportOf(env Env, k *kind) *cobra.Command {
	use, usage, begin := k.plural, k.plural, "--offset 1000"
	if k.within != "" {
		use, usage = use+" "+k.within, usage+" org_1"
	}
	if k.cursor {
		begin = "--starting-after user_1"
	}
	cmd := &cobra.Command{
		Use:   use,
		Short: "Write the metadata of all " + k.String() + "s as NDJSON",
		Long: `Write one line of JSON for each ` + k.String() + `, the oldest first: its id and its
metadata, with private metadata only if --include-private is given. The lines go to
standard output, or with --resume to the end of a file: after a failure or an
interrupt, run the same command again to continue. Memory does not grow with the
number of lines.

Each line has the metadata twice, as it may be edited and, in a member was, as it was
read. Edit the file and give it to "clerkmeta plan" and "clerkmeta apply": they send
the difference, and nothing where others have changed the same keys meanwhile.

With --csv FILE the metadata goes into a table for a spreadsheet, a column for each
key, and what was read into FILE` + wasSuffix + `, which plan and apply take as --was.

` + keyHelp,
		Example: "  clerkmeta export " + usage + " > " + k.plural + ".ndjson\n" +
			"  clerkmeta export " + usage + " --include-private --resume " + k.plural + ".ndjson\n" +
			"  clerkmeta export " + usage + " --csv " + k.plural + ".csv\n" +
			"  clerkmeta export " + usage + " " + begin,
		ValidArgsFunction: k.completeArgument,
	}
	e := &export{connection: connectionFlags(cmd, env), kind: k}
	choiceFlag(cmd, "output", outputUsage, outputJSON)
	flags := cmd.Flags()
	flags.BoolVar(&e.includePrivate, "include-private", false, "write private metadata as well")
	flags.IntVar(&e.from.pageSize, "page-size", largestPage, "number of entries that a request reads, 1 to 500")
	complete(cmd, nil, "page-size")
	flags.StringVar(&e.resume, "resume", "", "append to `file` after its last complete line; a missing file is created")
	flags.StringVar(&e.csv, "csv", "", "write a table to the new `file`, and what was read to FILE"+wasSuffix)
	if k.cursor {
		flags.StringVar(&e.from.after, "starting-after", "", "begin after the user with this `id`")
		completeWith(cmd, k.completeID, "starting-after")
		pick(cmd, 0, 1, "resume", "starting-after")
	} else {
		flags.IntVar(&e.from.offset, "offset", 0, "`number` of entries to skip")
		complete(cmd, nil, "offset")
		pick(cmd, 0, 1, "resume", "offset")
	}
	pick(cmd, 0, 1, "resume", "csv")
	return runs(cmd, e.run)
}

func (e *export) run(ctx context.Context, args []string) error {
	if e.from.pageSize < 1 || e.from.pageSize > largestPage {
		return failed(ExitUsage, "--page-size %d is out of range; expected 1 to %d", e.from.pageSize, largestPage)
	}
	if e.from.offset < 0 {
		return failed(ExitUsage, "--offset %d is out of range; expected 0 or more", e.from.offset)
	}
	c, _, err := e.open()
	if err != nil {
		return err
	}
	within := strings.Join(args, "") // one argument or none
	if e.csv != "" {
		return e.table(func(to io.Writer) error { return e.write(ctx, c, within, to) })
	}
	if e.resume == "" {
		return e.write(ctx, c, within, e.Stdout)
	}
	file, last, err := openPartial(e.resume, e.roles())
	if err != nil {
		return err
	}
	err = e.continues(ctx, c, within, last)
	if err == nil {
		err = e.write(ctx, c, within, file)
	}
	if closing := filelock.Close(file); err == nil && closing != nil {
		err = failed(ExitFile, "%w", closing)
	}
	return err
}

// continues begins the export after the last line of a file. Deletions shift offsets, so
// the entity one before the offset must be that of the line.
func (e *export) continues(ctx context.Context, c *client.Client, within string, last lastLine) error {
	if last.count == 0 {
		return nil
	}
	if (last.Private != nil) != e.includePrivate {
		return failed(ExitUsage, "%s was begun with the other choice of --include-private", e.resume)
	}
	if e.kind.cursor {
		e.from.after = last.User
		return nil
	}
	if e.kind.within != "" && last.Organization != within {
		return failed(ExitFile, "%s is an export of the members of another organization", e.resume)
	}
	e.from.offset = last.count
	before := from{offset: last.count - 1, pageSize: 1}
	for found, err := range e.kind.all(ctx, c, within, before) {
		if err != nil {
			return err
		}
		if found.ID == (entity.ID{OrganizationID: last.Organization, UserID: last.User}) {
			return nil
		}
		break
	}
	return failed(ExitConflict, "%s cannot be continued: an entry before its end was deleted since", e.resume).hint("begin again with another file")
}

// write writes the lines of the export. It flushes each page, so that a failure loses none.
func (e *export) write(ctx context.Context, c *client.Client, within string, to io.Writer) (err error) {
	out := bufio.NewWriterSize(to, 64<<10)
	count, last := 0, e.from.after
	show := func(string) {}
	if e.resume+e.csv != "" || !e.terminal(e.Stdout) {
		show = func(end string) { e.showRead(count, e.kind, end) }
	}
	write := func(one *entity.Record) error {
		read := *stateOf(one)
		if !e.includePrivate {
			read.Private = metadata.Object{}
		}
		line, err := lineOf(bulk.Entity(one.ID).Edit(read, read))
		if err == nil {
			_, err = out.Write(e.harmless(to, line))
		}
		if err == nil && (count+1)%e.from.pageSize == 0 {
			err = out.Flush()
		}
		if err != nil {
			return failed(ExitFile, "%s cannot be written: %w", one.Name, err)
		}
		count, last = count+1, one.Name
		if count%e.from.pageSize == 0 {
			show("")
		}
		return nil
	}
	for one, walk := range e.kind.all(ctx, c, within, e.from) {
		if err = walk; err != nil {
			err = &about{entity.ID{OrganizationID: within}, err}
		} else {
			err = write(one)
		}
		if err != nil {
			break
		}
	}
	if flushed := out.Flush(); flushed != nil && err == nil {
		err = failed(ExitFile, "%w", flushed)
	}
	show("\n")
	if err == nil {
		return nil
	}
	f := failed(exitCode(err), "%w", err)
	switch {
	case e.csv != "": // both files are removed
		return f
	case e.resume != "":
		return f.hint("run it again to continue")
	case count == 0 && e.from.after != "" && errors.Is(err, clerkerr.ErrInvalid):
		return f.hint("--starting-after takes the id of a user that exists")
	case count == 0: // the same command begins it again
		return f
	case e.kind.cursor:
		return f.hint("continue with --starting-after %s", visible(last))
	default:
		return f.hint("continue with --offset %d", e.from.offset+count)
	}
}
