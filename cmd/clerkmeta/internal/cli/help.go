package cli

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// docs is where the documents are.
const docs = "https://github.com/clerkmeta/clerkmeta-go/blob/main/docs/"

// rootHelp begins with what people do.
const rootHelp = `Read and write the metadata of Clerk's users, organizations and memberships.

  clerkmeta users get user_1                                what is stored
  clerkmeta users patch user_1 --public --set role=admin    change it
  clerkmeta plan changes.csv                                what a file would change
  clerkmeta apply changes.csv                               make its changes
  clerkmeta export users > users.ndjson                     read them all
  clerkmeta emulate                                         try it without an account

` + docs + `cli.md describes it all.`

// fitHelp wraps the help on flags to the width of the terminal.
func (e Env) fitHelp(root *cobra.Command) {
	width := strconv.Itoa(e.columns(e.Stdout)) // 0 does not wrap
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped "+width))
	// A flag whose help is below it is padded, which a narrow terminal shows as an empty line.
	padding := regexp.MustCompile(`(?m) +$`)
	show := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		var text bytes.Buffer
		cmd.SetOut(&text)
		show(cmd, args)
		_, _ = io.WriteString(e.Stdout, padding.ReplaceAllString(text.String(), "")) // there is nowhere to report it
	})
}

// plainUsages removes the quotes that mark names of values, which completion would show.
func plainUsages(cmd *cobra.Command) {
	plain := func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) }
	cmd.Flags().VisitAll(plain)
	cmd.PersistentFlags().VisitAll(plain)
	for _, below := range cmd.Commands() {
		plainUsages(below)
	}
}
