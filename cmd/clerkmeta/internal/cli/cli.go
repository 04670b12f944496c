// Package cli is the command clerkmeta: its commands as functions of their
// arguments, their streams and a context, which ends when the user interrupts.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/client"
)

// The exit codes. They are documented for users: numbers do not change.
const (
	// ExitOK is for what went well, an end by signal included.
	ExitOK = 0
	// ExitFailure is for a failure without another code.
	ExitFailure = 1
	// ExitUsage is for an unknown command or flag, or a flag's value that is not allowed.
	ExitUsage = 2
	// ExitFile is for a file that was given and cannot be read or is refused.
	ExitFile = 3
	// ExitListen is for an address that cannot be listened on.
	ExitListen = 4
)

// Env is what a run of the command gets from outside.
type Env struct {
	// Args are the arguments, without the program's name.
	Args []string
	// Stdin, Stdout and Stderr are the three streams. Stderr gets messages for
	// people, Stdout the result.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Getenv is os.Getenv; nil is an empty environment.
	Getenv func(name string) string
	// IsTerminal reports whether a stream is a terminal; nil reports false.
	IsTerminal func(stream any) bool
}

// failure is an error with its exit code.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func failed(code int, format string, args ...any) error {
	return &failure{code, fmt.Errorf(format, args...)}
}

// Run runs the command until it is done or the context ends, and returns the
// exit code. What went wrong is on Stderr in one line.
func Run(ctx context.Context, env Env) int {
	root := newRoot(env) //nolint:contextcheck // cobra hands the context to the commands
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	ran, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitOK
	}
	_, _ = fmt.Fprintf(env.Stderr, "%s: %s\n", ran.CommandPath(), oneLine(err)) // there is nowhere to report it
	var f *failure
	if errors.As(err, &f) {
		return f.code
	}
	// Errors of the commands are failures; the rest is what the parser refused.
	_, _ = fmt.Fprintf(env.Stderr, "%s --help shows the usage.\n", ran.CommandPath())
	return ExitUsage
}

// oneLine keeps a message in its line whatever was quoted in it, and a secret key
// that was put where something else belongs out of it.
func oneLine(err error) string {
	key := regexp.MustCompile(`(sk_(?:live|test)_)[0-9A-Za-z_-]+`)
	text := key.ReplaceAllString(strings.TrimSpace(err.Error()), "${1}(redacted)")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}

func newRoot(env Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "clerkmeta",
		Short: "Clerk's metadata from a shell",
		Long: `Clerk's metadata from a shell.

` + exitCodes,
		Args:              onlyCommands,
		Version:           version(),
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:     true, // Run says it, once
		SilenceUsage:      true,
		DisableAutoGenTag: true,
	}
	root.SuggestionsMinimumDistance = 2
	root.AddCommand(newEmulate(env))
	kinds := allKinds()
	for _, k := range kinds {
		root.AddCommand(newEntity(env, k))
	}
	root.AddCommand(newExport(env, kinds))
	root.AddCommand(newPlan(env), newApply(env))
	return root
}

// onlyCommands refuses what a command that only holds others does not know.
func onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = ": is it " + strings.Join(near, " or ") + "?"
	}
	return fmt.Errorf("there is no command %q%s", args[0], hint)
}

// version is that of the module. A build that is not of the release names its commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "v"+client.Version {
		return client.Version
	}
	return client.Version + ", built from " + info.Main.Version
}

// command makes failures of a command's errors, so that Run can distinguish them from
// the parser's.
func command(run func(ctx context.Context) error) func(*cobra.Command, []string) error {
	return commandOf(func(ctx context.Context, _ []string) error { return run(ctx) })
}

// commandOf is command for one that has arguments.
func commandOf(run func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := run(cmd.Context(), args)
		var f *failure
		if err == nil || errors.As(err, &f) {
			return err
		}
		return &failure{exitCode(err), err}
	}
}
