// Command clerkmeta works with Clerk's metadata from a shell.
//
// At present it holds a Clerk for programs in any language:
//
//	clerkmeta emulate
//
// clerkmeta help tells the rest; docs/emulator.md describes the emulator.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/clerkmeta/clerkmeta-go/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(cli.Run(ctx, cli.Env{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
}
