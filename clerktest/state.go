package clerktest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/internal/signature"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// User returns a copy of a user as the Backend API would show it now.
func (c *Clerk) User(id string) (*users.User, bool) {
	return parsed(c, users.ParseUser, func() *user { return c.store.users.byID[id] })
}

// Organization returns a copy of an organization, by id, as the Backend API would show
// it now.
func (c *Clerk) Organization(id string) (*organizations.Organization, bool) {
	return parsed(c, organizations.ParseOrganization, func() *organization { return c.store.organizations.byID[id] })
}

// Membership returns a copy of a membership as the Backend API would show it now.
func (c *Clerk) Membership(organizationID, userID string) (*organizations.Membership, bool) {
	return parsed(c, organizations.ParseMembership, func() *membership { return c.store.memberships[member{organizationID, userID}] })
}

// parsed returns the row that find returns, as a client parses it.
func parsed[T row, R any](c *Clerk, parse func([]byte) (*R, error), find func() T) (*R, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := find()
	if v == *new(T) {
		return nil, false
	}
	r, err := parse(encode(v.json(true)))
	return r, err == nil
}

// State returns what the instance holds, as a seed with every default filled in: an
// instance made of it answers as this one does.
func (c *Clerk) State() Seed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dump()
}

// SetState replaces what the instance holds; on an error nothing changes. Without a
// secret key in the seed the present one stays, as do the webhook secret and, where
// Webhooks is nil, the webhooks. Scripted faults and the request log
// stay, too; the rate limits start again.
func (c *Clerk) SetState(seed Seed) error {
	if err := c.load(seed, false); err != nil {
		return fmt.Errorf("clerktest: %w", err)
	}
	return nil
}

// Reset restores the state and the answers to guesses that the instance was created with,
// and drops the scripted faults and the request log.
func (c *Clerk) Reset() {
	// The error is always nil: the seed was dumped from a valid state.
	_ = c.load(c.initial, true)
}

// load replaces the state by that of a seed and, for a reset, drops faults and log.
func (c *Clerk) load(seed Seed, reset bool) error {
	claims, err := plainClaims(seed.SessionClaims)
	if err == nil {
		err = checkSessionClaims(claims)
	}
	if err != nil {
		return err
	}
	if err := checkWebhookSecret(seed.WebhookSecret); err != nil {
		return err
	}
	st, err := newStore(seed)
	if err != nil {
		return err
	}
	if err := c.checkHosts(seed.Webhooks); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store = st
	c.secretKey = cmp.Or(seed.SecretKey, c.secretKey)
	c.webhookSecret = cmp.Or(seed.WebhookSecret, c.webhookSecret)
	c.webhookKey, _ = signature.ParseKey(c.webhookSecret) // checked above
	if seed.Webhooks != nil || reset || c.endpoints == nil {
		c.setEndpoints(seed.Webhooks)
	}
	c.sessionClaims = claims
	c.limiter.recent, c.limiter.invited = nil, nil
	c.feed.mark(markState)
	if reset {
		c.scripts, c.requests, c.scriptedDeliveries = nil, nil, nil
		c.deliveries = deliveryLog{seq: c.deliveries.seq}
		c.guesses.Store(&c.answers)
		c.feed.publish("reset", func() any { return struct{}{} })
	}
	return nil
}

// dump is State with the lock held.
func (c *Clerk) dump() Seed {
	st := c.store
	claims, _ := plainClaims(c.sessionClaims) // the caller may change them
	seed := Seed{SecretKey: c.secretKey, WebhookSecret: c.webhookSecret, SessionClaims: claims}
	for _, e := range c.endpoints {
		if e.fromSeed() {
			seed.Webhooks = append(seed.Webhooks, Webhook{e.URL, slices.Clone(e.Events)})
		}
	}
	for _, u := range ordered(st.users.byID) {
		part := u.User
		part.cloneLists()
		u.fill(part.part())
		seed.Users = append(seed.Users, part)
	}
	for _, o := range ordered(st.organizations.byID) {
		part := o.Organization
		o.fill(part.part())
		seed.Organizations = append(seed.Organizations, part)
	}
	for _, m := range ordered(st.memberships) {
		part := m.Membership
		m.fill(part.part())
		seed.Memberships = append(seed.Memberships, part)
	}
	for _, i := range ordered(st.invitations.byID) {
		part := i.Invitation
		i.fill(part.part())
		if i.organization == nil {
			part.PrivateMetadata = nil
		}
		seed.Invitations = append(seed.Invitations, part)
	}
	for _, s := range ordered(st.sessions.byID) {
		seed.Sessions = append(seed.Sessions, s.seed())
	}
	return seed
}

// fill sets the common fields of a part of a seed to those of the entity.
func (e *entity) fill(p part) {
	*p.id, *p.created, *p.updated = e.id, e.created, e.updated
	for name, field := range p.metadata {
		var v metadata.Value
		_ = v.UnmarshalJSON(e.meta[name].Raw()) // what is stored is valid
		*field = v
	}
}

// seed is the session as a part of a seed. One that its client does not show has no
// credential.
func (s *session) seed() Session {
	cl := s.client
	seed := Session{
		ID: s.id, UserID: s.user.id, Status: s.status, ClientID: cl.id, Active: cl.active == s,
		CreatedAt: s.created, UpdatedAt: s.updated,
	}
	if s.onClient() {
		seed.ClientToken = cl.token
		if n := len(cl.browsers); n > 0 {
			seed.DevBrowser = cl.browsers[min(slices.Index(cl.sessions, s), n-1)]
		}
	}
	if s.organization != nil {
		seed.ActiveOrganizationID = s.organization.id
	}
	return seed
}

// ordered returns entities in the order of their creation.
func ordered[K comparable, E row](all map[K]E) []E {
	return slices.SortedFunc(maps.Values(all), func(a, b E) int { return cmp.Compare(a.base().seq, b.base().seq) })
}
