// Command clerkmeta-mirror makes, fills and describes the mirror of Clerk's users, organizations
// and memberships that package mirror keeps in Postgres. It shows no metadata.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
)

const usage = `usage: clerkmeta-mirror [-private] [-limit N] COMMAND

  init      create the tables and views, or bring them up to date; with another -private than
            before, it empties them
  sync      read everything from Clerk; continues where one that was interrupted stopped
  status    print how many rows there are and how old they may be

  -private  the mirror holds private metadata: the same for every command and process
  -limit N  requests in ten seconds; by default half of what Clerk takes

DATABASE_URL, or the variables of libpq such as PGHOST, name the database. CLERK_SECRET_KEY is the
secret key, and CLERK_API_URL another address of Clerk's. The exit code is 1 for a failure, and 2
for an unknown command line`

func main() {
	err := run(context.Background(), os.Args[1:], os.Getenv, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "clerkmeta-mirror:", err)
	}
	os.Exit(exitCode(err)) //nolint:forbidigo // a command
}

func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		return 2
	default:
		return 1
	}
}

// errUsage reports a command line that is not one of usage.
var errUsage = errors.New("unknown command line\n\n" + usage)

func run(ctx context.Context, args []string, env func(string) string, out io.Writer) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	flags := flag.NewFlagSet("clerkmeta-mirror", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	private, limit := flags.Bool("private", false, ""), flags.Int("limit", 0, "")
	commands := map[string]func(context.Context, *mirror.Mirror, *pgxpool.Pool, io.Writer) error{
		"init": create, "sync": read, "status": status,
	}
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, err = fmt.Fprintln(out, usage)
		return err
	}
	if err != nil || flags.NArg() != 1 || commands[flags.Arg(0)] == nil {
		return errUsage
	}
	c, err := connect(env, client.Limit(*limit))
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, env("DATABASE_URL"))
	if err != nil {
		return errors.New("DATABASE_URL is not a connection string of Postgres") // the cause can quote a password
	}
	defer pool.Close()
	m, err := mirror.New(pool, c, mirror.Config{PrivateMetadata: *private})
	if err != nil {
		return err
	}
	return commands[flags.Arg(0)](ctx, m, pool, out)
}

func connect(env func(string) string, limit client.Limit) (*client.Client, error) {
	key := client.SecretKey(env(client.EnvSecretKey))
	if limit == 0 {
		limit = client.DevelopmentLimit / 2
		if key.IsLive() {
			limit = client.ProductionLimit / 2
		}
	}
	options := []client.Option{client.WithRateLimit(limit), client.WithRetry(client.Retry{MaxRetries: 10, Timeout: 5 * time.Minute})}
	if url := env(client.EnvAPIURL); url != "" {
		options = append(options, client.WithBaseURL(url))
	}
	return client.New(key, options...)
}

func create(ctx context.Context, m *mirror.Mirror, _ *pgxpool.Pool, out io.Writer) error {
	err := m.Init(ctx)
	if err == nil {
		_, err = fmt.Fprintln(out, "the tables are up to date")
	}
	return err
}

func read(ctx context.Context, m *mirror.Mirror, pool *pgxpool.Pool, out io.Writer) error {
	if err := m.Sync(ctx); err != nil {
		return err
	}
	return status(ctx, m, pool, out)
}

const countSQL = `SELECT count(*) FILTER (WHERE kind = 'user'), count(*) FILTER (WHERE kind = 'organization'), count(*) FILTER (WHERE kind = 'membership'),
	count(*) FILTER (WHERE unsearchable) FROM clerkmirror_row WHERE NOT deleted`

func status(ctx context.Context, m *mirror.Mirror, pool *pgxpool.Pool, out io.Writer) error {
	s, err := m.Status(ctx)
	if err != nil {
		return err
	}
	var users, organizations, memberships, unsearchable int64
	if err := pool.QueryRow(ctx, countSQL).Scan(&users, &organizations, &memberships, &unsearchable); err != nil {
		return err
	}
	lag := "no look for recent updates yet"
	if s.Lag >= 0 {
		lag = s.Lag.Round(time.Second).String()
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "users\t%d\norganizations\t%d\nmemberships\t%d\nunsearchable\t%d\n", users, organizations, memberships, unsearchable) //nolint:errcheck // Flush reports it
	fmt.Fprintf(w, "last sweep\t%s\nsweep under way since\t%s\nlag\t%s\n", at(s.SweptAt), at(s.SweepingSince), lag)                      //nolint:errcheck // Flush reports it
	fmt.Fprintf(w, "repaired\t%d added, %d changed, %d removed\n", s.Added, s.Changed, s.Removed)                                        //nolint:errcheck // Flush reports it
	return w.Flush()
}

// at prints a time, "-" for none.
func at(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}
