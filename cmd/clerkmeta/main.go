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
	"os"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

func main() { os.Exit(cli.Main()) }
