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

// choiceFlag adds a flag that takes the first of the words unless it is given,
// with completion.
func choiceFlag(cmd *cobra.Command, name, usage string, words ...string) *choice {
	c := &choice{value: words[0], words: words}
	cmd.Flags().Var(c, name, usage)
	// It fails only for an unknown flag.
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	return c
}
