package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
)

// longestReply bounds what is read of an answer to a question.
const longestReply = 1 << 10

// interruptible reads from an input that can block. When the context ends, so does a read; the
// goroutine that waits for the input then ends with the process.
type interruptible struct {
	ctx  context.Context //nolint:containedctx // an io.Reader has no other place for it
	from io.Reader
}

// Read reads what one Read of the input returns, and nothing ahead: an editor that the command
// starts reads from the same terminal.
func (r *interruptible) Read(p []byte) (int, error) {
	type result struct {
		bytes []byte
		err   error
	}
	done := make(chan result, 1)
	size := min(len(p), 64<<10)
	go func() {
		buf := make([]byte, size) // p belongs to the caller once Read has returned
		n, err := r.from.Read(buf)
		done <- result{buf[:n], err}
	}()
	select {
	case <-r.ctx.Done():
		return 0, failed(ExitInterrupted, "interrupted: nothing was sent")
	case got := <-done:
		return copy(p, got.bytes), got.err
	}
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
		if _, err := io.CopyN(&reply, e.in, 1); err == io.EOF {
			break
		} else if err != nil {
			return false, err
		}
	}
	said := strings.ToLower(strings.TrimSpace(reply.String()))
	return said == "y" || said == "yes", nil
}
