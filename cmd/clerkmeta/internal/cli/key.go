package cli

import (
	"cmp"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/address"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// envSecretKeyFile names a file that holds the secret key, as container
// platforms hand out secrets.
const envSecretKeyFile = client.EnvSecretKey + "_FILE"

// longestKey bounds the bytes of a key's file.
const longestKey = 4 << 10

// keyHelp is the help of the commands that require a key.
const keyHelp = `The secret key comes from ` + client.EnvSecretKey + `, from the file that
` + envSecretKeyFile + ` or --secret-key-file names, or from standard input with
--secret-key-stdin; no flag takes the key itself. ` + client.EnvAPIURL + ` replaces the
address of Clerk's Backend API.

clerkmeta help exit-codes lists the exit codes.`

// connection is the key and the address with which a command reaches Clerk.
type connection struct {
	Env
	keyFile   string
	keyStdin  bool
	plainHTTP string
	// attempted is called after each attempt, and shows long waits.
	attempted observe.AttemptHook
	// known is the key after the first read: standard input has it only once.
	known *client.Key
}

func connectionFlags(cmd *cobra.Command, env Env) *connection {
	c := &connection{Env: env}
	c.attempted = c.showWait
	cmd.Flags().StringVar(&c.keyFile, "secret-key-file", "", "`file` that holds the secret key")
	cmd.Flags().BoolVar(&c.keyStdin, "secret-key-stdin", false, "read the secret key from standard input")
	pick(cmd, 0, 1, "secret-key-file", "secret-key-stdin")
	cmd.Flags().StringVar(&c.plainHTTP, "plain-http", "", "`host` to allow over plain http, such as an emulator's container; never with a live key")
	complete(cmd, nil, "plain-http")
	return c
}

func (e Env) getenv(name string) string {
	if e.Getenv == nil {
		return ""
	}
	return e.Getenv(name)
}

// open returns a client and the key that it signs with. It makes no request.
func (c *connection) open(opts ...client.Option) (*client.Client, client.Key, error) {
	if c.known == nil {
		found, err := c.key()
		if err != nil {
			return nil, found, err
		}
		c.known = &found
	}
	key := *c.known
	base := cmp.Or(c.getenv(client.EnvAPIURL), client.DefaultBaseURL)
	opts = append(append(opts, client.WithBaseURL(base)), c.watch()...)
	if c.plainHTTP != "" {
		opts = append(opts, client.WithPlainHTTP(c.plainHTTP))
	}
	opened, err := client.New(key, opts...)
	if err != nil {
		return nil, key, refusal(base, err)
	}
	u, err := address.Parse(base)
	if err != nil {
		return nil, key, err // client.New refuses it too
	}
	*c.to = peer{u.Host, "development"}
	if key.IsLive() {
		c.to.key = "live"
	}
	return opened, key, nil
}

// refusal returns the error of client.New in the words of the command: users give the
// variable and the flags, and not the options.
func refusal(base string, err error) error {
	e, ofClient := errors.AsType[*clerkerr.Error](err)
	switch {
	case ofClient && e.Param() == "key":
		return failed(ExitUnauthorized, "the secret key %w", e.Err)
	case errors.Is(err, address.ErrInTheClear):
		u, _ := address.Parse(base) // it has no other fault
		return failed(ExitUsage, "%s %w", client.EnvAPIURL, address.ErrInTheClear).
			hint("use https, or pass --plain-http %s if an emulator listens there", u.Hostname())
	case ofClient && e.Param() == "base URL":
		return failed(ExitUsage, "%s %w", client.EnvAPIURL, e.Err).
			hint("it is an address such as https://api.clerk.com, or http://127.0.0.1:4010 for an emulator")
	case ofClient && e.Param() == "WithPlainHTTP":
		return failed(ExitUsage, "--plain-http %w", e.Err)
	}
	return failed(ExitUsage, "%w", err)
}

// key reads the secret key. A flag precedes the environment. Two variables are refused, not
// ranked: the key of another instance writes elsewhere.
func (c *connection) key() (key client.Key, err error) {
	direct, file := c.getenv(client.EnvSecretKey), c.getenv(envSecretKeyFile)
	switch {
	case c.keyStdin && c.terminal(c.Stdin):
		return key, failed(ExitUsage, "--secret-key-stdin takes the key from a pipe or a file: a terminal would show it")
	case c.keyStdin:
		return keyOf(readText(c.in, longestKey))
	case c.keyFile != "":
		return keyOf(readTextFile(c.keyFile, longestKey))
	case direct != "" && file != "":
		return key, failed(ExitUsage, "%s and %s are both set", client.EnvSecretKey, envSecretKeyFile).hint("unset one of them")
	case file != "":
		return keyOf(readTextFile(file, longestKey))
	case direct == "":
		return key, failed(ExitUnauthorized, "the secret key is missing").hint("set %s, or pass --secret-key-file or --secret-key-stdin", client.EnvSecretKey)
	}
	return client.SecretKey(direct), nil
}

// keyOf returns the key in a text that was read, without the newline that files end with.
func keyOf(text []byte, err error) (client.Key, error) {
	if err != nil {
		return client.Key{}, failed(ExitFile, "the secret key cannot be read: %w", err)
	}
	return client.SecretKey(strings.TrimSpace(string(text))), nil
}

// stdinOnce refuses that standard input is read for two things.
func (c *connection) stdinOnce(what string) error {
	if c.keyStdin {
		return failed(ExitUsage, "standard input cannot hold both the secret key and %s", what)
	}
	return nil
}
