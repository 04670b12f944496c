package faults

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// operation is one request of one call: the one that meets the fault.
type operation struct {
	calls.Call

	request calls.Request
	name    string
	in      calls.Input
	// passes is how many requests with the same method come before it.
	passes int
	// second is true where another request comes before it.
	second bool
}

const (
	secret = "s3cret-value"

	// What the input's patch and value make of before.
	merged   = `{"kept":1,"list":[1,2],"plan":"s3cret-value"}`
	replaced = `{"list":[1,2],"plan":"s3cret-value"}`
)

type content map[string]any

// before is every field at the start.
func before() content {
	return content{"kept": 1, "list": []int{0}, "old": true}
}

func input() calls.Input {
	in := calls.Valid()
	in.Patch = calls.Same(metadata.Patch{"plan": secret, "list": []int{1, 2}, "old": metadata.Delete})
	in.Value = calls.Same(metadata.Of(content{"plan": secret, "list": []int{1, 2}}))
	return in
}

// operations are the requests of every call, and of each walk the last page too.
func operations(t *testing.T) []operation {
	t.Helper()
	var all []operation
	for _, c := range calls.All() {
		for i, r := range c.Requests {
			op := operation{Call: c, request: r, name: c.Name, in: input(), second: i > 0}
			if len(c.Requests) > 1 {
				op.name += ", " + r.Method
			}
			all = append(all, op)
		}
		if walks := c.List && strings.Contains(c.Name, "All"); walks && !c.IsView() {
			op := operation{Call: c, request: c.Requests[0], name: c.Name + ", last page", in: input()}
			op.in.PageSize = 1
			op.passes = requests(t, op) - 1
			require.Positive(t, op.passes, op.name)
			all = append(all, op)
		}
	}
	return all
}

// requests is how many requests an operation makes where nothing fails.
func requests(t *testing.T, op operation) int {
	t.Helper()
	clerk, err := clerktest.New(calls.Seed(before()))
	require.NoError(t, err)
	s, err := calls.New(clerk.SecretKey(), "http://"+host+"/v1", "http://"+host, clerk.Transport())
	require.NoError(t, err)
	require.NoError(t, op.Do(t.Context(), s, op.in).Err)
	return len(clerk.Requests())
}

// do reports whether a result came, with the error if there is one.
func (o operation) do(ctx context.Context, s calls.SDK) (bool, error) {
	r := o.Do(ctx, s, o.in)
	return len(r.Found) > 0, r.Err
}

// change makes the call's changes in all fields.
func (o operation) change(fields map[string]string) {
	entity := map[calls.Kind]string{calls.User: "user_1", calls.SignedIn: "user_1", calls.Organization: "org_1", calls.Membership: "org_1/user_1"}[o.Target]
	if o.Revokes {
		fields["status of "+map[calls.Kind]string{calls.Invited: "inv_1", calls.InvitedMember: "orginv_1"}[o.Target]] = "revoked"
		return
	}
	if o.Creates > 0 {
		count := numberOf(o.Target)
		n, _ := strconv.Atoi(fields[count])
		fields[count] = strconv.Itoa(n + o.Creates)
		return
	}
	for _, field := range o.Target.Fields() {
		fields[entity+" "+field] = merged
		if o.Replaces {
			fields[entity+" "+field] = replaced
		}
	}
}

// numberOf is the key of how many entities of a kind there are.
func numberOf(kind calls.Kind) string { return "number of " + string(kind) }

// shape is what is the same of operations that stand for each other.
type shape struct{ write, posts, list, frontend bool }

func (o operation) shape() shape {
	return shape{o.request.IsWrite(), o.IsPost(), o.List, o.IsFrontend()}
}
