// Command clerkmeta-writes is for the operator of durable metadata writes, which package
// riverwrites stores in Postgres: it makes their tables, lists writes, and has them retried or
// dropped. It shows no metadata.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
)

const usage = `usage: clerkmeta-writes COMMAND

  migrate                 create the tables, or bring them up to date (River's: river migrate-up)
  lines                   list the entities with pending or refused writes
  list [-state STATE] [-entity ID] [-limit N]
                          list writes; STATE is pending, refused, applied or dropped, ID a user's or
                          an organization's
  retry SEQUENCE...       put refused writes back into their place, and send pending ones now
  drop SEQUENCE...        remove pending or refused writes, with their bodies

DATABASE_URL, or the variables of libpq such as PGHOST, name the database`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Getenv("DATABASE_URL"), os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "clerkmeta-writes:", err)
		os.Exit(1) //nolint:forbidigo // a command
	}
}

// errUsage reports a command line that is not one of usage.
var errUsage = errors.New("unknown command\n\n" + usage)

func run(ctx context.Context, args []string, url string, out io.Writer) error {
	commands := map[string]func(context.Context, *pgxpool.Pool, []string, io.Writer) error{
		"migrate": migrate, "lines": lines, "list": list,
		"retry": decide(`SELECT clerkmeta_retry($1)`, "retried"),
		"drop":  decide(`SELECT clerkmeta_drop($1)`, "dropped"),
	}
	if len(args) == 0 || commands[args[0]] == nil {
		return errUsage
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return errors.New("DATABASE_URL is not a connection string of Postgres") // the cause can quote a password
	}
	defer pool.Close()
	return commands[args[0]](ctx, pool, args[1:], out)
}

func migrate(ctx context.Context, pool *pgxpool.Pool, _ []string, out io.Writer) error {
	version, err := riverwrites.Migrate(ctx, pool)
	if err == nil {
		_, err = fmt.Fprintln(out, "the tables have version", version)
	}
	return err
}

const linesSQL = `SELECT organization_id, user_id, pending, refused, oldest, due_at, failures FROM clerkmeta_lines
ORDER BY oldest NULLS LAST, organization_id, user_id`

func lines(ctx context.Context, pool *pgxpool.Pool, _ []string, out io.Writer) error {
	return table(ctx, pool, out, "ENTITY\tPENDING\tREFUSED\tOLDEST\tDUE\tFAILURES", func(rows pgx.Rows) (string, error) {
		var organization, user string
		var pending, refused, failures int
		var oldest, due *time.Time
		err := rows.Scan(&organization, &user, &pending, &refused, &oldest, &due, &failures)
		return fmt.Sprintf("%s\t%d\t%d\t%s\t%s\t%d", entity(organization, user), pending, refused, at(oldest), at(due), failures), err
	}, linesSQL)
}

const listSQL = `SELECT seq, organization_id, user_id, verb, state, attempts, created_at, coalesce(error, '') FROM clerkmeta_writes
WHERE ($1 = '' OR state = $1) AND ($2 = '' OR $2 IN (organization_id, user_id)) ORDER BY seq LIMIT $3`

func list(ctx context.Context, pool *pgxpool.Pool, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("list", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	state, id, limit := flags.String("state", "", ""), flags.String("entity", "", ""), flags.Int("limit", 100, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return fmt.Errorf("list takes -state, -entity and -limit\n\n%s", usage)
	}
	if *limit < 1 {
		return fmt.Errorf("-limit is %d; expected 1 or more", *limit)
	}
	if !slices.Contains([]string{"", "pending", "refused", "applied", "dropped"}, *state) {
		return fmt.Errorf("-state is %q; expected pending, refused, applied or dropped", *state)
	}
	listed := 0
	err := table(ctx, pool, out, "SEQUENCE\tENTITY\tVERB\tSTATE\tATTEMPTS\tINSERTED\tERROR", func(rows pgx.Rows) (string, error) {
		var seq int64
		var organization, user, verb, state, text string
		var attempts int
		var created *time.Time
		listed++
		err := rows.Scan(&seq, &organization, &user, &verb, &state, &attempts, &created, &text)
		return fmt.Sprintf("%d\t%s\t%s\t%s\t%d\t%s\t%s", seq, entity(organization, user), verb, state, attempts, at(created), text), err
	}, listSQL, *state, *id, *limit)
	if err == nil && listed == *limit {
		_, err = fmt.Fprintf(out, "the first %d; -limit lists more\n", listed)
	}
	return err
}

// table prints a line for each row of a query.
func table(ctx context.Context, pool *pgxpool.Pool, out io.Writer, header string, line func(pgx.Rows) (string, error), sql string, args ...any) error {
	rows, err := pool.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, header) //nolint:errcheck // Flush reports it
	for rows.Next() {
		text, err := line(rows)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, text) //nolint:errcheck // Flush reports it
	}
	return errors.Join(rows.Err(), w.Flush())
}

// decide returns the command that calls a function for each sequence number.
func decide(sql, done string) func(context.Context, *pgxpool.Pool, []string, io.Writer) error {
	return func(ctx context.Context, pool *pgxpool.Pool, args []string, out io.Writer) error {
		var seqs []int64
		for _, arg := range args {
			seq, err := strconv.ParseInt(arg, 10, 64)
			if err != nil {
				return fmt.Errorf("%q is no sequence number: list shows them", arg)
			}
			seqs = append(seqs, seq)
		}
		if len(seqs) == 0 {
			return errors.New("no sequence number is given: list shows them")
		}
		var failed []string
		for _, seq := range seqs {
			var ok bool
			if err := pool.QueryRow(ctx, sql, seq).Scan(&ok); err != nil {
				return err
			}
			if !ok {
				failed = append(failed, strconv.FormatInt(seq, 10))
			}
		}
		if _, err := fmt.Fprintf(out, "%s: %d\n", done, len(seqs)-len(failed)); err != nil {
			return err
		}
		if len(failed) > 0 {
			return fmt.Errorf("neither pending nor refused: %s", strings.Join(failed, ", "))
		}
		return nil
	}
}

// entity names an entity by its ids.
func entity(organization, user string) string {
	return strings.Trim(organization+"/"+user, "/")
}

// at prints a time, "-" for none.
func at(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}
