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

// IsTerminal reports whether a stream is a terminal, as Env.IsTerminal is asked
// for. The null device is a character device as a terminal is, and is none.
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

// approve asks the user before a write with a live key, unless they have said
// yes beforehand. A key of a development instance needs no question. Where nobody
// can be asked the write is refused: silence is no consent.
func (e Env) approve(ctx context.Context, key client.Key, yes bool, question string) error {
	if yes || !key.IsLive() {
		return nil
	}
	if !e.terminal(e.Stdin) {
		return failed(ExitDeclined, "the key is a live one and standard input is no terminal to ask on: pass --yes if the write is meant (--dry-run shows it)")
	}
	if _, err := fmt.Fprintf(e.Stderr, "%s with a live key? [y/N] ", question); err != nil {
		return err
	}
	// Read aside, so that a signal ends the wait. The goroutine ends with the
	// process, which has nothing else to read.
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
