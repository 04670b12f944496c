package testkit

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A Command is cmd/clerkmeta as users run it: a binary, built when a test first asks for it.
type Command struct {
	once   sync.Once
	dir    string
	binary string
	err    error
}

// Run runs the tests of a package, for its TestMain, and then removes the binary.
func (c *Command) Run(m *testing.M) int {
	code := m.Run()
	if c.dir != "" {
		_ = os.RemoveAll(c.dir)
	}
	return code
}

// Path returns the path of the binary. It is built without the race detector, whose memory is not
// the command's.
func (c *Command) Path(t *testing.T) string {
	t.Helper()
	c.once.Do(func() { c.build(t.Context()) })
	require.NoError(t, c.err)
	return c.binary
}

func (c *Command) build(ctx context.Context) {
	if c.dir, c.err = os.MkdirTemp("", "clerkmeta"); c.err != nil {
		return
	}
	c.binary = filepath.Join(c.dir, "clerkmeta.exe") // a name that every system runs
	//nolint:gosec // the one variable is a path made here
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", c.binary, "github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta")
	if out, err := build.CombinedOutput(); err != nil {
		c.err = fmt.Errorf("building cmd/clerkmeta: %w: %s", err, out)
	}
}
