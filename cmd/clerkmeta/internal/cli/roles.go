package cli

import (
	"errors"
	"os"

	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
)

type role struct {
	what string
	info os.FileInfo
}

// roles returns the files that every command has: its streams, and the key's file.
func (c *connection) roles() []role {
	all := namedRole(nil, "--secret-key-file", c.keyFile)
	all = namedRole(all, envSecretKeyFile, c.getenv(envSecretKeyFile))
	all = openedRole(all, "standard input", c.Stdin)
	all = openedRole(all, "standard output", c.Stdout)
	return openedRole(all, "standard error", c.Stderr)
}

// namedRole adds the file at a path, if there is one.
func namedRole(all []role, what, path string) []role {
	if info, err := os.Stat(path); err == nil { // a missing file is no other's
		return append(all, role{what, info})
	}
	return all
}

// openedRole adds a stream, if it is a file and no device.
func openedRole(all []role, what string, stream any) []role {
	if n, ok := stream.(*notes); ok {
		stream = n.to
	}
	file, ok := stream.(*os.File)
	if !ok || file == nil {
		return all
	}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		return append(all, role{what, info})
	}
	return all
}

// distinct refuses to write a file that has another role in the run, by any path or link.
func distinct(flag string, file os.FileInfo, all []role) error {
	for _, r := range all {
		if os.SameFile(file, r.info) {
			return failed(ExitUsage, "%s and %s are the same file: name another", flag, r.what)
		}
	}
	return nil
}

// free is distinct for a path, which may be empty or name no file yet. It refuses pipes and
// devices too: they cannot be cut, locked or read back, and opening one can block.
func free(flag, path string, all []role) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil //nolint:nilerr // opening it reports the error
	}
	if !info.Mode().IsRegular() {
		return failed(ExitFile, "%s %s is not a regular file: name a regular file or a new path", flag, path)
	}
	return distinct(flag, info, all)
}

// takeFile opens a file for writing, makes it if it is missing, and locks out other runs. It
// does not change the content.
func takeFile(flag, path string, access int, all []role) (*os.File, error) {
	if err := free(flag, path, all); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, access|os.O_CREATE, 0o600) //nolint:gosec // the user's own file
	if err != nil {
		return nil, failed(ExitFile, "%s: %w", flag, err)
	}
	info, err := file.Stat()
	if err == nil {
		err = filelock.Try(file)
	}
	if err != nil {
		err = failed(ExitFile, "%s %s: %w", flag, path, err)
	} else if err = distinct(flag, info, all); err == nil {
		return file, nil
	}
	return nil, errors.Join(err, filelock.Close(file))
}
