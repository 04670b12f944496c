package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

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
		return fmt.Errorf("it is one of %s", strings.Join(c.words, ", "))
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
	for _, name := range flags {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)) // it fails only for an unknown flag
	}
}
