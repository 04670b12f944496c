package clerktest_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// A hundred clients at once read and write the same few entities: no write is
// lost, and none is seen by halves.
func TestHundredClients(t *testing.T) {
	t.Parallel()
	clients, each := rounds(100), 2
	c := configured(t, clerktest.Config{RequestLog: 50})
	both := func(w int) string {
		return fmt.Sprintf(`{"public_metadata":{"w%d":%d},"private_metadata":{"w%d":%d}}`, w, w, w, w)
	}
	var wg sync.WaitGroup
	for w := range clients {
		wg.Go(func() {
			made := strings.Trim(backend(t, c, "POST", "/users", `{"username":"u`+fmt.Sprint(w)+`"}`).field(t, "id"), `"`)
			for i := range each {
				backend(t, c, "PATCH", "/users/user_2/metadata", both(w*each+i)).field(t)
				backend(t, c, "PATCH", "/organizations/org_1/metadata", both(w*each+i)).field(t)
				native(t, c, "PATCH", "/me/metadata", fmt.Sprintf("unsafe_metadata=%%7B%%22w%d%%22%%3A1%%7D", w)).field(t)
				r := backend(t, c, "GET", "/users/user_2", "")
				require.Equal(t, r.field(t, "public_metadata"), r.field(t, "private_metadata"))
				backend(t, c, "GET", "/users?user_id=user_1&limit=500", "").isList(t)
			}
			require.NotEmpty(t, c.State().Users)
			backend(t, c, "POST", "/organizations/org_2/memberships", `{"user_id":"`+made+`","role":"org:member"}`).field(t)
			if w%2 == 0 {
				backend(t, c, "DELETE", "/users/"+made, "").field(t)
			}
		})
	}
	wg.Wait()
	size := func(o metadata.Object) int {
		members, err := o.Map()
		require.NoError(t, err)
		return len(members)
	}
	u, _ := c.User("user_2")
	require.Equal(t, clients*each, size(u.PublicMetadata))
	o, _ := c.Organization("org_1")
	require.Equal(t, clients*each+1, size(o.PublicMetadata), "and the tier")
	u, _ = c.User("user_1")
	require.Equal(t, clients+1, size(u.UnsafeMetadata), "and the theme")
	require.Len(t, c.State().Users, 2+clients/2)
	require.Equal(t, fmt.Sprint(clients/2), backend(t, c, "GET", "/organizations/org_2/memberships", "").field(t, "total_count"))
	require.Len(t, c.Requests(), 50)
}
