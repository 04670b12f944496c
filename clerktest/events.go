package clerktest

import (
	"net"
	"net/http"
	"time"
)

// instanceID is the id of every instance, in its events.
const instanceID = "ins_clerktest"

// reported is an entity that Clerk has events of.
type reported interface {
	// event returns the type and the data of the event of an edit; "" if there is none.
	event(what string) (name string, data map[string]any)
}

func (u *user) event(what string) (string, map[string]any) {
	if what != gone {
		return "user." + what, u.json(true)
	}
	data := deletedJSON("user", u.id)
	if u.ExternalID != "" {
		data["external_id"] = u.ExternalID
	}
	return "user." + what, data
}

func (o *organization) event(what string) (string, map[string]any) {
	if what != gone {
		return "organization." + what, o.json(true)
	}
	data := deletedJSON("organization", o.id)
	data["slug"] = o.Slug
	return "organization." + what, data
}

func (m *membership) event(what string) (string, map[string]any) {
	return "organizationMembership." + what, m.json(true)
}

// event: Clerk has none of invitations to the application, and none of the end of one
// that goes with its organization.
func (i *invitation) event(what string) (string, map[string]any) {
	if i.organization == nil || what == gone {
		return "", nil
	}
	data := i.json(true)
	if what == accepted {
		data["user_id"] = i.acceptedBy
	}
	return "organizationInvitation." + what, data
}

// emit queues the events of edits, which a request made or, if it is nil, none.
func (c *Clerk) emit(r *http.Request, edits []edit) {
	if len(c.endpoints) == 0 {
		return
	}
	for _, e := range edits {
		of, ok := e.of.(reported)
		if !ok {
			continue
		}
		name, data := of.event(e.what)
		if name == "" {
			continue
		}
		now := time.Now()
		c.send(now, name, encode(map[string]any{
			"object":           "event",
			"type":             name,
			"timestamp":        now.UnixMilli(),
			"instance_id":      instanceID,
			"event_attributes": map[string]any{"http_request": requester(r)},
			"data":             data,
		}))
	}
}

// requester describes who made a change, as far as a request shows it.
func requester(r *http.Request) map[string]string {
	var ip, agent string
	if r != nil {
		ip, _, _ = net.SplitHostPort(r.RemoteAddr)
		agent = r.UserAgent()
	}
	return map[string]string{"client_ip": ip, "user_agent": agent}
}
