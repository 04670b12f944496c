package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// host is where every request believes to go; what carries it decides where it
// really goes.
const host = "127.0.0.1"

// world is one Clerk, and one SDK that reaches it over a line.
type world struct {
	calls.SDK

	clerk *clerktest.Test
	line  *line
	// told is what the SDK logged and reported of its attempts.
	told *bytes.Buffer
}

func newWorld(t *testing.T, op operation, f fault, times int, hangUp context.CancelFunc) world {
	t.Helper()
	clerk := clerktest.Start(t, calls.Seed(before()))
	good, bad := f.carry(t, clerk, hangUp)
	w := world{clerk: clerk, line: &line{good: good, bad: bad, op: op, times: times}, told: &bytes.Buffer{}}
	opts := append(f.options(),
		client.WithLogger(slog.New(slog.NewTextHandler(w.told, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		client.WithAttemptHook(func(_ context.Context, a observe.Attempt) { fmt.Fprintf(w.told, "%+v %#v\n", a, a) }),
	)
	var err error
	w.SDK, err = calls.New(clerk.SecretKey(), "http://"+host+"/v1", "http://"+host, w.line, opts...)
	require.NoError(t, err)
	return w
}

// fields are all the metadata that the world's Clerk holds, and how many entities.
func (w world) fields(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	state, invited := w.clerk.State(), 0
	for _, i := range state.Invitations {
		if i.Status != "pending" {
			all["status of "+i.ID] = i.Status
		}
		if i.OrganizationID == "" {
			invited++
		}
	}
	for kind, n := range map[calls.Kind]int{
		calls.User: len(state.Users), calls.Organization: len(state.Organizations), calls.Membership: len(state.Memberships),
		calls.Invited: invited, calls.InvitedMember: len(state.Invitations) - invited,
	} {
		all[numberOf(kind)] = strconv.Itoa(n)
	}
	put := func(id string, kind calls.Kind, entity any) {
		for _, field := range kind.Fields() {
			all[id+" "+field] = calls.Metadata(entity, field).String()
		}
	}
	for _, id := range []string{"user_1", "user_2"} {
		user, ok := w.clerk.User(id)
		require.True(t, ok)
		put(id, calls.User, user)
		membership, ok := w.clerk.Membership("org_1", id)
		require.True(t, ok)
		put("org_1/"+id, calls.Membership, membership)
	}
	for _, id := range []string{"org_1", "org_2"} {
		organization, ok := w.clerk.Organization(id)
		require.True(t, ok)
		put(id, calls.Organization, organization)
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
	if r.Method != l.op.request.Method {
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
