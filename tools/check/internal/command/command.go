// Package command runs other programs.
package command

import (
	"bytes"
	"fmt"
	"os/exec"
)

// Git returns what git prints for args in the repository at root.
func Git(root string, args ...string) ([]byte, error) { return run(root, "git", args) }

// Go returns what the go command prints for args in the folder dir.
func Go(dir string, args ...string) ([]byte, error) { return run(dir, "go", args) }

// run returns the standard output. The error of a command that fails holds what it wrote to standard error.
func run(dir, name string, args []string) ([]byte, error) {
	var said bytes.Buffer
	cmd := exec.Command(name, args...) //nolint:gosec,noctx // the arguments are the checks' own
	cmd.Dir, cmd.Stderr = dir, &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", name, args[0], err, bytes.TrimSpace(said.Bytes()))
	}
	return out, nil
}
