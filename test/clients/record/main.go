// Record runs an emulator behind a recorder: record [flags] clerkmeta emulate … It prints both addresses
// and forwards everything until its standard input ends, as it does with the process that started it. Then
// it compares what passed with Clerk's OpenAPI documents: exit status 1 reports a difference. Without the
// documents it says so and succeeds.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/clerkmeta/clerkmeta-go/test/clients/recorder"
)

func main() {
	tls := flag.Bool("tls", false, "serve https, with a certificate that nobody trusts")
	out := flag.String("out", "", "`file` to append the exchanges to, as NDJSON")
	flag.Parse()
	if err := run(flag.Args(), *tls, *out, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(command []string, tls bool, out string, stdin io.Reader, stdout io.Writer) error {
	if len(command) == 0 {
		return errors.New("the command that starts the emulator is missing: record [flags] clerkmeta emulate …")
	}
	address, stop, err := emulator(command)
	if err != nil {
		return err
	}
	target, err := url.Parse(address)
	if err != nil {
		return errors.Join(err, stop())
	}
	var rec recorder.Recorder
	server := httptest.NewUnstartedServer(rec.Wrap(recorder.Proxy(target)))
	// Browsers do not trust the certificate, and each connection would log it.
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if tls {
		server.StartTLS()
	} else {
		server.Start()
	}
	fmt.Fprintf(stdout, "emulator at %s\nlistening on %s\n", address, server.URL)
	_, err = io.Copy(io.Discard, stdin)
	server.CloseClientConnections()
	server.Close()
	err = errors.Join(err, stop())
	if err == nil && out != "" {
		err = keep(out, rec.Exchanges())
	}
	if err != nil {
		return err
	}
	return check(rec.Exchanges(), stdout)
}

// emulator starts a command whose first line ends with the address at which it listens.
func emulator(command []string) (address string, stop func() error, err error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	lines := bufio.NewReader(stdout)
	first, _ := lines.ReadString('\n') // what it lacks shows below
	address, ok := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	stop = func() error {
		// Wait reports whether it has ended already.
		_ = cmd.Process.Signal(syscall.SIGTERM)
		return cmd.Wait()
	}
	if !ok {
		return "", nil, errors.Join(fmt.Errorf("the emulator says %q first; expected an address", first), stop())
	}
	return address, stop, nil
}

func keep(file string, exchanges []recorder.Exchange) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(recorder.Write(f, exchanges), f.Close())
}

func check(exchanges []recorder.Exchange, stdout io.Writer) error {
	checker, err := recorder.NewChecker()
	if errors.Is(err, recorder.ErrNoDocuments) {
		fmt.Fprintln(stdout, err)
		return nil
	}
	if err != nil {
		return err
	}
	report, err := checker.CheckAll(context.Background(), exchanges)
	fmt.Fprintln(stdout, report)
	return err
}
