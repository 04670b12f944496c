package cli

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// identity is what whoami prints: Status is that of the answer, 0 for none.
type identity struct {
	Host   string `json:"host"`
	Key    string `json:"key"`
	Status int64  `json:"status,omitempty"`
}

func newWhoami(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Show the instance and the kind of key that the commands use, and what Clerk answers",
		Long: `Show the instance and the kind of key that the commands use, and what Clerk
answers to a request that reads one user.

` + keyHelp,
		Example: "  clerkmeta whoami\n  clerkmeta whoami --output json",
	}
	conn := connectionFlags(cmd, env)
	output := outputFlag(cmd)
	return runs(cmd, func(ctx context.Context, _ []string) error {
		var status atomic.Int64
		c, key, err := conn.open(client.WithAttemptHook(func(_ context.Context, a observe.Attempt) { status.Store(int64(a.Status)) }))
		if err != nil {
			return err
		}
		for _, err = range c.Users.All(ctx, users.AllParams{PageSize: 1}) {
			break
		}
		who := identity{env.to.host, env.to.key, status.Load()}
		text, encodeErr := lineOf(who)
		if output.value != outputJSON {
			answer := "none"
			if who.Status != 0 {
				answer = fmt.Sprintf("status %d", who.Status)
			}
			text = fmt.Appendf(nil, "host    %s\nkey     %s, %s\nanswer  %s\n", who.Host, who.Key, key, answer)
		}
		if printErr := env.print(text, encodeErr); printErr != nil {
			return printErr
		}
		return err
	})
}
