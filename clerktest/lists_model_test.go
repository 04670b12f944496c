package clerktest_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// TestListsAgreeWithSorting changes an instance at random and compares every
// order of every list with the state, sorted and filtered in the plainest way.
func TestListsAgreeWithSorting(t *testing.T) {
	t.Parallel()
	for seed := range uint64(rounds(3)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m := model{t: t, c: seeded(t), rand: rand.New(rand.NewPCG(seed, 0))}
			for range rounds(60) {
				m.change()
				m.compare()
			}
		})
	}
}

type model struct {
	t    *testing.T
	c    *clerktest.Test
	rand *rand.Rand
	made int
}

func (m *model) pick(values ...string) string {
	if len(values) == 0 {
		return "none"
	}
	return values[m.rand.IntN(len(values))]
}

func (m *model) user() string {
	var ids []string
	for _, u := range m.c.State().Users {
		ids = append(ids, u.ID)
	}
	return m.pick(ids...)
}

func (m *model) organization() string {
	var ids []string
	for _, o := range m.c.State().Organizations {
		ids = append(ids, o.ID)
	}
	return m.pick(ids...)
}

// change makes one request that may change something; a refusal is as good.
func (m *model) change() {
	m.made++
	name, n := m.pick("a", "b", "B", "c", ""), m.made
	member := "/organizations/" + m.organization() + "/memberships"
	requests := []func(){
		func() {
			backend(m.t, m.c, "POST", "/users", fmt.Sprintf(`{"first_name":%q,"username":"%s%d","external_id":"e%d","email_address":["%s%d@b.test"]}`, name, name, n, n%7, name, n))
		},
		func() {
			backend(m.t, m.c, "POST", "/users", fmt.Sprintf(`{"created_at":"2020-01-0%dT00:00:00Z"}`, 1+n%9))
		},
		func() {
			backend(m.t, m.c, "PATCH", "/users/"+m.user(), fmt.Sprintf(`{"first_name":%q,"last_name":"%d","username":"%s"}`, name, n%3, name))
		},
		func() { backend(m.t, m.c, "PATCH", "/users/"+m.user()+"/metadata", `{"public_metadata":{"a":1}}`) },
		func() { backend(m.t, m.c, "DELETE", "/users/"+m.user(), "") },
		func() { native(m.t, m.c, "PATCH", "/me", "first_name="+name) },
		func() { native(m.t, m.c, "PATCH", "/me/metadata", "unsafe_metadata=%7B%7D") },
		func() {
			native(m.t, m.c, "POST", "/client/sign_ups", fmt.Sprintf("email_address=%s%d%%40s.test&first_name=%s", name, n, name))
		},
		func() {
			backend(m.t, m.c, "POST", "/organizations", fmt.Sprintf(`{"name":%q,"created_by":%q}`, name+"o", m.user()))
		},
		func() {
			backend(m.t, m.c, "PATCH", "/organizations/"+m.organization(), fmt.Sprintf(`{"name":%q,"slug":"s%d"}`, name+"n", n%5))
		},
		func() { backend(m.t, m.c, "POST", member, fmt.Sprintf(`{"user_id":%q,"role":"r%d"}`, m.user(), n%2)) },
		func() { backend(m.t, m.c, "POST", member, fmt.Sprintf(`{"user_id":%q,"role":"r%d"}`, m.user(), n%2)) },
		func() { backend(m.t, m.c, "DELETE", member+"/"+m.user(), "") },
	}
	if n%29 == 0 {
		backend(m.t, m.c, "DELETE", "/organizations/"+m.organization(), "")
	}
	requests[m.rand.IntN(len(requests))]()
}

// compare asks one page of each list.
func (m *model) compare() {
	s := m.c.State()
	members := map[string]int{}
	for _, x := range s.Memberships {
		members[x.OrganizationID]++
	}
	users := map[string]clerktest.User{}
	for _, u := range s.Users {
		users[u.ID] = u
	}
	onePage(m, "/users", userKeys(), s.Users, func(u clerktest.User) string { return u.ID }, m.userFilters(s))
	onePage(m, "/organizations", map[string]func(clerktest.Organization) string{
		"created_at":    func(o clerktest.Organization) string { return fmt.Sprintf("%020d", o.CreatedAt) },
		"name":          func(o clerktest.Organization) string { return o.Name },
		"members_count": func(o clerktest.Organization) string { return fmt.Sprintf("%09d", members[o.ID]) },
	}, s.Organizations, func(o clerktest.Organization) string { return o.ID }, map[string]func(clerktest.Organization) bool{"": nil})
	if len(s.Organizations) == 0 || len(s.Users) == 0 {
		return
	}
	o := m.organization()
	of := map[string]func(clerktest.Membership) string{"created_at": func(x clerktest.Membership) string { return fmt.Sprintf("%020d", x.CreatedAt) }}
	for _, order := range []string{"first_name", "last_name", "username", "email_address", "phone_number"} {
		of[order] = func(x clerktest.Membership) string { return userKeys()[order](users[x.UserID]) }
	}
	some := m.user()
	onePage(m, "/organizations/"+o+"/memberships", of, filtered(s.Memberships, func(x clerktest.Membership) bool { return x.OrganizationID == o }),
		func(x clerktest.Membership) string { return x.ID }, map[string]func(clerktest.Membership) bool{
			"":                  nil,
			"&role=r1":          func(x clerktest.Membership) bool { return x.Role == "r1" },
			"&user_id=" + some:  func(x clerktest.Membership) bool { return x.UserID == some },
			"&user_id=-" + some: func(x clerktest.Membership) bool { return x.UserID != some },
		})
	onePage(m, "/users/"+some+"/organization_memberships", map[string]func(clerktest.Membership) string{"": of["created_at"]},
		filtered(s.Memberships, func(x clerktest.Membership) bool { return x.UserID == some }),
		func(x clerktest.Membership) string { return x.ID }, map[string]func(clerktest.Membership) bool{"": nil})
}

func userKeys() map[string]func(clerktest.User) string {
	return map[string]func(clerktest.User) string{
		"created_at": func(u clerktest.User) string { return fmt.Sprintf("%020d", u.CreatedAt) },
		"updated_at": func(u clerktest.User) string { return fmt.Sprintf("%020d", u.UpdatedAt) },
		"first_name": func(u clerktest.User) string { return u.FirstName },
		"last_name":  func(u clerktest.User) string { return u.LastName },
		"username":   func(u clerktest.User) string { return u.Username },
		"email_address": func(u clerktest.User) string {
			if len(u.EmailAddresses) == 0 {
				return ""
			}
			return u.EmailAddresses[0]
		},
		"phone_number": func(clerktest.User) string { return "" },
	}
}

func (m *model) userFilters(s clerktest.Seed) map[string]func(clerktest.User) bool {
	some, other, o := m.user(), m.user(), m.organization()
	after, before := m.created(s), m.created(s)
	member := func(id string) bool {
		return slices.ContainsFunc(s.Memberships, func(x clerktest.Membership) bool { return x.OrganizationID == o && x.UserID == id })
	}
	return map[string]func(clerktest.User) bool{
		"": nil,
		"&user_id=" + some + "&user_id=" + other + "&user_id=" + some: func(u clerktest.User) bool { return u.ID == some || u.ID == other },
		"&user_id=-" + some:        func(u clerktest.User) bool { return u.ID != some },
		"&external_id=e1":          func(u clerktest.User) bool { return u.ExternalID == "e1" },
		"&external_id=e2&query=B":  func(u clerktest.User) bool { return u.ExternalID == "e2" && has(u, "b") },
		"&username=A&username=x":   func(u clerktest.User) bool { return strings.EqualFold(u.Username, "a") },
		"&query=B":                 func(u clerktest.User) bool { return has(u, "b") },
		"&organization_id=" + o:    func(u clerktest.User) bool { return member(u.ID) },
		"&organization_id=-" + o:   func(u clerktest.User) bool { return !member(u.ID) },
		"&email_address_query=s.t": func(u clerktest.User) bool { return strings.Contains(strings.Join(u.EmailAddresses, " "), "s.t") },

		fmt.Sprintf("&created_at_after=%d", after):   func(u clerktest.User) bool { return u.CreatedAt > after },
		fmt.Sprintf("&created_at_before=%d", before): func(u clerktest.User) bool { return u.CreatedAt < before },
		fmt.Sprintf("&created_at_after=%d&created_at_before=%d", after, before): func(u clerktest.User) bool {
			return u.CreatedAt > after && u.CreatedAt < before
		},
	}
}

// created is when a user was created, or a millisecond before or after.
func (m *model) created(s clerktest.Seed) int64 {
	if len(s.Users) == 0 {
		return 0
	}
	return s.Users[m.rand.IntN(len(s.Users))].CreatedAt + int64(m.rand.IntN(3)) - 1
}

func has(u clerktest.User, text string) bool {
	return slices.ContainsFunc(append([]string{u.ID, u.Username, strings.TrimSpace(u.FirstName + " " + u.LastName)}, u.EmailAddresses...),
		func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}

func filtered[T any](all []T, match func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(v T) bool { return match != nil && !match(v) })
}

// onePage compares one page of a list, in every order and through every filter.
func onePage[T any](m *model, path string, orders map[string]func(T) string, all []T, id func(T) string, filters map[string]func(T) bool) {
	m.t.Helper()
	for order, key := range orders {
		for filter, match := range filters {
			if filter != "" && m.rand.IntN(4) > 0 {
				continue
			}
			want := filtered(all, match)
			total := len(want)
			slices.SortStableFunc(want, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
			minus := order == "" || m.rand.IntN(2) == 0
			if minus {
				slices.Reverse(want)
			}
			limit := 1 + m.rand.IntN(5)
			query := fmt.Sprintf("?limit=%d%s", limit, filter)
			switch {
			case order != "" && minus:
				query += "&order_by=-" + order
			case order != "":
				query += "&order_by=" + order
			}
			if cursor := m.rand.IntN(total + 1); path == "/users" && order == "created_at" && cursor > 0 {
				query += "&starting_after=" + url.QueryEscape(id(want[cursor-1]))
				want = want[cursor:]
			} else {
				offset := m.rand.IntN(total + 2)
				query += fmt.Sprintf("&offset=%d", offset)
				want = want[min(offset, total):]
			}
			want = want[:min(limit, len(want))]
			m.requirePage(path, query, total, slices.Collect(func(yield func(string) bool) {
				for _, v := range want {
					yield(id(v))
				}
			}))
		}
	}
}

func (m *model) requirePage(path, query string, total int, want []string) {
	m.t.Helper()
	r := backend(m.t, m.c, "GET", path+query, "")
	require.Equal(m.t, 200, r.status, "%s%s: %s", path, query, r.body)
	type row struct {
		ID string `json:"id"`
	}
	var rows []row
	if path == "/users" {
		require.NoError(m.t, json.Unmarshal(r.body, &rows))
	} else {
		var list struct {
			Data  []row `json:"data"`
			Total int   `json:"total_count"`
		}
		require.NoError(m.t, json.Unmarshal(r.body, &list))
		require.Equal(m.t, total, list.Total, "%s%s", path, query)
		rows = list.Data
	}
	var got []string
	for _, row := range rows {
		got = append(got, row.ID)
	}
	require.Equal(m.t, want, got, "%s%s", path, query)
}
