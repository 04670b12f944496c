package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/client"
)

// longestReply bounds what is read of an answer to a question.
const longestReply = 1 << 10

// IsTerminal reports whether a stream is a terminal: a character device other than the
// null device. It is for Env.IsTerminal.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// terminal reports whether a stream is a terminal.
func (e Env) terminal(stream any) bool { return e.IsTerminal != nil && e.IsTerminal(stream) }

// approve asks the user before a write with a live key, unless --yes was given. Without a
// terminal to ask on it refuses the write, and names another way to see what it does.
func (e Env) approve(ctx context.Context, key client.Key, yes bool, question, preview string) error {
	if yes || !key.IsLive() {
		return nil
	}
	if !e.terminal(e.Stdin) {
		return failed(ExitDeclined, "the key is a live one and standard input is no terminal to ask on: pass --yes if the write is meant (%s shows it)", preview)
	}
	if _, err := fmt.Fprintf(e.Stderr, "%s with a live key? [y/N] ", question); err != nil {
		return err
	}
	// On a separate goroutine, which ends with the process, so that a signal ends the wait.
	reply := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(io.LimitReader(e.Stdin, longestReply)).ReadString('\n') // an end is no yes
		reply <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return failed(ExitInterrupted, "interrupted: nothing was written")
	case said := <-reply:
		if said == "y" || said == "yes" {
			return nil
		}
		return failed(ExitDeclined, "nothing was written")
	}
}
