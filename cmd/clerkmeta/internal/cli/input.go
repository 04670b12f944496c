package cli

import (
	"context"
	"io"
)

// errInterrupted reports a signal before the command wrote anything.
var errInterrupted error = failed(ExitInterrupted, "interrupted: nothing was written")

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
		return 0, errInterrupted
	case got := <-done:
		return copy(p, got.bytes), got.err
	}
}
