package clerktest

import (
	"net/http"
	"slices"
)

// What an edit is. One that ends an invitation has the invitation's new status.
const (
	made    = "created"
	changed = "updated"
	gone    = "deleted"
)

// stored is an entity of any kind that the store holds.
type stored interface {
	base() *entity
	kind() string
	// json is how the Backend API shows it or, without what is private, the Frontend API.
	json(private bool) map[string]any
}

func (*user) kind() string         { return "user" }
func (*organization) kind() string { return "organization" }
func (*membership) kind() string   { return "membership" }
func (*invitation) kind() string   { return "invitation" }
func (*session) kind() string      { return "session" }

// edit is what an operation did to one entity.
type edit struct {
	what   string
	of     stored
	before map[string]any // its json before; nil for one that was made or is gone
}

// note adds an edit to those of the operation. A creation, a removal and the first of
// several changes include the changes that follow in the same operation.
func (st *store) note(what string, of stored, before map[string]any) {
	follows := func(e edit) bool { return e.of == of && (e.what == what || e.what == made || e.what == gone) }
	if before == nil || !slices.ContainsFunc(st.edits, follows) {
		st.edits = append(st.edits, edit{what, of, before})
	}
}

// settle sends the events of the edits since the last call, and returns the edits. The
// request is the one that made them, nil if none did.
func (c *Clerk) settle(r *http.Request) []edit {
	edits := c.store.edits
	c.store.edits = nil
	c.emit(r, edits)
	if len(edits) > 0 {
		c.feed.mark(markState)
	}
	return edits
}
