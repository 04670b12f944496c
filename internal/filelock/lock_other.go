//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package filelock

import "errors"

func lock(uintptr) error { return errors.ErrUnsupported }

func unlock(uintptr) error { return nil }
