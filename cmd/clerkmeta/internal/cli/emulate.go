package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/address"
	"github.com/clerkmeta/clerkmeta-go/internal/keys"
)

const (
	requestsKept = 1000     // in /_emulator/requests, which bounds the memory
	longestSeed  = 64 << 20 // as in /_emulator/state
	grace        = 5 * time.Second
)

type emulator struct {
	Env
	addr        string
	allowRemote bool
	seed        string
	secretKey   string
	webhooks    []string
	hosts       []string
	timeout     time.Duration
	limits      *choice
	strict      bool
	lenient     bool
	log         *choice
}

func newEmulate(env Env) *cobra.Command {
	e := &emulator{Env: env}
	cmd := &cobra.Command{
		Use:   "emulate",
		Short: "Run a Clerk in memory, for clients in any language",
		Long: `Run a Clerk in memory: the parts of its Backend API and its Frontend API that
concern metadata, on one address. It needs no account and no network.

The first line is "listening on" and the address. Then come the ids, the
environment of clients, and one line for each request. A script that reads only
the first line should keep reading or pass --log off: a full pipe stops the
emulator. SIGINT, SIGTERM and SIGHUP end it, with exit code 0.

A browser finds a page at the address. Under /_emulator/ are health, state,
entities, requests, faults, webhooks, guesses, operations, events and reset.
Both are for this machine only.`,
		Example: `  clerkmeta emulate
  clerkmeta emulate --webhook http://127.0.0.1:3000/api/webhooks
  clerkmeta emulate --addr 127.0.0.1:0 --seed seed.json --limits production --log json`,
	}
	flags := cmd.Flags()
	flags.StringVar(&e.addr, "addr", "127.0.0.1:4010", "loopback `address` to listen on; port 0 picks a free one")
	flags.BoolVar(&e.allowRemote, "allow-remote", false, "allow any address in --addr: the emulator has no TLS and prints its key")
	flags.StringVar(&e.seed, "seed", "", "`file` with the initial state, an answer of Clerk's, an export or users to migrate, - for standard input; the default has two users, an organization and a session")
	flags.StringVar(&e.secretKey, "secret-key", "", "made-up `key` (sk_test_…) of the emulator, in place of the seed's; never a real one: everyone on the machine can see a flag")
	flags.StringArrayVar(&e.webhooks, "webhook", nil, "`URL` on this machine that receives the events, besides those of the seed; may be repeated")
	flags.StringArrayVar(&e.hosts, "webhook-host", nil, "`host` on another machine that --webhook and the seed may name, such as a container; may be repeated")
	flags.DurationVar(&e.timeout, "webhook-timeout", 3*time.Second, "`duration` that a receiver has for an answer before the event is sent again; one in a debugger needs more")
	e.limits = choiceFlag(cmd, "limits", "kind of instance whose rate limits apply",
		string(clerktest.LimitsOff), string(clerktest.LimitsDevelopment), string(clerktest.LimitsProduction))
	flags.BoolVar(&e.strict, "strict", false, "where Clerk's behaviour is not published, give the answer that finds most mistakes")
	flags.BoolVar(&e.lenient, "lenient", false, "where Clerk's behaviour is not published, give the answer that lets most pass")
	pick(cmd, 0, 1, "strict", "lenient")
	e.log = choiceFlag(cmd, "log", "form of the log line of each request", logText, logJSON, logOff)
	_ = cmd.MarkFlagFilename("seed", "json") // it fails only for an unknown flag
	complete(cmd, nil, "addr", "secret-key", "webhook", "webhook-host", "webhook-timeout")
	return runs(cmd, e.run)
}

func (e *emulator) run(ctx context.Context, _ []string) error {
	clerk, file, err := e.clerk()
	if err != nil {
		return err
	}
	defer func() { _ = clerk.Close() }() // it has no server of its own, whose error this would be
	l, err := listen(ctx, e.addr, e.allowRemote)
	if err != nil {
		return err
	}
	a := announce(clerk, l.Addr(), file)
	if err := a.write(e.Stdout, e.log.value == logJSON); err != nil {
		return errors.Join(fmt.Errorf("the address cannot be printed: %w", err), l.Close())
	}
	// Streams of events end at once: they are not requests that get a grace.
	stop := context.AfterFunc(ctx, func() { _ = clerk.Close() }) // it has no server that could fail
	defer stop()
	return serve(ctx, l, e.handler(clerk, l.Addr()), e.Stderr, grace)
}

// clerk returns the instance, and what was read of a file with its state.
func (e *emulator) clerk() (*clerktest.Clerk, clerktest.SeedFile, error) {
	file, from, err := e.state()
	if err != nil {
		return nil, file, err
	}
	seed := file.Seed
	if e.secretKey != "" {
		if reason := badKey(e.secretKey); reason != "" {
			return nil, file, failed(ExitUsage, "--secret-key %s", reason)
		}
		seed.SecretKey = e.secretKey
	}
	if err := e.addWebhooks(&seed); err != nil {
		return nil, file, err
	}
	if e.timeout <= 0 {
		return nil, file, failed(ExitUsage, "--webhook-timeout is %s; it must be positive", e.timeout)
	}
	config := clerktest.Config{
		RequestLog: requestsKept, WebhookHosts: e.hosts, WebhookTimeout: e.timeout,
		Limits: clerktest.Limits(e.limits.value), Strict: e.strict, Lenient: e.lenient,
	}
	clerk, err := config.New(seed)
	if err != nil {
		return nil, file, refused(from, err)
	}
	return clerk, file, nil
}

// addWebhooks adds the webhooks of the flags to those of the seed.
func (e *emulator) addWebhooks(seed *clerktest.Seed) error {
	if err := address.CheckNames(e.hosts); err != nil {
		return failed(ExitUsage, "--webhook-host %w", err)
	}
	for _, url := range e.webhooks {
		if err := address.CheckLocal(url, e.hosts); errors.Is(err, address.ErrOffLoopback) {
			return failed(ExitUsage, "--webhook %s %w", url, err).hint("name its host with --webhook-host, too, if it is yours")
		} else if err != nil {
			return failed(ExitUsage, "--webhook %w", err)
		}
		seed.Webhooks = append(seed.Webhooks, clerktest.Webhook{URL: url})
	}
	return nil
}

// state returns the initial state, and where it comes from for errors. The emulator's own
// is of no kind.
func (e *emulator) state() (file clerktest.SeedFile, from string, err error) {
	from = e.seed
	var text []byte
	switch e.seed {
	case "":
		return clerktest.SeedFile{Seed: defaultSeed()}, "the emulator's own seed", nil
	case "-":
		from = "standard input"
		text, err = readText(e.in, longestSeed)
	default:
		text, err = readTextFile(e.seed, longestSeed)
	}
	if err != nil {
		return file, from, failed(ExitFile, "the seed cannot be read: %w", err)
	}
	if file, err = clerktest.ReadSeed(text); err != nil {
		return file, from, refused(from, err)
	}
	if reason := badKey(file.Seed.SecretKey); file.Seed.SecretKey != "" && reason != "" {
		return file, from, failed(ExitFile, "%s: secret_key %s", from, reason)
	}
	return file, from, nil
}

// refused names where a seed comes from, in place of the package that refused it.
func refused(from string, err error) error {
	refusal := failed(ExitFile, "%s: %s", from, strings.TrimPrefix(err.Error(), "clerktest: "))
	if errors.Is(err, address.ErrOffLoopback) {
		return refusal.hint("pass --webhook-host with the host if it is yours")
	}
	return refusal
}

// badKey returns why a key is none for an emulator, without quoting it. A live one would be
// printed.
func badKey(key string) string {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	rest, isTest := strings.CutPrefix(key, keys.SecretTest)
	switch {
	case strings.HasPrefix(key, keys.SecretLive):
		return "is a live key, which an emulator must not have: make up one that begins with " + keys.SecretTest
	case !isTest || rest == "":
		return "must begin with " + keys.SecretTest + " and have more characters"
	case strings.Trim(rest, allowed) != "":
		return "may hold letters, digits, - and _ only"
	}
	return ""
}

// defaultSeed has an entity for every call.
func defaultSeed() clerktest.Seed {
	type object = map[string]any
	return clerktest.Seed{
		Users: []clerktest.User{
			{
				ID: "user_1", FirstName: "Ada", LastName: "Example",
				PublicMetadata:  object{"role": "shopper"},
				PrivateMetadata: object{"stripeId": "cus_example"},
				UnsafeMetadata:  object{"theme": "dark"},
			},
			{ID: "user_2", FirstName: "Ben", LastName: "Example"},
		},
		Organizations: []clerktest.Organization{{ID: "org_1", Slug: "acme", Name: "Acme"}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1", Role: "org:admin"}},
		Sessions: []clerktest.Session{{
			ID: "sess_1", UserID: "user_1", ClientToken: "client_token_1", DevBrowser: "dvb_1",
		}},
	}
}
