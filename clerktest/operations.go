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
	CreateUser                           Operation = "CreateUser"
	UpdateUser                           Operation = "UpdateUser"
	DeleteUser                           Operation = "DeleteUser"
	UpdateUserMetadata                   Operation = "UpdateUserMetadata"
	ReplaceUserMetadata                  Operation = "ReplaceUserMetadata"
	UsersGetOrganizationMemberships      Operation = "UsersGetOrganizationMemberships"
	GetOrganization                      Operation = "GetOrganization"
	ListOrganizations                    Operation = "ListOrganizations"
	CreateOrganization                   Operation = "CreateOrganization"
	UpdateOrganization                   Operation = "UpdateOrganization"
	DeleteOrganization                   Operation = "DeleteOrganization"
	MergeOrganizationMetadata            Operation = "MergeOrganizationMetadata"
	ReplaceOrganizationMetadata          Operation = "ReplaceOrganizationMetadata"
	ListOrganizationMemberships          Operation = "ListOrganizationMemberships"
	CreateOrganizationMembership         Operation = "CreateOrganizationMembership"
	UpdateOrganizationMembership         Operation = "UpdateOrganizationMembership"
	DeleteOrganizationMembership         Operation = "DeleteOrganizationMembership"
	UpdateOrganizationMembershipMetadata Operation = "UpdateOrganizationMembershipMetadata"
)

// GetJWKS answers with the key set that session tokens verify with.
const GetJWKS Operation = "GetJWKS"

// The operations of the Frontend API. Its getUser differs from the Backend
// API's GetUser by a letter's case only, so the constants are named for what
// they do.
const (
	GetMe              Operation = "getUser"
	UpdateMe           Operation = "patchUser"
	UpdateMeMetadata   Operation = "patchUserMetadata"
	GetEnvironment     Operation = "getEnvironment"
	UpdateEnvironment  Operation = "updateEnvironment"
	GetClient          Operation = "getClient"
	PutClient          Operation = "putClient"
	PostClient         Operation = "postClient"
	DeleteClient       Operation = "deleteClientSessions"
	RemoveSessions     Operation = "removeClientSessionsAndRetainCookie"
	GetSession         Operation = "getSession"
	TouchSession       Operation = "touchSession"
	EndSession         Operation = "endSession"
	RemoveSession      Operation = "removeSession"
	CreateSessionToken Operation = "createSessionToken"
	CreateSignUp       Operation = "createSignUps"
	GetSignUp          Operation = "getSignUps"
	UpdateSignUp       Operation = "updateSignUps"
	CreateDevBrowser   Operation = "createDevBrowser"
	GetWellKnownJWKS   Operation = "getJWKS"
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

// route ties an address to an operation. A path is below /v1/ unless it begins
// with a slash; a "*" in it is an id.
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
		get, post, patch, put, del = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete
		b, f                       = BackendAPI, FrontendAPI
	)
	return []route{
		{GetUserList, b, get, "users", (*Clerk).listUsers},
		{GetUsersCount, b, get, "users/count", (*Clerk).countUsers},
		{CreateUser, b, post, "users", (*Clerk).createUser},
		{DeleteUser, b, del, "users/*", (*Clerk).deleteUser},
		{GetUser, b, get, "users/*", (*Clerk).getUser},
		{UpdateUser, b, patch, "users/*", (*Clerk).updateUser},
		{UpdateUserMetadata, b, patch, "users/*/metadata", (*Clerk).writeUser},
		{ReplaceUserMetadata, b, put, "users/*/metadata", (*Clerk).writeUser},
		{UsersGetOrganizationMemberships, b, get, "users/*/organization_memberships", (*Clerk).listMembershipsOfUser},
		{ListOrganizations, b, get, "organizations", (*Clerk).listOrganizations},
		{CreateOrganization, b, post, "organizations", (*Clerk).createOrganization},
		{DeleteOrganization, b, del, "organizations/*", (*Clerk).deleteOrganization},
		{GetOrganization, b, get, "organizations/*", (*Clerk).getOrganization},
		{UpdateOrganization, b, patch, "organizations/*", (*Clerk).updateOrganization},
		{MergeOrganizationMetadata, b, patch, "organizations/*/metadata", (*Clerk).writeOrganization},
		{ReplaceOrganizationMetadata, b, put, "organizations/*/metadata", (*Clerk).writeOrganization},
		{ListOrganizationMemberships, b, get, "organizations/*/memberships", (*Clerk).listMemberships},
		{CreateOrganizationMembership, b, post, "organizations/*/memberships", (*Clerk).createMembership},
		{UpdateOrganizationMembership, b, patch, "organizations/*/memberships/*", (*Clerk).updateMembership},
		{DeleteOrganizationMembership, b, del, "organizations/*/memberships/*", (*Clerk).deleteMembership},
		{UpdateOrganizationMembershipMetadata, b, patch, "organizations/*/memberships/*/metadata", (*Clerk).writeMembership},
		{GetJWKS, b, get, "jwks", (*Clerk).getKeys},
		{GetMe, f, get, "me", (*Clerk).getMe},
		{UpdateMe, f, patch, "me", (*Clerk).updateMe},
		{UpdateMeMetadata, f, patch, "me/metadata", (*Clerk).writeMe},
		{GetEnvironment, f, get, "environment", (*Clerk).getEnvironment},
		{UpdateEnvironment, f, patch, "environment", (*Clerk).updateEnvironment},
		{GetClient, f, get, "client", (*Clerk).getClient},
		{PutClient, f, put, "client", (*Clerk).createClient},
		{PostClient, f, post, "client", (*Clerk).createClient},
		{DeleteClient, f, del, "client", (*Clerk).deleteClient},
		{RemoveSessions, f, del, "client/sessions", (*Clerk).removeSessions},
		{GetSession, f, get, "client/sessions/*", (*Clerk).getSession},
		{TouchSession, f, post, "client/sessions/*/touch", (*Clerk).touchSession},
		{EndSession, f, post, "client/sessions/*/end", (*Clerk).endSession},
		{RemoveSession, f, post, "client/sessions/*/remove", (*Clerk).removeSession},
		{CreateSessionToken, f, post, "client/sessions/*/tokens", (*Clerk).createSessionToken},
		{CreateSignUp, f, post, "client/sign_ups", (*Clerk).createSignUp},
		{GetSignUp, f, get, "client/sign_ups/*", (*Clerk).getSignUp},
		{UpdateSignUp, f, patch, "client/sign_ups/*", (*Clerk).updateSignUp},
		{CreateDevBrowser, f, post, "dev_browser", (*Clerk).createDevBrowser},
		{GetWellKnownJWKS, f, get, "/.well-known/jwks.json", (*Clerk).getKeys},
	}
}

// find returns the route of a request and the ids in its path. Paths are taken
// literally: no dot segment is resolved and no slash is dropped, so that a
// client that escapes an id wrongly gets a 404 and not another resource.
func find(r *http.Request) (route, []string) {
	rest, versioned := strings.CutPrefix(r.URL.EscapedPath(), "/v1/")
	segments := strings.Split(rest, "/")
	for _, candidate := range routes() {
		if candidate.method != methodFor(candidate.api, r) || strings.HasPrefix(candidate.path, "/") == versioned {
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
