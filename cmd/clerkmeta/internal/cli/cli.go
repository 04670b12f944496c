// Package cli implements the command clerkmeta as a function of its arguments, its streams
// and a context, which ends when the user interrupts.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
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

	to *peer // which the copies of a run share
}

// Run runs the command until it is done or the context ends, and returns the exit code. It
// writes an error to Stderr, with what to do next.
func Run(ctx context.Context, env Env) int {
	env.to = &peer{}
	root := newRoot(env) //nolint:contextcheck // cobra hands the context to the commands
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	ran, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitOK
	}
	if _, ok := errors.AsType[*failure](err); !ok {
		err = failed(ExitUsage, "%w", err) // of the parser: those of the commands are failures
	}
	p := env.to.present(err)
	if p.Hint == "" && p.Exit == ExitUsage {
		p.Hint = ran.CommandPath() + " --help shows the usage"
	}
	text := ran.CommandPath() + ": " + p.Message + "\n"
	if p.Hint != "" {
		text += "hint: " + p.Hint + "\n"
	}
	_, _ = io.WriteString(env.Stderr, text) // there is nowhere to report it
	return p.Exit
}

func newRoot(env Env) *cobra.Command {
	kinds := allKinds()
	root := group("clerkmeta", "Clerk's metadata from a shell", newEmulate(env), newExport(env, kinds), newPlan(env), newApply(env))
	for _, k := range kinds {
		root.AddCommand(newEntity(env, k))
	}
	root.Long = root.Short + "."
	root.AddCommand(&cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: exitHelp()})
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
		return failed(exitCode(err), "%w", err)
	}
}
