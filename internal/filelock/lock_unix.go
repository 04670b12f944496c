//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filelock

import (
	"errors"
	"os"
	"syscall"
)

func lock(fd uintptr) error { return flock(fd, syscall.LOCK_EX|syscall.LOCK_NB) }

func unlock(fd uintptr) error { return flock(fd, syscall.LOCK_UN) }

func flock(fd uintptr, how int) error {
	for {
		err := syscall.Flock(int(fd), how)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrHeld
		case errors.Is(err, errNone): // ENOSYS, ENOTSUP, EOPNOTSUPP
			return errNone
		default:
			return os.NewSyscallError("flock", err)
		}
	}
}
