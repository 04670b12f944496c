package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
)

// arguments checks a command's arguments by its usage: names, of which the last may end in
// "..." for one or more.
func arguments(cmd *cobra.Command, args []string) error {
	names := strings.Fields(cmd.Use)[1:]
	expected := cmp.Or(strings.Join(names, " "), "none")
	switch {
	case len(args) < len(names):
		return failed(ExitUsage, "%s is missing; expected %s", strings.TrimSuffix(names[len(args)], "..."), expected)
	case len(args) > len(names) && !strings.HasSuffix(expected, "..."):
		return failed(ExitUsage, "argument %q is unexpected; expected %s", args[len(names)], expected)
	}
	return nil
}

// commands refuses an argument that is not one of the commands below cmd.
func commands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var known []string
	for _, c := range cmd.Commands() {
		known = append(known, c.Name())
	}
	return failed(ExitUsage, "command %q is unknown%s", args[0], nearest.Hint(args[0], known))
}

// flagError puts an error of the flags' parser in the form of all wrong use.
func flagError(cmd *cobra.Command, err error) error {
	if args := cmd.Flags().Args(); cmd.HasSubCommands() && len(args) > 0 {
		return commands(cmd, args) // the flag belongs to a command that is misspelled
	}
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok && e.GetSpecifiedShortnames() != "" {
		return failed(ExitUsage, "flag -%s is unknown", e.GetSpecifiedName())
	} else if ok {
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
		return failed(ExitUsage, "flag --%s is unknown%s", e.GetSpecifiedName(), nearest.Hint(e.GetSpecifiedName(), known))
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return failed(ExitUsage, "the value of --%s is missing", e.GetFlag().Name)
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		flag, cause := e.GetFlag(), e.Unwrap()
		switch flag.Value.Type() {
		case "bool":
			cause = errors.New("is unknown; expected true or false")
		case "int":
			cause = errors.New("is not a whole number")
		}
		return failed(ExitUsage, "--%s %q %w", flag.Name, e.GetValue(), cause)
	}
	return failed(ExitUsage, "%w", err)
}

// pick requires at least and at most so many of some flags. Completion offers what is left
// to choose.
func pick(cmd *cobra.Command, least, most int, names ...string) {
	if least > 0 {
		cmd.MarkFlagsOneRequired(names...)
	}
	if most == 1 && len(names) > 1 {
		cmd.MarkFlagsMutuallyExclusive(names...)
	}
	before := cmd.PreRunE // which runs before cobra's own checks
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if before != nil {
			if err := before(cmd, args); err != nil {
				return err
			}
		}
		given := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !cmd.Flags().Changed(name) })
		switch {
		case len(given) < least && len(names) == 1:
			return failed(ExitUsage, "--%s is missing", names[0])
		case len(given) < least:
			return failed(ExitUsage, "one of --%s is missing", strings.Join(names, ", --"))
		case len(given) > most:
			return failed(ExitUsage, "--%s exclude each other; expected one", strings.Join(given, " and --"))
		}
		return nil
	}
}

// choice is a flag's value that is one of a few words.
type choice struct {
	value string
	words []string
}

// String returns the word chosen.
func (c *choice) String() string { return c.value }

// Set takes one of the words.
func (c *choice) Set(value string) error {
	if !slices.Contains(c.words, value) {
		return fmt.Errorf("is unknown; expected one of %s%s", strings.Join(c.words, ", "), nearest.Hint(value, c.words))
	}
	c.value = value
	return nil
}

// Type is what help shows for the value.
func (c *choice) Type() string { return strings.Join(c.words, "|") }

// choiceFlag adds a flag with completion, whose default is the first of the words.
func choiceFlag(cmd *cobra.Command, name, usage string, words ...string) *choice {
	c := &choice{value: words[0], words: words}
	cmd.Flags().Var(c, name, usage)
	complete(cmd, words, name)
	return c
}

// complete makes shells complete flags with words, and not with names of files.
func complete(cmd *cobra.Command, words []string, flags ...string) {
	completeWith(cmd, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp), flags...)
}

// completeWith makes shells complete flags with what a function returns.
func completeWith(cmd *cobra.Command, with cobra.CompletionFunc, flags ...string) {
	for _, name := range flags {
		_ = cmd.RegisterFlagCompletionFunc(name, with) // it fails only for an unknown flag
	}
}
