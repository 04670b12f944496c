package clerktest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// State returns what the instance holds, as a seed with every default filled in: an
// instance made of it answers as this one does.
func (c *Clerk) State() Seed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dump()
}

// SetState replaces what the instance holds; on an error nothing changes. Without a
// secret key in the seed the present one stays. Scripted faults and the request log
// stay too; the rate limits start afresh.
func (c *Clerk) SetState(seed Seed) error {
	if err := c.load(seed); err != nil {
		return fmt.Errorf("clerktest: %w", err)
	}
	return nil
}

// Reset restores the state that the instance was created with, and drops the
// scripted faults and the request log.
func (c *Clerk) Reset() {
	// The error is always nil: the seed was dumped from a valid state.
	_ = c.load(c.initial, func() { c.scripts, c.requests = nil, nil })
}

// load makes a store from a seed. Only then it takes the lock and calls also.
func (c *Clerk) load(seed Seed, also ...func()) error {
	if err := checkSessionClaims(seed.SessionClaims); err != nil {
		return err
	}
	st, err := newStore(seed)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store = st
	c.secretKey = cmp.Or(seed.SecretKey, c.secretKey)
	c.sessionClaims = nil
	if len(seed.SessionClaims) > 0 {
		c.sessionClaims = maps.Clone(seed.SessionClaims)
	}
	c.limiter.recent = nil
	for _, do := range also {
		do()
	}
	return nil
}

// dump is State with the lock held.
func (c *Clerk) dump() Seed {
	st := c.store
	seed := Seed{SecretKey: c.secretKey, SessionClaims: maps.Clone(c.sessionClaims)}
	for _, u := range ordered(st.users.byID) {
		seed.Users = append(seed.Users, User{
			ID:             u.id,
			PublicMetadata: u.value(publicMetadata), PrivateMetadata: u.value(privateMetadata), UnsafeMetadata: u.value(unsafeMetadata),
			FirstName: u.firstName, LastName: u.lastName, Username: u.username, ExternalID: u.externalID, Locale: u.locale,
			EmailAddresses: slices.Clone(u.emails), PasswordEnabled: u.password, Banned: u.banned, Locked: u.locked,
			CreatedAt: u.created.UnixMilli(), UpdatedAt: u.updated.UnixMilli(),
		})
	}
	for _, o := range ordered(st.organizations.byID) {
		seed.Organizations = append(seed.Organizations, Organization{
			ID: o.id, Slug: o.slug, Name: o.name, CreatedBy: o.createdBy, MaxAllowedMemberships: o.most,
			PublicMetadata: o.value(publicMetadata), PrivateMetadata: o.value(privateMetadata),
			CreatedAt: o.created.UnixMilli(), UpdatedAt: o.updated.UnixMilli(),
		})
	}
	for _, m := range ordered(st.memberships) {
		seed.Memberships = append(seed.Memberships, Membership{
			ID: m.id, OrganizationID: m.organization.id, UserID: m.user.id, Role: m.role,
			PublicMetadata: m.value(publicMetadata), PrivateMetadata: m.value(privateMetadata),
			CreatedAt: m.created.UnixMilli(), UpdatedAt: m.updated.UnixMilli(),
		})
	}
	seed.Sessions = st.dumpSessions()
	return seed
}

// dumpSessions keeps the order of each client's sessions.
func (st *store) dumpSessions() []Session {
	browsers := map[*device][]string{}
	for _, token := range slices.Sorted(maps.Keys(st.devBrowsers)) {
		cl := st.devBrowsers[token]
		browsers[cl] = append(browsers[cl], token)
	}
	var sessions []Session
	done := map[*device]bool{}
	for _, first := range slices.SortedFunc(maps.Values(st.sessions), func(a, b *session) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.id, b.id))
	}) {
		cl := first.client
		if done[cl] {
			continue
		}
		done[cl] = true
		for i, s := range cl.sessions {
			seed := Session{
				ID: s.id, UserID: s.user.id, ClientID: cl.id, ClientToken: cl.token, Active: cl.active == s,
				CreatedAt: s.created.UnixMilli(), UpdatedAt: s.updated.UnixMilli(),
			}
			if n := len(browsers[cl]); n > 0 {
				seed.DevBrowser = browsers[cl][min(i, n-1)]
			}
			if s.organization != nil {
				seed.ActiveOrganizationID = s.organization.id
			}
			sessions = append(sessions, seed)
		}
	}
	return sessions
}

// ordered returns entities in the order of their creation.
func ordered[K comparable, E row](all map[K]E) []E {
	return slices.SortedFunc(maps.Values(all), func(a, b E) int { return cmp.Compare(a.base().seq, b.base().seq) })
}

// value is a metadata field in the form of a seed.
func (e *entity) value(field string) metadata.Value {
	var v metadata.Value
	_ = v.UnmarshalJSON(e.meta[field].Raw()) // what is stored is valid
	return v
}
