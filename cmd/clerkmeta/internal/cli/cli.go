// Package cli implements the command clerkmeta as a function of its arguments, its streams
// and a context, which ends when the user interrupts.
package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/fatih/color"
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
	// Columns returns the width of the terminal that a stream is, 0 if it is none; nil
	// returns 0.
	Columns func(stream any) int

	in io.Reader // Stdin for reads, which end when the context does

	// The copies of a run share these.
	to   *peer
	look *look
}

// look is what the flags of every command say.
type look struct {
	color    *choice
	debug    bool
	messages *serial // standard error
}

// hangUp is SIGHUP, which package syscall does not name on every system.
const hangUp = syscall.Signal(1)

// Main runs the command as this process, until it is done or a signal ends it, and returns
// the exit code.
func Main() int {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(hangUp) { // nohup ignores it
		signals = append(signals, hangUp)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	return Run(ctx, Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Columns: Columns,
	})
}

// Run runs the command until it is done or the context ends, and returns the exit code. It
// writes an error to Stderr, with what to do next.
func Run(ctx context.Context, env Env) int {
	env.in, env.to = &interruptible{ctx, env.Stdin}, &peer{}
	errorsTo, asJSON := env.Stderr, wantsJSON(env.Args)
	if asJSON && !env.terminal(env.Stderr) {
		env.Stderr = &notes{to: env.Stderr}
	}
	env.look = &look{
		color:    &choice{value: colorAuto, words: []string{colorAuto, colorAlways, colorNever}},
		messages: &serial{to: env.Stderr},
	}
	root := newRoot(env) //nolint:contextcheck // cobra hands the context to the commands
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetErr(env.Stderr)
	ran, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitOK
	}
	if _, ok := errors.AsType[*failure](err); !ok {
		err = failed(ExitUsage, "%w", err) // only the parser returns others
	}
	p := env.to.present(err)
	if p.Hint == "" && p.Exit == ExitUsage {
		p.Hint = ran.CommandPath() + " --help shows the usage"
	}
	if env.look.debug {
		_, _ = io.WriteString(env.Stderr, env.labelled("debug:", oneLine(err.Error()), aside)) // there is nowhere to report it
	}
	if asJSON {
		_ = env.writeJSON(errorsTo, map[string]problem{"error": p}) // nor here
		return p.Exit
	}
	text := env.labelled(ran.CommandPath()+":", p.Message, removed)
	if p.Hint != "" {
		text += env.labelled("hint:", p.Hint, changed)
	}
	_, _ = io.WriteString(env.Stderr, text) // nor here
	return p.Exit
}

// labelled returns a line for standard error behind a label in a colour.
func (e Env) labelled(label, text string, as color.Attribute) string {
	line := wrapped(label+" "+text, e.columns(e.Stderr), 2)
	return e.paint(e.Stderr).text(label, as) + strings.TrimPrefix(line, label) + "\n"
}

func newRoot(env Env) *cobra.Command {
	kinds := allKinds()
	root := group("clerkmeta", "Clerk's metadata from a shell", newEmulate(env), newExport(env, kinds), newPlan(env), newApply(env), newUndo(env), newTransform(env, kinds), newWhoami(env), newVersion(env))
	for _, k := range kinds {
		root.AddCommand(newEntity(env, k))
	}
	root.AddCommand(&cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: exitHelp()})
	root.Long = rootHelp
	root.PersistentFlags().Var(env.look.color, "color", "when to colour the output; auto colours terminals unless NO_COLOR is set")
	root.PersistentFlags().BoolVar(&env.look.debug, "debug", false, "log each request with its status, duration, waits and trace id on standard error")
	complete(root, env.look.color.words, "color")
	root.SetOut(env.Stdout) // which the scripts of completion take here
	root.Version = version()
	root.SetVersionTemplate("clerkmeta {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SilenceErrors = true // Run prints them
	root.SilenceUsage = true
	env.fitHelp(root)
	if len(env.Args) > 0 && env.Args[0] == cobra.ShellCompRequestCmd {
		plainUsages(root)
	}
	root.InitDefaultCompletionCmd(env.Args...)
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.Short = "Print the script that completes commands in a shell"
			cmd.Args, cmd.RunE = commands, showHelp
		case "help":
			cmd.Short = "Show the help of a command or a topic"
			cmd.Args = func(_ *cobra.Command, args []string) error {
				found, rest, _ := root.Find(args) // its error says less
				return commands(found, rest)
			}
		}
	}
	return root
}

func group(use, short string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: commands, RunE: showHelp}
	cmd.AddCommand(below...)
	return cmd
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

func newVersion(env Env) *cobra.Command {
	cmd := &cobra.Command{Use: "version", Short: "Print the version, the commit and the release of Go"}
	output := outputFlag(cmd)
	return runs(cmd, func(context.Context, []string) error {
		if output.value == outputJSON {
			return env.writeJSON(env.Stdout, map[string]string{"version": version()})
		}
		return env.print([]byte("clerkmeta "+version()+"\n"), nil)
	})
}

// version returns the module's version, what it was built from as far as the build knows
// it, and the release of Go.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return client.Version
	}
	from := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			from = "commit " + s.Value
		}
		if s.Key == "vcs.modified" && s.Value == "true" {
			from += " with changes"
		}
	}
	return client.Version + " (" + strings.Trim(from, "()") + ", " + info.GoVersion + ")"
}

// runs makes cmd call run, with arguments that fit its usage. An error of run becomes a
// failure, which distinguishes it from the parser's.
func runs(cmd *cobra.Command, run func(ctx context.Context, args []string) error) *cobra.Command {
	cmd.Args = arguments
	if cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := run(cmd.Context(), args)
		_, isFailure := errors.AsType[*failure](err)
		switch {
		case errors.Is(err, errInterrupted): // in place of what could not be read
			return errInterrupted
		case err == nil, isFailure:
			return err
		}
		return failed(exitCode(err), "%w", err)
	}
	return cmd
}
