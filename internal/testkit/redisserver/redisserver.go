// Package redisserver starts the system's redis-server for tests and measurements, on
// loopback, in a folder of the caller's.
package redisserver

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Env names another program than redis-server, such as a Valkey's.
const Env = "CLERKMETA_REDIS_SERVER"

func program() string { return cmp.Or(os.Getenv(Env), "redis-server") }

// patience bounds the start of a server, which only a hang exceeds.
const patience = time.Minute

// Server is a redis-server that runs.
type Server struct {
	// Addr is its address, on loopback.
	Addr string

	arguments []string
	command   *exec.Cmd
	output    bytes.Buffer
	ended     chan struct{}
}

// Run starts a server for a test, which it ends with. If there is no redis-server, the test
// fails, or is skipped if CLERKMETA_SKIP names redis.
func Run(t *testing.T, arguments ...string) *Server {
	t.Helper()
	s, err := Start(folder(t), arguments...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

// RunSentinel starts a sentinel for a test, as Run starts a server.
func RunSentinel(t *testing.T, name string, master *Server) *Server {
	t.Helper()
	s, err := StartSentinel(folder(t), name, master)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

func folder(t *testing.T) string {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("CLERKMETA_SKIP"), ","), "redis") {
		t.Skip("CLERKMETA_SKIP names redis")
	}
	if _, err := exec.LookPath(program()); err != nil {
		t.Fatal("redis-server is missing: install it, or skip the test with CLERKMETA_SKIP=redis")
	}
	return t.TempDir()
}

// Start starts a server with its folder and options, such as "--appendonly", "yes", and
// returns when it answers. Without options it keeps nothing on disk.
func Start(dir string, arguments ...string) (*Server, error) {
	return start(func(port string) ([]string, error) {
		return append([]string{"--port", port, "--dir", dir, "--save", "", "--bind", "127.0.0.1"}, arguments...), nil
	})
}

// StartSentinel starts a sentinel that alone decides to replace the master of that name with
// its replica, when the master has not answered for a second.
func StartSentinel(dir, name string, master *Server) (*Server, error) {
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		return nil, err
	}
	return start(func(own string) ([]string, error) {
		file := filepath.Join(dir, "sentinel.conf")
		text := fmt.Sprintf("port %s\nbind 127.0.0.1\ndir %s\nsentinel monitor %s %s %s 1\nsentinel down-after-milliseconds %[3]s 1000\nsentinel failover-timeout %[3]s 5000\n",
			own, dir, name, host, port)
		return []string{file, "--sentinel"}, os.WriteFile(file, []byte(text), 0o600)
	})
}

// start starts a server on a free port. Another program may take the port first.
func start(arguments func(port string) ([]string, error)) (*Server, error) {
	var errs []error
	for range 3 {
		listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
		if err != nil {
			return nil, err
		}
		s := &Server{Addr: listener.Addr().String()}
		_ = listener.Close()
		_, port, err := net.SplitHostPort(s.Addr)
		if err != nil {
			return nil, err
		}
		if s.arguments, err = arguments(port); err != nil {
			return nil, err
		}
		if err = s.Restart(); err == nil {
			return s, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// Restart starts a server that was killed again, with its address, folder and options.
func (s *Server) Restart() error {
	s.output.Reset()
	command, ended := exec.Command(program(), s.arguments...), make(chan struct{}) //nolint:gosec,noctx // the options of tests; Kill ends it
	command.Stdout, command.Stderr = &s.output, &s.output
	if err := command.Start(); err != nil {
		return err
	}
	s.command, s.ended = command, ended
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	for begun := time.Now(); time.Since(begun) < patience; {
		if s.answers() {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("redis-server has ended: %s", s.output.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	s.Kill()
	return errors.New("redis-server does not answer")
}

// Kill ends the server as a crash does. It may be called again.
func (s *Server) Kill() {
	_ = s.command.Process.Kill()
	<-s.ended
}

func (s *Server) answers() bool {
	c, err := net.Dial("tcp", s.Addr) //nolint:noctx // loopback refuses at once
	if err != nil {
		return false
	}
	defer c.Close() //nolint:errcheck // nothing is lost
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if _, err = c.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	answer, _ := bufio.NewReader(c).ReadString('\n')
	return strings.HasPrefix(answer, "+PONG")
}
