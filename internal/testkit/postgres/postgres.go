// Package postgres runs the system's Postgres for tests. It starts processes and needs no
// database driver.
package postgres

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Skip is the name in CLERKMETA_SKIP that skips the tests with Postgres.
const Skip = "postgres"

// oldest is the first major version with what the tests use.
const oldest = 13

// Server is a Postgres server on 127.0.0.1, in a temporary folder, that keeps nothing. It
// stops, and its folder is removed, when this process ends, in any way.
type Server struct {
	// Version is what postgres --version prints.
	Version string

	bin       string
	user      []string // the command line that starts a program as a user who may run Postgres
	port      string
	databases atomic.Int64
	mu        sync.Mutex // one command at a time
	commands  *os.File
	answers   *bufio.Reader
}

// Start starts a server, or skips the test if CLERKMETA_SKIP names postgres. Postgres that is
// missing, or does not start, fails the test.
func Start(tb testing.TB) *Server {
	tb.Helper()
	if slices.Contains(strings.Split(os.Getenv("CLERKMETA_SKIP"), ","), Skip) {
		tb.Skip("CLERKMETA_SKIP names " + Skip)
	}
	s, err := start()
	if err != nil {
		tb.Fatalf("Postgres: %v", err)
	}
	return s
}

func start() (*Server, error) {
	bin, version, err := find()
	if err != nil {
		return nil, err
	}
	s := &Server{Version: version, bin: bin}
	folder, err := os.MkdirTemp("", "clerkmeta-postgres-")
	if err != nil {
		return nil, err
	}
	if err := s.asUser(folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if s.port, err = freePort(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return s, s.supervise(folder)
}

// find returns the folder of Postgres's programs: the one that pg_config names, or one of the
// usual places, the newest version first.
func find() (bin, version string, err error) {
	var folders []string
	if text, err := command("pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(text)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin",
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
	} {
		found, _ := filepath.Glob(pattern) // the patterns are well formed
		slices.Reverse(found)
		folders = append(folders, found...)
	}
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, "initdb")); err != nil {
			continue
		}
		text, err := command(filepath.Join(folder, "postgres"), "--version").Output()
		if err != nil {
			continue
		}
		version = strings.TrimSpace(string(text))
		if major(version) >= oldest {
			return folder, version, nil
		}
	}
	return "", "", fmt.Errorf("no initdb of version %d or later is where pg_config points or in the usual places: install the server (the package postgresql), or skip these tests with CLERKMETA_SKIP=%s", oldest, Skip)
}

var versionNumber = regexp.MustCompile(`[0-9]+`)

func major(version string) int {
	n, _ := strconv.Atoi(versionNumber.FindString(version))
	return n
}

// asUser gives the folder to a user who may run Postgres, which refuses root.
func (s *Server) asUser(folder string) error {
	if os.Getuid() != 0 {
		return nil
	}
	if _, err := exec.LookPath("setpriv"); err != nil {
		return fmt.Errorf("the tests run as root, as which Postgres refuses to run, and setpriv is missing: install util-linux, or run them as another user: %w", err)
	}
	for _, name := range []string{"postgres", "nobody"} {
		user := []string{"setpriv", "--reuid=" + name, "--regid=" + groupOf(name), "--clear-groups", "--"}
		if command(user[0], append(user[1:], "true")...).Run() != nil {
			continue
		}
		if err := command("chown", name, folder).Run(); err != nil {
			return fmt.Errorf("giving %s to %s: %w", folder, name, err)
		}
		s.user = user
		return nil
	}
	return errors.New("the tests run as root, as which Postgres refuses to run, and setpriv cannot become postgres or nobody: run them as another user")
}

func groupOf(user string) string {
	text, err := command("id", "-g", user).Output()
	if err != nil {
		return user
	}
	return strings.TrimSpace(string(text))
}

// freePort returns a port that is free now.
func freePort() (string, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

//go:embed supervise.sh
var script string

// supervise starts the server under a shell that reads commands from a pipe. The pipe ends
// with this process, and the shell then stops the server.
func (s *Server) supervise(folder string) error {
	commands, write, err := os.Pipe()
	if err != nil {
		return err
	}
	read, answers, err := os.Pipe()
	if err != nil {
		return err
	}
	shell := s.command("sh", "-c", script, "sh", s.bin, folder, s.port)
	shell.Dir, shell.Stdin, shell.Stdout = folder, commands, answers
	if err := shell.Start(); err != nil {
		return err
	}
	_, _ = commands.Close(), answers.Close() // the shell has them
	s.commands, s.answers = write, bufio.NewReader(read)
	go func() { // holds the pipe, whose end the garbage collector would close
		_ = shell.Wait()
		_ = s.commands.Close()
	}()
	return s.ready()
}

// ready waits until the server accepts connections, or has stopped.
func (s *Server) ready() error {
	var text bytes.Buffer
	for {
		line, err := s.answers.ReadString('\n')
		if line == "ready\n" {
			return nil
		}
		text.WriteString(line)
		if err != nil {
			return fmt.Errorf("the server did not start or stop:\n%s", text.String())
		}
	}
}

// command returns a command that no test's end ends.
func command(name string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.Background(), name, args...) //nolint:gosec // programs of Postgres and the system
}

// command returns a command of the user who runs the server.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	line := slices.Concat(s.user, []string{name}, args)
	return command(line[0], line[1:]...)
}

// Database creates a database and returns its connection string.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	text, err := s.command(filepath.Join(s.bin, "createdb"), "-h", "127.0.0.1", "-p", s.port, "-U", "postgres", name).CombinedOutput()
	if err != nil {
		tb.Fatalf("createdb: %v\n%s", err, text)
	}
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%s/%s?sslmode=disable", s.port, name)
}

// Restart kills the server, as Stop does, and starts it again.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.Stop(tb)
	s.Start(tb)
}

// Stop kills the server, as a crash does.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	s.do(tb, "stop")
}

// Start starts the server after Stop, with what was committed.
func (s *Server) Start(tb testing.TB) {
	tb.Helper()
	s.do(tb, "start")
}

func (s *Server) do(tb testing.TB, line string) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.commands.WriteString(line + "\n")
	if err == nil {
		err = s.ready()
	}
	if err != nil {
		tb.Fatalf("Postgres, %s: %v", line, err)
	}
}
