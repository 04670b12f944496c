package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// userHelp says how a user can be named.
const userHelp = `Instead of its id a user can be named by an e-mail address (ada@example.com) or
a phone number (+15550100) that the user has verified, by external:ID in another
system, or by username:NAME.`

// one is a command on one entity, or on several of a kind, with its flags.
type one struct {
	*connection
	kind        *kind
	output      *choice
	showPrivate bool
	named       []*bool // the flags that name fields, by field
	// These are of the commands that write.
	yes, dryRun bool
	asks        bool       // on a terminal, with any key
	unset       [][]string // the paths that unset removes
}

// newEntity returns the command of a kind, with all that can be done to one.
func newEntity(env Env, k *kind) *cobra.Command {
	cmd := group(k.plural, "Read and write the metadata of "+k.one(), newGet(env, k), newPatch(env, k), newUnset(env, k), newEdit(env, k), newDiff(env, k))
	if k.replaces {
		cmd.AddCommand(newReplace(env, k))
	}
	return cmd
}

// newOne adds the flags of every command on one entity. In the texts of cmd, IDS stands for
// the arguments that name it, and PLURAL, SAMPLE and ONE for the kind, its ids and its noun.
func newOne(cmd *cobra.Command, env Env, k *kind) *one {
	words := strings.NewReplacer("PLURAL", k.plural, "SAMPLE", k.sample, "IDS", k.ids, "ONE", k.one())
	for _, text := range []*string{&cmd.Use, &cmd.Short, &cmd.Example} {
		*text = words.Replace(*text)
	}
	if k.Kind != entity.Organization {
		cmd.Long += "\n\n" + userHelp
	}
	o := &one{connection: connectionFlags(cmd, env), kind: k, output: outputFlag(cmd)}
	cmd.Flags().BoolVar(&o.showPrivate, "show-private", false, "show the values of private metadata")
	for i, name := range k.Fields() {
		o.named = append(o.named, cmd.Flags().Bool(field(i).String(), false, "the field "+name))
	}
	return o
}

func (o *one) oneField(cmd *cobra.Command) {
	var names []string
	for f := range o.named {
		names = append(names, field(f).String())
	}
	pick(cmd, 1, 1, names...)
}

// fields returns the fields that the flags name, all of them for none.
func (o *one) fields() []field {
	var all, named []field
	for i, is := range o.named {
		all = append(all, field(i))
		if *is {
			named = append(named, field(i))
		}
	}
	if named == nil {
		return all
	}
	return named
}

func (o *one) shows(f field) bool { return f != private || o.showPrivate }

func (o *one) json() bool { return o.output.value == outputJSON }

// runs makes cmd call run. It refuses an empty argument: a membership without one of its ids
// would be a user or an organization.
func (o *one) runs(cmd *cobra.Command, run func(ctx context.Context, args []string) error) *cobra.Command {
	cmd.ValidArgsFunction = o.kind.completeArgument
	names := strings.Fields(cmd.Use)[1:]
	return runs(cmd, func(ctx context.Context, args []string) error {
		if i := slices.Index(args, ""); i >= 0 {
			return failed(ExitInvalid, "%s is empty", strings.TrimSuffix(names[min(i, len(names)-1)], "..."))
		}
		return run(ctx, args)
	})
}
