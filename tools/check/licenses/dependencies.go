package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// own is what the paths of this project's modules begin with.
const own = "github.com/clerkmeta/clerkmeta-go/"

type module struct{ path, version, dir string }

// dependencies are the modules, but for this project's own, of which packages of
// the module in dir are compiled.
func dependencies(dir string, development bool) ([]module, error) {
	args := []string{"-C", dir, "list", "-deps", "-json=Module"}
	if development {
		args = append(args, "-test")
		tools, err := command("-C", dir, "list", "tool")
		if err != nil {
			return nil, err
		}
		if len(tools) > 0 {
			args = append(args, "tool")
		}
	}
	out, err := command(append(args, "./...")...)
	if err != nil {
		return nil, err
	}
	found := map[module]bool{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Module *struct{ Path, Version, Dir string }
		}
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if p.Module != nil && !strings.HasPrefix(p.Module.Path+"/", own) {
			found[module{p.Module.Path, p.Module.Version, p.Module.Dir}] = true
		}
	}
	var all []module
	for m := range found {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.path, b.path) })
	return all, nil
}

func command(args ...string) ([]byte, error) {
	var said bytes.Buffer
	cmd := exec.Command("go", args...) //nolint:gosec,noctx // the arguments are this program's own
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", args[2], err, bytes.TrimSpace(said.Bytes()))
	}
	return out, nil
}
