package clerktest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

func (c *Clerk) listUsers(in *call) (any, *problem) {
	f, p := c.userFilter(in, "limit", "offset", "order_by", "starting_after")
	if p != nil {
		return nil, p
	}
	return list(c, in, c.store.users, f, (*user).json)
}

func (c *Clerk) countUsers(in *call) (any, *problem) {
	f, p := c.userFilter(in, "limit", "offset", "order_by")
	if p != nil {
		return nil, p
	}
	return map[string]any{"object": "total_count", "total_count": f.count(c.store.users)}, nil
}

func (c *Clerk) listOrganizations(in *call) (any, *problem) {
	f, p := c.organizationFilter(in)
	if p != nil {
		return nil, p
	}
	show, p := showOrganization(in)
	if p != nil {
		return nil, p
	}
	return countedList(c, in, c.store.organizations, f, show)
}

func (c *Clerk) listMemberships(in *call) (any, *problem) {
	f, p := c.membershipFilter(in)
	if p != nil {
		return nil, p
	}
	o, p := c.pathOrganization(in)
	if p != nil {
		return nil, p
	}
	return countedList(c, in, o.members, f, (*membership).json)
}

// listMembershipsOfUser takes no filter and no order, like Clerk.
func (c *Clerk) listMembershipsOfUser(in *call) (any, *problem) {
	if p := in.only("limit", "offset"); p != nil {
		return nil, p
	}
	u, p := c.pathUser(in)
	if p != nil {
		return nil, p
	}
	return countedList(c, in, u.memberships, &filters[*membership]{in: in}, (*membership).json)
}

// countedList is an answer with a page and the number of all rows that pass.
func countedList[T row](c *Clerk, in *call, t *table[T], f *filters[T], show func(T) map[string]any) (any, *problem) {
	data, p := list(c, in, t, f, show)
	if p != nil {
		return nil, p
	}
	return map[string]any{"data": data, "total_count": f.count(t)}, nil
}

// list is a page as an answer shows it.
func list[T row](c *Clerk, in *call, t *table[T], f *filters[T], show func(T) map[string]any) (any, *problem) {
	rows, p := page(c, in, t, f)
	if p != nil {
		return nil, p
	}
	shown := make([]any, len(rows))
	for i, v := range rows {
		shown[i] = show(v)
	}
	return shown, nil
}

// page is what limit, offset, order_by and starting_after ask for of the rows that
// pass the filters.
func page[T row](c *Clerk, in *call, t *table[T], f *filters[T]) ([]T, *problem) {
	refuse := func(name string) ([]T, *problem) { return nil, failQuery(c.guess(InvalidQuery), name) }
	const largest = 500
	limit, ok := in.number("limit", 10)
	if !ok || limit < 1 || limit > largest && c.guess(LargeLimit) == "refused" {
		return refuse("limit")
	}
	limit = min(limit, largest)
	offset, ok := in.number("offset", 0)
	if !ok || offset < 0 {
		return refuse("offset")
	}
	order := cmp.Or(in.query.Get("order_by"), "-created_at")
	name, descending := strings.CutPrefix(order, "-")
	if !descending {
		name = strings.TrimLeft(order, "+ ")
	}
	if _, ok := t.by[name]; !ok {
		return refuse("order_by")
	}
	rows := f.candidates(t, name)
	start := 0
	if cursor := in.query.Get("starting_after"); cursor != "" {
		if name != "created_at" || offset != 0 {
			return refuse("starting_after")
		}
		last, ok := t.byID[cursor]
		if !ok || !f.match(last) {
			if c.guess(UnknownCursor) == "refused" {
				return refuse("starting_after")
			}
			return nil, nil
		}
		start, _ = slices.BinarySearchFunc(rows, last, t.compare(name))
		if descending {
			start = len(rows) - 1 - start
		}
		start++
	}
	return f.cut(rows, descending, start, offset, limit), nil
}

func (in *call) number(name string, otherwise int) (int, bool) {
	v := in.query.Get(name)
	if v == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(v)
	return n, err == nil
}
