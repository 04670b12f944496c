// Command clerkmeta works with Clerk's metadata from a shell.
//
// It reads and writes the metadata of one user, organization or membership,
// exports that of all, and holds a Clerk for programs in any language:
//
//	clerkmeta users get user_1
//	clerkmeta export users
//	clerkmeta emulate
//
// clerkmeta help lists the rest; docs/cli.md and docs/emulator.md describe it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// hangUp is SIGHUP, which package syscall does not name on every system.
const hangUp = syscall.Signal(1)

func main() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(hangUp) { // nohup ignores it
		signals = append(signals, hangUp)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(cli.Run(ctx, cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Columns: cli.Columns,
	}))
}
