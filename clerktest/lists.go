package clerktest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// row is an entity in a list.
type row interface{ base() *entity }

// keys are the values that a list can be ordered by. Those that the fake has no
// data for are there and nil: they order nothing.
type keys[T row] map[string]func(T) string

func created[T row](e T) string { return fmt.Sprintf("%020d", e.base().created.UnixMilli()) }

func updated[T row](e T) string { return fmt.Sprintf("%020d", e.base().updated.UnixMilli()) }

func (c *Clerk) matchingUsers(in *call, also ...string) ([]*user, *problem) {
	match, p := c.userFilter(in, append(also, "limit", "offset", "order_by")...)
	if p != nil {
		return nil, p
	}
	users := slices.Collect(maps.Values(c.store.users))
	return slices.DeleteFunc(users, func(u *user) bool { return !match(u) }), nil
}

func (c *Clerk) listUsers(in *call) (any, *problem) {
	users, p := c.matchingUsers(in, "starting_after")
	if p != nil {
		return nil, p
	}
	by := keys[*user]{
		"created_at": created[*user], "updated_at": updated[*user],
		"first_name":    func(u *user) string { return u.firstName },
		"last_name":     func(u *user) string { return u.lastName },
		"username":      func(u *user) string { return u.username },
		"email_address": (*user).email,
		"phone_number":  nil, "web3wallet": nil, "last_active_at": nil, "last_sign_in_at": nil,
	}
	users, p = page(c, in, users, by)
	if p != nil {
		return nil, p
	}
	list := make([]any, len(users))
	for i, u := range users {
		list[i] = userJSON(u, true)
	}
	return list, nil
}

func (c *Clerk) countUsers(in *call) (any, *problem) {
	users, p := c.matchingUsers(in)
	if p != nil {
		return nil, p
	}
	return map[string]any{"object": "total_count", "total_count": len(users)}, nil
}

func (c *Clerk) listOrganizations(in *call) (any, *problem) {
	if p := c.organizationsEnabled(); p != nil {
		return nil, p
	}
	match, p := c.organizationFilter(in)
	if p != nil {
		return nil, p
	}
	counts, p := in.flag("include_members_count")
	if p != nil {
		return nil, p
	}
	members := c.store.members()
	by := keys[*organization]{
		"created_at":    created[*organization],
		"name":          func(o *organization) string { return o.name },
		"members_count": func(o *organization) string { return fmt.Sprintf("%020d", members[o]) },
	}
	all := slices.Collect(maps.Values(c.store.organizations))
	all = slices.DeleteFunc(all, func(o *organization) bool { return !match(o) })
	total := len(all)
	all, p = page(c, in, all, by)
	if p != nil {
		return nil, p
	}
	data := make([]any, len(all))
	for i, o := range all {
		m := organizationJSON(o, true)
		if counts != nil && *counts {
			m["members_count"] = members[o]
		}
		data[i] = m
	}
	return map[string]any{"data": data, "total_count": total}, nil
}

func (c *Clerk) listMemberships(in *call) (any, *problem) {
	if p := c.organizationsEnabled(); p != nil {
		return nil, p
	}
	match, p := c.membershipFilter(in)
	if p != nil {
		return nil, p
	}
	o, p := c.findOrganization(in.ids[0], false)
	if p != nil {
		return nil, p
	}
	by := keys[*membership]{
		"created_at":    created[*membership],
		"first_name":    func(m *membership) string { return m.user.firstName },
		"last_name":     func(m *membership) string { return m.user.lastName },
		"username":      func(m *membership) string { return m.user.username },
		"email_address": func(m *membership) string { return m.user.email() },
		"phone_number":  nil,
	}
	var all []*membership
	for _, m := range c.store.memberships {
		if m.organization == o && match(m) {
			all = append(all, m)
		}
	}
	return c.membershipPage(in, all, by)
}

// listMembershipsOfUser takes no filter and no order, as Clerk.
func (c *Clerk) listMembershipsOfUser(in *call) (any, *problem) {
	if p := c.organizationsEnabled(); p != nil {
		return nil, p
	}
	if p := in.only("limit", "offset"); p != nil {
		return nil, p
	}
	u, p := c.findUser(in.ids[0])
	if p != nil {
		return nil, p
	}
	var all []*membership
	for _, m := range c.store.memberships {
		if m.user == u {
			all = append(all, m)
		}
	}
	return c.membershipPage(in, all, keys[*membership]{"created_at": created[*membership]})
}

func (c *Clerk) membershipPage(in *call, all []*membership, by keys[*membership]) (any, *problem) {
	total := len(all)
	all, p := page(c, in, all, by)
	if p != nil {
		return nil, p
	}
	data := make([]any, len(all))
	for i, m := range all {
		data[i] = membershipJSON(m)
	}
	return map[string]any{"data": data, "total_count": total}, nil
}

// page orders rows and cuts out what limit, offset and starting_after ask for.
// Rows that are equal keep the order of their creation.
func page[T row](c *Clerk, in *call, rows []T, by keys[T]) ([]T, *problem) {
	refuse := func(name string) ([]T, *problem) { return nil, failParam(c.guess(InvalidQuery), name) }
	limit, ok := in.number("limit", 10)
	if !ok || limit < 1 || limit > 500 {
		return refuse("limit")
	}
	offset, ok := in.number("offset", 0)
	if !ok || offset < 0 {
		return refuse("offset")
	}
	order := or(in.query.Get("order_by"), "-created_at")
	name, descending := strings.CutPrefix(order, "-")
	if !descending {
		name = strings.TrimLeft(order, "+ ")
	}
	key, ok := by[name]
	if !ok {
		return refuse("order_by")
	}
	slices.SortFunc(rows, func(a, b T) int {
		n := cmp.Compare(a.base().seq, b.base().seq)
		if key != nil {
			n = cmp.Or(cmp.Compare(key(a), key(b)), n)
		}
		if descending {
			return -n
		}
		return n
	})
	if cursor := in.query.Get("starting_after"); cursor != "" {
		if name != "created_at" || offset != 0 {
			return refuse("starting_after")
		}
		at := slices.IndexFunc(rows, func(e T) bool { return e.base().id == cursor })
		if at < 0 && c.guess(UnknownCursor) == "refused" {
			return refuse("starting_after")
		}
		if at < 0 {
			return nil, nil
		}
		offset = at + 1
	}
	rows = rows[min(offset, len(rows)):]
	return rows[:min(limit, len(rows))], nil
}

func (in *call) number(name string, otherwise int) (int, bool) {
	v := in.query.Get(name)
	if v == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(v)
	return n, err == nil
}
