package cli

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// envWebhookSecret is where Clerk's tools read the secret that signs webhooks.
const envWebhookSecret = "CLERK_WEBHOOK_SIGNING_SECRET" //nolint:gosec // a name //nolint:gosec // a name

// announcement describes the emulator before the first request.
type announcement struct {
	listening   string
	Event       string            `json:"event"`
	URL         string            `json:"url"`
	Environment map[string]string `json:"environment"`
	Seeded      *seeded           `json:"seeded,omitempty"`
	Loaded      *loaded           `json:"loaded,omitempty"`
}

// loaded counts what the file of --seed had.
type loaded struct {
	Kind          string   `json:"kind"`
	Users         int      `json:"users"`
	Organizations int      `json:"organizations"`
	Memberships   int      `json:"memberships"`
	Invitations   int      `json:"invitations"`
	Sessions      int      `json:"sessions"`
	LeftAside     []string `json:"left_aside"`
}

func newLoaded(file clerktest.SeedFile) *loaded {
	s := file.Seed
	return &loaded{
		file.Kind, len(s.Users), len(s.Organizations), len(s.Memberships), len(s.Invitations), len(s.Sessions),
		append([]string{}, file.LeftAside...),
	}
}

func (l *loaded) text() string {
	var counts []string
	for _, list := range []struct {
		n   int
		one string
	}{{l.Users, "user"}, {l.Organizations, "organization"}, {l.Memberships, "membership"}, {l.Invitations, "invitation"}, {l.Sessions, "session"}} {
		if list.n > 0 {
			counts = append(counts, count(int64(list.n), list.one, list.one+"s"))
		}
	}
	text := "loaded " + cmp.Or(strings.Join(counts, ", "), "nothing") + " from " + l.Kind + "\n"
	if len(l.LeftAside) > 0 {
		text += "left aside: " + strings.Join(l.LeftAside, ", ") + "\n"
	}
	return text + "\n"
}

// seeded names the entities of the default seed.
type seeded struct {
	Users         []string `json:"users"`
	Organizations []string `json:"organizations"`
	Memberships   []string `json:"memberships"`
	Sessions      []string `json:"sessions"`
	ClientToken   string   `json:"client_token"`
	DevBrowser    string   `json:"dev_browser"`
}

// environment returns the variables of clients. Their address is for this machine, which the
// unspecified address does not name.
func environment(clerk *clerktest.Clerk, addr net.Addr) map[string]string {
	host := addr.String()
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		host = net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
	}
	return map[string]string{
		client.EnvSecretKey:      clerk.SecretKey(),
		client.EnvAPIURL:         "http://" + host,
		client.EnvPublishableKey: "pk_test_" + base64.StdEncoding.EncodeToString([]byte(host+"$")),
		client.EnvFrontendURL:    "http://" + host,
		envWebhookSecret:         clerk.State().WebhookSecret,
	}
}

// announce describes an instance.
func announce(clerk *clerktest.Clerk, addr net.Addr, file clerktest.SeedFile) announcement {
	variables := environment(clerk, addr)
	a := announcement{
		listening:   "listening on http://" + addr.String() + "\n",
		Event:       "ready",
		URL:         variables[client.EnvAPIURL],
		Environment: variables,
	}
	if file.Kind != "" {
		a.Loaded = newLoaded(file)
		return a
	}
	a.Seeded = &seeded{}
	state := clerk.State()
	for _, u := range state.Users {
		a.Seeded.Users = append(a.Seeded.Users, u.ID)
	}
	for _, o := range state.Organizations {
		a.Seeded.Organizations = append(a.Seeded.Organizations, o.ID)
	}
	for _, m := range state.Memberships {
		a.Seeded.Memberships = append(a.Seeded.Memberships, m.ID)
	}
	for _, s := range state.Sessions {
		a.Seeded.Sessions = append(a.Seeded.Sessions, s.ID)
		a.Seeded.ClientToken, a.Seeded.DevBrowser = s.ClientToken, s.DevBrowser
	}
	return a
}

// write writes the line with the address, then lines for people or one JSON object.
func (a announcement) write(out io.Writer, asJSON bool) error {
	text := []byte(a.text())
	if asJSON {
		line, err := lineOf(a)
		if err != nil {
			return err
		}
		text = line
	}
	_, err := out.Write(append([]byte(a.listening), text...))
	return err
}

func (a announcement) text() string {
	var b strings.Builder
	b.WriteString("\n")
	if s := a.Seeded; s != nil {
		row := func(what string, ids ...string) { fmt.Fprintf(&b, "%-14s%s\n", what, strings.Join(ids, ", ")) }
		row("users", s.Users...)
		row("organization", s.Organizations...)
		row("membership", s.Memberships...)
		row("session", s.Sessions...)
		row("client token", s.ClientToken)
		row("dev browser", s.DevBrowser)
		b.WriteString("\n")
	}
	if a.Loaded != nil {
		b.WriteString(a.Loaded.text())
	}
	for _, name := range []string{client.EnvSecretKey, client.EnvAPIURL, client.EnvPublishableKey, envWebhookSecret, client.EnvFrontendURL} {
		fmt.Fprintf(&b, "export %s=%s\n", name, a.Environment[name])
	}
	b.WriteString("\n")
	return b.String()
}
