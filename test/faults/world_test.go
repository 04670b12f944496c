package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// host is where every request believes to go; what carries it decides where it
// really goes.
const host = "127.0.0.1"

// world is one Clerk, and one SDK that reaches it over a line.
type world struct {
	sdk

	clerk *clerktest.Test
	line  *line
	// told is what the SDK wrote about its attempts.
	told *bytes.Buffer
}

func newWorld(t *testing.T, op operation, f fault, times int, hangUp context.CancelFunc) world {
	t.Helper()
	stored := clerktest.User{PublicMetadata: field(), PrivateMetadata: field(), UnsafeMetadata: field()}
	clerk := clerktest.Start(t, clerktest.Seed{
		Users:         []clerktest.User{stored, stored},
		Organizations: []clerktest.Organization{{PublicMetadata: field(), PrivateMetadata: field()}, {}},
		Memberships: []clerktest.Membership{
			{OrganizationID: "org_1", UserID: "user_1", PublicMetadata: field(), PrivateMetadata: field()},
			{OrganizationID: "org_1", UserID: "user_2"},
		},
		Sessions: []clerktest.Session{{UserID: "user_1", ClientToken: token}},
	})
	good, bad := f.carry(t, clerk, hangUp)
	w := world{clerk: clerk, line: &line{good: good, bad: bad, op: op, times: times}, told: &bytes.Buffer{}}
	opts := append(f.options(),
		client.WithHTTPClient(&http.Client{Transport: w.line}),
		client.WithLogger(slog.New(slog.NewTextHandler(w.told, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		client.WithAttemptHook(func(_ context.Context, a observe.Attempt) { fmt.Fprintf(w.told, "%+v %#v\n", a, a) }),
	)
	var err error
	w.me, err = client.NewFrontend("http://"+host, opts...)
	require.NoError(t, err)
	w.Client, err = client.New(client.SecretKey(clerk.SecretKey()), append(opts, client.WithBaseURL("http://"+host+"/v1"))...)
	require.NoError(t, err)
	return w
}

func field() metadata.Value {
	return metadata.Of(content{"kept": 1, "list": []int{0}, "old": true})
}

// fields are all the metadata that the world's Clerk holds.
func (w world) fields(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, id := range []string{"user_1", "user_2"} {
		u, ok := w.clerk.User(id)
		require.True(t, ok)
		all[id+" public"], all[id+" private"], all[id+" unsafe"] = u.PublicMetadata.String(), u.PrivateMetadata.String(), u.UnsafeMetadata.String()
		m, ok := w.clerk.Membership("org_1", id)
		require.True(t, ok)
		all["org_1/"+id+" public"], all["org_1/"+id+" private"] = m.PublicMetadata.String(), m.PrivateMetadata.String()
	}
	for _, id := range []string{"org_1", "org_2"} {
		o, ok := w.clerk.Organization(id)
		require.True(t, ok)
		all[id+" public"], all[id+" private"] = o.PublicMetadata.String(), o.PrivateMetadata.String()
	}
	return all
}

// line carries the requests under test to where they fail, so often as times
// says, and every other request to Clerk. One call at a time uses it.
type line struct {
	good, bad http.RoundTripper
	op        operation
	times     int

	passed int
	seen   []sent
}

// sent is one request under test.
type sent struct {
	what string
	at   time.Time
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != l.op.method {
		return l.good.RoundTrip(r)
	}
	if l.passed < l.op.passes {
		l.passed++
		return l.good.RoundTrip(r)
	}
	text, err := describe(r)
	if err != nil {
		return nil, err
	}
	l.seen = append(l.seen, sent{text, time.Now()})
	if len(l.seen) > l.times {
		return l.good.RoundTrip(r)
	}
	return l.bad.RoundTrip(r)
}

// describe is all that a request says.
func describe(r *http.Request) (string, error) {
	var body []byte
	if r.GetBody != nil {
		again, err := r.GetBody()
		if err != nil {
			return "", err
		}
		if body, err = io.ReadAll(again); err != nil {
			return "", err
		}
	}
	return fmt.Sprintln(r.Method, r.URL, r.Header, string(body)), nil
}

// roundTripper is an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
