package clerktest

import (
	"slices"
	"strings"
)

// byUser adds the filters that lists of users and of memberships share; of is
// the user of a row, and about are the rows of a user.
func byUser[T row](c *Clerk, f *filters[T], of func(T) *user, about func(*user) []T) {
	rows := func(u *user) []T {
		if u == nil {
			return nil
		}
		return about(u)
	}
	handled := func(kind string) func(string) []T {
		return func(value string) []T { return rows(c.store.identified[handle{kind, value}.key()]) }
	}
	f.signed("user_id", func(v T, id string) bool { return of(v).id == id }, func(id string) []T { return rows(c.store.users.byID[id]) })
	f.oneOf("email_address", func(v T) []string { return of(v).emails }, handled("email_address"))
	f.oneOf("username", func(v T) []string { return some(of(v).username) }, handled("username"))
	f.part("query", func(v T, has func(string) bool) bool {
		u := of(v)
		return has(u.id) || has(u.username) || has(u.fullName()) || slices.ContainsFunc(u.emails, has)
	})
	f.part("email_address_query", func(v T, has func(string) bool) bool { return slices.ContainsFunc(of(v).emails, has) })
	f.part("username_query", func(v T, has func(string) bool) bool { return has(of(v).username) })
	f.part("name_query", func(v T, has func(string) bool) bool { return has(of(v).fullName()) })
}

func byUserNames() []string {
	return []string{"user_id", "email_address", "username", "query", "email_address_query", "username_query", "name_query"}
}

func (c *Clerk) userFilter(in *call, also ...string) (*filters[*user], *problem) {
	also = append(also, "external_id", "organization_id", "banned", "created_at_before", "created_at_after")
	if p := in.only(append(also, byUserNames()...)...); p != nil {
		return nil, p
	}
	f := &filters[*user]{in: in}
	byUser(c, f, func(u *user) *user { return u }, func(u *user) []*user { return []*user{u} })
	f.signed("external_id", func(u *user, id string) bool { return u.externalID == id }, func(id string) []*user {
		return some(c.store.identified[handle{"external_id", id}])
	})
	f.signed("organization_id", func(u *user, id string) bool { return c.store.memberships[member{id, u.id}] != nil }, func(id string) []*user {
		if o := c.store.organizations.byID[id]; o != nil {
			return few(o.members, func(m *membership) *user { return m.user })
		}
		return nil
	})
	banned, p := in.flag("banned")
	if p != nil {
		f.fail(p)
	}
	if banned != nil {
		f.add(func(u *user) bool { return *banned == u.banned })
	}
	f.bound("created_at_before", func(u *user, ms int64) bool { return u.created.UnixMilli() < ms })
	f.bound("created_at_after", func(u *user, ms int64) bool { return u.created.UnixMilli() > ms })
	return f, f.problem
}

func (c *Clerk) organizationFilter(in *call) (*filters[*organization], *problem) {
	if p := in.only("organization_id", "user_id", "query", "include_members_count", "limit", "offset", "order_by"); p != nil {
		return nil, p
	}
	f := &filters[*organization]{in: in}
	f.signed("organization_id", func(o *organization, id string) bool { return o.id == id }, func(id string) []*organization {
		return some(c.store.organizations.byID[id])
	})
	f.signed("user_id", func(o *organization, id string) bool { return c.store.memberships[member{o.id, id}] != nil }, func(id string) []*organization {
		if u := c.store.users.byID[id]; u != nil {
			return few(u.memberships, func(m *membership) *organization { return m.organization })
		}
		return nil
	})
	if query := in.query.Get("query"); query != "" {
		text := strings.ToLower(query)
		f.add(func(o *organization) bool {
			return o.id == query || strings.Contains(strings.ToLower(o.name), text) || strings.Contains(o.slug, text)
		})
	}
	return f, f.problem
}

func (c *Clerk) membershipFilter(in *call) (*filters[*membership], *problem) {
	if p := in.only(append(byUserNames(), "role", "limit", "offset", "order_by")...); p != nil {
		return nil, p
	}
	f := &filters[*membership]{in: in}
	byUser(c, f, func(m *membership) *user { return m.user }, func(u *user) []*membership {
		return some(c.store.memberships[member{in.ids[0], u.id}])
	})
	f.oneOf("role", func(m *membership) []string { return []string{m.role} }, nil)
	return f, f.problem
}

func (u *user) fullName() string {
	if u.lastName == "" {
		return strings.TrimSpace(u.firstName)
	}
	return strings.TrimSpace(u.firstName + " " + u.lastName)
}

// email is the primary address, "" if there is none.
func (u *user) email() string {
	if len(u.emails) == 0 {
		return ""
	}
	return u.emails[0]
}

// some holds v unless it is zero.
func some[T comparable](v T) []T {
	return slices.DeleteFunc([]T{v}, func(v T) bool { return v == *new(T) })
}

// few are what memberships lead to, all of it or more than mostKept.
func few[T any](t *table[*membership], of func(*membership) T) []T {
	var rows []T
	for _, m := range t.byID {
		if rows = append(rows, of(m)); len(rows) > mostKept {
			break
		}
	}
	return rows
}
