package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/client"
)

// longestReply bounds what is read of an answer to a question.
const longestReply = 1 << 10

// approve asks the user before a write with a live key, and with always before one with
// another where there is a terminal, unless --yes was given. Without a terminal to ask on it
// refuses a write with a live key, and names another way to see what it does.
func (e Env) approve(key client.Key, yes, always bool, question, preview string) error {
	switch terminal := e.terminal(e.Stdin); {
	case yes, !key.IsLive() && (!always || !terminal):
		return nil
	case !terminal:
		return failed(ExitDeclined, "the key is a live key, and standard input is not a terminal, so the command cannot ask").
			hint("pass --yes to write (%s shows what)", preview)
	}
	if key.IsLive() {
		question += " with a live key"
	}
	said, err := e.ask(question + "?")
	if err == nil && !said {
		return failed(ExitDeclined, "nothing was written")
	}
	return err
}

// ask asks a question on standard error and reports whether the answer is yes. The end of the
// input is no.
func (e Env) ask(question string) (bool, error) {
	if _, err := fmt.Fprintf(e.Stderr, "%s [y/N] ", question); err != nil {
		return false, err
	}
	// Byte by byte, so that the next question finds its own answer.
	var reply bytes.Buffer
	for reply.Len() < longestReply && !bytes.HasSuffix(reply.Bytes(), []byte("\n")) {
		_, err := io.CopyN(&reply, e.in, 1)
		if errors.Is(err, io.EOF) {
			_, _ = io.WriteString(e.Stderr, "\n") // what follows begins a line; its write reports an error
			break
		}
		if err != nil {
			return false, err
		}
	}
	said := strings.ToLower(strings.TrimSpace(reply.String()))
	return said == "y" || said == "yes", nil
}
