package main

import (
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/tools/check/internal/command"
)

// own is how the paths of this project's modules begin.
const own = "github.com/clerkmeta/clerkmeta-go/"

type module struct{ path, version, dir string }

// format prints the module of a package in a line.
const format = "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}"

// dependencies returns the modules, other than this project's own, with packages that
// the module in dir compiles.
func dependencies(dir string, development bool) ([]module, error) {
	args := []string{"list", "-deps", "-f", format}
	if development {
		args = append(args, "-test")
		tools, err := command.Go(dir, "list", "tool")
		if err != nil {
			return nil, err
		}
		if len(tools) > 0 {
			args = append(args, "tool")
		}
	}
	out, err := command.Go(dir, append(args, "./...")...)
	if err != nil {
		return nil, err
	}
	var all []module
	lines := slices.Sorted(strings.Lines(string(out)))
	for _, line := range slices.Compact(lines) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) == 3 && !strings.HasPrefix(fields[0]+"/", own) {
			all = append(all, module{fields[0], fields[1], fields[2]})
		}
	}
	return all, nil
}
