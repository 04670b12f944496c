// Package git runs git.
package git

import (
	"bytes"
	"fmt"
	"os/exec"
)

// Run returns what git prints for args in the repository at root. The error of a
// command that fails holds what git said.
func Run(root string, args ...string) ([]byte, error) {
	var said bytes.Buffer
	cmd := exec.Command("git", args...) //nolint:gosec,noctx // the arguments are the checks' own
	cmd.Dir, cmd.Stderr = root, &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(said.Bytes()))
	}
	return out, nil
}
