package clerktest

import (
	"net/http"
	"net/url"
	"strings"
)

// Operation is an operation of the fake, by Clerk's operationId.
type Operation string

// The operations of the Backend API.
const (
	GetUser                              Operation = "GetUser"
	GetUserList                          Operation = "GetUserList"
	GetUsersCount                        Operation = "GetUsersCount"
	UpdateUser                           Operation = "UpdateUser"
	UpdateUserMetadata                   Operation = "UpdateUserMetadata"
	ReplaceUserMetadata                  Operation = "ReplaceUserMetadata"
	GetOrganization                      Operation = "GetOrganization"
	ListOrganizations                    Operation = "ListOrganizations"
	UpdateOrganization                   Operation = "UpdateOrganization"
	MergeOrganizationMetadata            Operation = "MergeOrganizationMetadata"
	ReplaceOrganizationMetadata          Operation = "ReplaceOrganizationMetadata"
	ListOrganizationMemberships          Operation = "ListOrganizationMemberships"
	UpdateOrganizationMembershipMetadata Operation = "UpdateOrganizationMembershipMetadata"
)

// The operations of the Frontend API. Its getUser differs from the Backend
// API's GetUser by a letter's case only, so the constants are named for what
// they do.
const (
	GetMe            Operation = "getUser"
	UpdateMe         Operation = "patchUser"
	UpdateMeMetadata Operation = "patchUserMetadata"
)

// AnyOperation, in Script, stands for every request, those to addresses that
// the fake does not know included.
const AnyOperation Operation = "*"

// API says which of Clerk's two APIs a request went to.
type API string

// Clerk's APIs. A request to an address that the fake does not know has none.
const (
	BackendAPI  API = "bapi"
	FrontendAPI API = "fapi"
)

// route ties an address to an operation. A "*" in path is an id.
type route struct {
	operation Operation
	api       API
	method    string
	path      string
	handle    func(*Clerk, *call) (any, *problem)
}

// routes is every operation there is.
func routes() []route {
	const (
		get, patch, put = http.MethodGet, http.MethodPatch, http.MethodPut
		b, f            = BackendAPI, FrontendAPI
	)
	return []route{
		{GetUserList, b, get, "users", (*Clerk).listUsers},
		{GetUsersCount, b, get, "users/count", (*Clerk).countUsers},
		{GetUser, b, get, "users/*", (*Clerk).getUser},
		{UpdateUser, b, patch, "users/*", (*Clerk).updateUser},
		{UpdateUserMetadata, b, patch, "users/*/metadata", (*Clerk).writeUser},
		{ReplaceUserMetadata, b, put, "users/*/metadata", (*Clerk).writeUser},
		{ListOrganizations, b, get, "organizations", (*Clerk).listOrganizations},
		{GetOrganization, b, get, "organizations/*", (*Clerk).getOrganization},
		{UpdateOrganization, b, patch, "organizations/*", (*Clerk).updateOrganization},
		{MergeOrganizationMetadata, b, patch, "organizations/*/metadata", (*Clerk).writeOrganization},
		{ReplaceOrganizationMetadata, b, put, "organizations/*/metadata", (*Clerk).writeOrganization},
		{ListOrganizationMemberships, b, get, "organizations/*/memberships", (*Clerk).listMemberships},
		{UpdateOrganizationMembershipMetadata, b, patch, "organizations/*/memberships/*/metadata", (*Clerk).writeMembership},
		{GetMe, f, get, "me", (*Clerk).getMe},
		{UpdateMe, f, patch, "me", (*Clerk).updateMe},
		{UpdateMeMetadata, f, patch, "me/metadata", (*Clerk).writeMe},
	}
}

// find returns the route of a request and the ids in its path. Paths are taken
// literally: no dot segment is resolved and no slash is dropped, so that a
// client that escapes an id wrongly gets a 404 and not another resource.
func find(r *http.Request) (route, []string) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/v1/")
	if !ok {
		return route{}, nil
	}
	segments := strings.Split(rest, "/")
	for _, candidate := range routes() {
		if candidate.method != methodFor(candidate.api, r) {
			continue
		}
		if ids, ok := match(strings.Split(candidate.path, "/"), segments); ok {
			return candidate, ids
		}
	}
	return route{}, nil
}

// methodFor is the method that counts: a browser may POST to the Frontend API
// with the real method in the query, to be spared a CORS preflight.
func methodFor(api API, r *http.Request) string {
	if override := r.URL.Query().Get("_method"); api == FrontendAPI && r.Method == http.MethodPost && override != "" {
		return strings.ToUpper(override)
	}
	return r.Method
}

func match(pattern, segments []string) (ids []string, ok bool) {
	if len(pattern) != len(segments) {
		return nil, false
	}
	for i, p := range pattern {
		if p != "*" {
			if p != segments[i] {
				return nil, false
			}
			continue
		}
		id, err := url.PathUnescape(segments[i])
		if err != nil || id == "" {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

func known(op Operation) bool {
	for _, r := range routes() {
		if r.operation == op {
			return true
		}
	}
	return op == AnyOperation
}
