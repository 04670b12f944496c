// Package cli implements the command clerkmeta as a function of its arguments, its streams
// and a context, which ends when the user interrupts.
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

// Env is the environment of a run.
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

// Run runs the command until it is done or the context ends, and returns the exit code. It
// writes an error to Stderr in one line.
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
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	// Errors of the commands are failures; the rest are the parser's.
	_, _ = fmt.Fprintf(env.Stderr, "%s --help shows the usage.\n", ran.CommandPath())
	return ExitUsage
}

// oneLine returns a message without line ends and control characters, and without a
// secret key that was given in place of something else.
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
	kinds := allKinds()
	root := group("clerkmeta", "Clerk's metadata from a shell", newEmulate(env), newExport(env, kinds), newPlan(env), newApply(env))
	for _, k := range kinds {
		root.AddCommand(newEntity(env, k))
	}
	root.Long = root.Short + ".\n\n" + exitCodes
	root.Version = version()
	root.SilenceErrors = true // Run prints them
	root.SilenceUsage = true
	root.DisableAutoGenTag = true
	return root
}

// group returns a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(commands...)
	return cmd
}

// onlyCommands refuses an argument that is not one of the commands.
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

// version returns the module's version. A build that is not of the release names its
// commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "v"+client.Version {
		return client.Version
	}
	return client.Version + ", built from " + info.Main.Version
}

// command makes failures of the errors of run, which distinguishes them from the parser's.
func command(run func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := run(cmd.Context(), args)
		if err == nil {
			return nil
		}
		return &failure{exitCode(err), err}
	}
}
