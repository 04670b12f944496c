package clerktest

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

const (
	publicMetadata  = "public_metadata"
	privateMetadata = "private_metadata"
	unsafeMetadata  = "unsafe_metadata"
)

// entity is the part that users, organizations and memberships share.
type entity struct {
	id      string
	seq     int // order of creation, where created is the same
	created time.Time
	updated time.Time
	// meta has a key for each metadata field of this kind of entity.
	meta map[string]metadata.Object
}

func (e *entity) base() *entity { return e }

func (e *entity) change(_ *store, do func() *problem) *problem { return do() }

// touch advances updated by at least a millisecond, so that every write shows.
func (e *entity) touch() {
	e.updated = later(e.updated, time.Now())
}

func later(old, now time.Time) time.Time {
	if next := old.Add(time.Millisecond); now.Before(next) {
		return next
	}
	return now
}

type user struct {
	entity
	firstName, lastName, username string
	externalID, locale            string
	emails                        []string // verified, the first is the primary one
	password, banned, locked      bool
	memberships                   *table[*membership]
	sessions                      []*session
}

type organization struct {
	entity
	slug, name, createdBy string
	most                  int // memberships, 0 for no limit
	members               *table[*membership]
}

type membership struct {
	entity
	organization *organization
	user         *user
	role         string
}

type member struct{ organization, user string }

// store is the state of the instance. The fake's mutex guards it.
type store struct {
	seq           int
	users         *table[*user]
	identified    map[handle]*user
	organizations *table[*organization]
	slugs         map[string]*organization
	memberships   map[member]*membership
	members       orders[*membership]
	sessions      map[string]*session
	tokens        map[string]*device // every token still good
	devBrowsers   map[string]*device
}

func newStore(seed Seed) (*store, error) {
	st := &store{
		users:         newTable(userOrders()),
		identified:    map[handle]*user{},
		organizations: newTable(organizationOrders()),
		slugs:         map[string]*organization{},
		memberships:   map[member]*membership{},
		members:       membershipOrders(),
		sessions:      map[string]*session{},
		tokens:        map[string]*device{},
		devBrowsers:   map[string]*device{},
	}
	membershipIDs := map[string]bool{}
	err := cmp.Or(
		addAll("users", seed.Users, func(i int, u User) error {
			u.ID = cmp.Or(u.ID, fmt.Sprintf("user_%d", i+1))
			return st.addUser(u)
		}),
		addAll("organizations", seed.Organizations, func(i int, o Organization) error {
			o.ID = cmp.Or(o.ID, fmt.Sprintf("org_%d", i+1))
			o.Slug = cmp.Or(o.Slug, o.ID)
			return st.addOrganization(o)
		}),
		addAll("memberships", seed.Memberships, func(i int, m Membership) error {
			m.ID = cmp.Or(m.ID, fmt.Sprintf("orgmem_%d", i+1))
			if membershipIDs[m.ID] {
				return taken("id", m.ID)
			}
			membershipIDs[m.ID] = true
			return st.addMembership(m)
		}),
		addAll("sessions", seed.Sessions, st.addSession),
	)
	return st, err
}

func (st *store) addUser(seed User) error {
	e, err := st.newEntity(seed.ID, seed.CreatedAt, seed.UpdatedAt, map[string]any{
		publicMetadata: seed.PublicMetadata, privateMetadata: seed.PrivateMetadata, unsafeMetadata: seed.UnsafeMetadata,
	})
	if err != nil {
		return err
	}
	u := &user{
		entity: e, firstName: seed.FirstName, lastName: seed.LastName, username: seed.Username,
		externalID: seed.ExternalID, locale: seed.Locale, emails: slices.Clone(seed.EmailAddresses),
		password: seed.PasswordEnabled, banned: seed.Banned, locked: seed.Locked, memberships: newTable(st.members),
	}
	for _, address := range u.emails {
		if !isEmail(address) {
			return bad("email_addresses", "%q is no email address", address)
		}
	}
	if st.users.byID[u.id] != nil {
		return taken("id", u.id)
	}
	switch id := st.conflict(u); id.kind {
	case "":
	case "email_address":
		return taken("email_addresses", id.value)
	default:
		return taken(id.kind, id.value)
	}
	st.insertUser(u)
	return nil
}

func (st *store) addOrganization(seed Organization) error {
	e, err := st.newEntity(seed.ID, seed.CreatedAt, seed.UpdatedAt, map[string]any{
		publicMetadata: seed.PublicMetadata, privateMetadata: seed.PrivateMetadata,
	})
	if err != nil {
		return err
	}
	o := &organization{
		entity: e, slug: seed.Slug, name: cmp.Or(seed.Name, e.id),
		createdBy: seed.CreatedBy, most: seed.MaxAllowedMemberships, members: newTable(st.members),
	}
	switch { // requests name an organization by id or slug
	case st.organization(o.id) != nil:
		return taken("id", o.id)
	case st.organization(o.slug) != nil:
		return taken("slug", o.slug)
	case o.most < 0:
		return bad("max_allowed_memberships", "max_allowed_memberships is negative")
	}
	st.insertOrganization(o)
	return nil
}

func (st *store) addMembership(seed Membership) error {
	e, err := st.newEntity(seed.ID, seed.CreatedAt, seed.UpdatedAt, map[string]any{
		publicMetadata: seed.PublicMetadata, privateMetadata: seed.PrivateMetadata,
	})
	if err != nil {
		return err
	}
	m := &membership{
		entity:       e,
		organization: st.organizations.byID[seed.OrganizationID],
		user:         st.users.byID[seed.UserID],
		role:         cmp.Or(seed.Role, "org:member"),
	}
	key := member{seed.OrganizationID, seed.UserID}
	switch {
	case m.organization == nil:
		return bad("organization_id", "there is no organization %q", seed.OrganizationID)
	case m.user == nil:
		return bad("user_id", "there is no user %q", seed.UserID)
	case st.memberships[key] != nil:
		return fmt.Errorf("user %q is a member of %q already", key.user, key.organization)
	}
	st.insertMembership(m)
	return nil
}

func containsFold(values []string, value string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, value) })
}

// isEmail is a rough check: it refuses only what is certainly no address.
func isEmail(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	return ok && name != "" && host != "" && !strings.ContainsAny(s, " \t\r\n<>")
}

// fresh is a new entity with these metadata fields, each {}.
func (st *store) fresh(prefix string, fields ...string) entity {
	values := map[string]any{}
	for _, field := range fields {
		values[field] = nil
	}
	e, _ := st.newEntity(prefix+"_"+rand.Text(), 0, 0, values) // these values are valid
	return e
}

// newEntity makes the common part; a time of 0 is now.
func (st *store) newEntity(id string, created, updated int64, values map[string]any) (entity, error) {
	now := time.Now()
	st.seq++
	e := entity{id: id, seq: st.seq, created: now, updated: now, meta: map[string]metadata.Object{}}
	if created != 0 {
		e.created, e.updated = time.UnixMilli(created), time.UnixMilli(created)
	}
	if updated != 0 {
		e.updated = time.UnixMilli(updated)
	}
	for field, v := range values {
		o, err := seedObject(v)
		if err != nil {
			return entity{}, bad(field, "%s: %w", field, err)
		}
		e.meta[field] = o
	}
	return e, nil
}
