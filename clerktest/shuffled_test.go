package clerktest_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// mirror keeps users as a receiver should: it drops ids that it has seen, and what is
// older than what it holds.
type mirror struct {
	receiver

	twice  int
	seen   map[string]bool
	newest map[string]mirrored
}

type mirrored struct {
	updated float64
	name    string
}

func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.receiver.ServeHTTP(w, r)
	e := m.got[0]
	m.got = nil
	if m.seen[e.id] {
		m.twice++
		return
	}
	m.seen[e.id] = true
	id, _ := e.Data["id"].(string)
	now := mirrored{}
	now.updated, _ = e.Data["updated_at"].(float64)
	now.name, _ = e.Data["first_name"].(string)
	if e.verified && now.updated > m.newest[id].updated {
		m.newest[id] = now
	}
}

// Of 10,000 events some come late, twice, in another order, or not at all. A receiver
// that drops ids that it has seen and keeps the newest of each user ends with what the
// newest event that came says, and with what Clerk holds once another event has come.
func TestShuffledDeliveries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const people = 50
		events := rounds(10_000)
		m := &mirror{receiver: receiver{secret: clerktest.DefaultWebhookSecret}, seen: map[string]bool{}, newest: map[string]mirrored{}}
		c := clerktest.Config{Webhooks: m}.Start(t, clerktest.Seed{Users: make([]clerktest.User, people)})
		random := rand.New(rand.NewPCG(1, 2))
		id := func() string { return fmt.Sprintf("user_%d", 1+random.IntN(people)) }
		rename := func(id, name string) {
			backend(t, c, "PATCH", "/users/"+id, `{"first_name":"`+name+`"}`).field(t)
		}
		want, lost, twice := map[string]string{}, 0, 0
		for n := range events {
			d := clerktest.Delivery{Twice: random.IntN(5) == 0}
			switch random.IntN(4) {
			case 0:
				d.Late = time.Duration(random.IntN(3_600_000)) * time.Millisecond
			case 1:
				d.Overtaken = true
			case 2:
				d = clerktest.Delivery{Lost: true}
				lost++
			}
			if d.Twice {
				twice++
			}
			require.NoError(t, c.ScriptDeliveries(d))
			one, name := id(), fmt.Sprint(n)
			rename(one, name)
			if !d.Lost {
				want[one] = name
			}
		}
		require.NoError(t, c.Deliver(t.Context()))
		require.Len(t, m.seen, events-lost)
		require.Equal(t, twice, m.twice)
		held := map[string]string{}
		for id, newest := range m.newest {
			held[id] = newest.name
		}
		require.Equal(t, want, held)

		for n := range people {
			rename(fmt.Sprintf("user_%d", n+1), "last")
		}
		require.NoError(t, c.Deliver(t.Context()))
		for n := range people {
			u, ok := c.User(fmt.Sprintf("user_%d", n+1))
			require.True(t, ok)
			require.Equal(t, "last", m.newest[u.ID].name)
			require.Equal(t, float64(u.UpdatedAt.UnixMilli()), m.newest[u.ID].updated) //nolint:testifylint // whole numbers
		}
	})
}
