package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/tools/go/packages"

	"github.com/clerkmeta/clerkmeta-go/tools/check/internal/command"
)

// releasedFile names the commit that counts as the last release while there is
// no tag.
const releasedFile = ".ci/released"

// lastRelease returns a revision of the repository, or why there is none.
func lastRelease(root string) (release, why string) {
	if tag, err := command.Git(root, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD"); err == nil {
		return strings.TrimSpace(string(tag)), ""
	}
	text, err := os.ReadFile(filepath.Join(root, releasedFile)) //nolint:gosec // a file of the repository
	if err != nil {
		return "", "there is no tag v* and no file " + releasedFile
	}
	commit := strings.TrimSpace(string(text))
	if _, err := command.Git(root, "cat-file", "-e", commit+"^{commit}"); err != nil {
		return "", "this clone lacks the commit " + commit + " of " + releasedFile
	}
	return commit, ""
}

// checkOut writes the files of a revision into a folder.
func checkOut(root, revision, dir string) error {
	archive, err := command.Git(root, "archive", "--format=zip", revision)
	if err != nil {
		return err
	}
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}

// load reads the packages of a module that others can import.
func load(dir string) (*apidiff.Module, error) {
	found, err := packages.Load(&packages.Config{
		Dir:  dir,
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedModule,
		Env:  append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false -trimpath"),
	}, "./...")
	if err != nil {
		return nil, err
	}
	module := &apidiff.Module{}
	for _, p := range found {
		if len(p.Errors) > 0 {
			return nil, p.Errors[0]
		}
		module.Path = p.Module.Path
		if p.Name == "main" || strings.Contains(p.PkgPath+"/", "/internal/") {
			continue
		}
		module.Packages = append(module.Packages, p.Types)
	}
	return module, nil
}
