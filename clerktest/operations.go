package clerktest

import "net/http"

// Operation is an operation of Clerk's, by its operationId. The constants are
// those that the fake models; Script takes any of Clerk's.
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

// GetJWKS answers with the key set that verifies session tokens.
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

// AnyOperation, in Script, stands for every request, even one to an address that
// Clerk does not have.
const AnyOperation Operation = "*"

// API says which of Clerk's two APIs a request went to.
type API string

// Clerk's APIs. A request to an address that Clerk does not have has none. An
// address that both have is the Frontend API's for a request with one of its
// credentials, or with an Origin and no Authorization.
const (
	BackendAPI  API = "bapi"
	FrontendAPI API = "fapi"
)

type handler func(*Clerk, *call) (any, *problem)

// on is the handler of an operation on what find finds first.
func on[T any](find func(*Clerk, *call) (T, *problem), handle func(*Clerk, *call, T) (any, *problem)) handler {
	return func(c *Clerk, in *call) (any, *problem) {
		found, p := find(c, in)
		if p != nil {
			return nil, p
		}
		return handle(c, in, found)
	}
}

func show[T row](_ *Clerk, _ *call, found T) (any, *problem) { return found.json(), nil }

// route ties an address to an operation.
type route struct {
	operation Operation
	api       API
	method    string
	path      string
	segments  []string // of the path
	handle    handler  // nil for one that the fake does not model
}

// implemented returns every operation that the fake models.
func implemented() []route {
	const (
		get, post, patch, put, del = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete
		b, f                       = BackendAPI, FrontendAPI
	)
	writeUser := writes((*Clerk).pathUser, publicMetadata, privateMetadata, unsafeMetadata)
	writeOrganization := writes((*Clerk).pathOrganization, publicMetadata, privateMetadata)
	return []route{
		newRoute(GetUserList, b, get, "/v1/users", (*Clerk).listUsers),
		newRoute(GetUsersCount, b, get, "/v1/users/count", (*Clerk).countUsers),
		newRoute(CreateUser, b, post, "/v1/users", (*Clerk).createUser),
		newRoute(DeleteUser, b, del, "/v1/users/*", on((*Clerk).pathUser, (*Clerk).deleteUser)),
		newRoute(GetUser, b, get, "/v1/users/*", on((*Clerk).pathUser, show[*user])),
		newRoute(UpdateUser, b, patch, "/v1/users/*", on((*Clerk).pathUser, (*Clerk).updateUser)),
		newRoute(UpdateUserMetadata, b, patch, "/v1/users/*/metadata", writeUser),
		newRoute(ReplaceUserMetadata, b, put, "/v1/users/*/metadata", writeUser),
		newRoute(UsersGetOrganizationMemberships, b, get, "/v1/users/*/organization_memberships", (*Clerk).listMembershipsOfUser),
		newRoute(ListOrganizations, b, get, "/v1/organizations", (*Clerk).listOrganizations),
		newRoute(CreateOrganization, b, post, "/v1/organizations", (*Clerk).createOrganization),
		newRoute(DeleteOrganization, b, del, "/v1/organizations/*", on((*Clerk).pathOrganization, (*Clerk).deleteOrganization)),
		newRoute(GetOrganization, b, get, "/v1/organizations/*", (*Clerk).getOrganization),
		newRoute(UpdateOrganization, b, patch, "/v1/organizations/*", on((*Clerk).pathOrganization, (*Clerk).updateOrganization)),
		newRoute(MergeOrganizationMetadata, b, patch, "/v1/organizations/*/metadata", writeOrganization),
		newRoute(ReplaceOrganizationMetadata, b, put, "/v1/organizations/*/metadata", writeOrganization),
		newRoute(ListOrganizationMemberships, b, get, "/v1/organizations/*/memberships", (*Clerk).listMemberships),
		newRoute(CreateOrganizationMembership, b, post, "/v1/organizations/*/memberships", on((*Clerk).pathOrganization, (*Clerk).createMembership)),
		newRoute(UpdateOrganizationMembership, b, patch, "/v1/organizations/*/memberships/*", on((*Clerk).findMembership, (*Clerk).updateMembership)),
		newRoute(DeleteOrganizationMembership, b, del, "/v1/organizations/*/memberships/*", on((*Clerk).findMembership, (*Clerk).deleteMembership)),
		newRoute(UpdateOrganizationMembershipMetadata, b, patch, "/v1/organizations/*/memberships/*/metadata", writes((*Clerk).findMembership, publicMetadata, privateMetadata)),
		newRoute(GetJWKS, b, get, "/v1/jwks", (*Clerk).getKeys),
		newRoute(GetMe, f, get, "/v1/me", on((*Clerk).session, (*Clerk).getMe)),
		newRoute(UpdateMe, f, patch, "/v1/me", on((*Clerk).session, (*Clerk).updateMe)),
		newRoute(UpdateMeMetadata, f, patch, "/v1/me/metadata", on((*Clerk).session, (*Clerk).writeMe)),
		newRoute(GetEnvironment, f, get, "/v1/environment", (*Clerk).getEnvironment),
		newRoute(UpdateEnvironment, f, patch, "/v1/environment", (*Clerk).updateEnvironment),
		newRoute(GetClient, f, get, "/v1/client", (*Clerk).getClient),
		newRoute(PutClient, f, put, "/v1/client", (*Clerk).createClient),
		newRoute(PostClient, f, post, "/v1/client", (*Clerk).createClient),
		newRoute(DeleteClient, f, del, "/v1/client", (*Clerk).deleteClient),
		newRoute(RemoveSessions, f, del, "/v1/client/sessions", (*Clerk).removeSessions),
		newRoute(GetSession, f, get, "/v1/client/sessions/*", on((*Clerk).ownSession, (*Clerk).getSession)),
		newRoute(TouchSession, f, post, "/v1/client/sessions/*/touch", on((*Clerk).ownSession, (*Clerk).touchSession)),
		newRoute(EndSession, f, post, "/v1/client/sessions/*/end", on((*Clerk).ownSession, (*Clerk).endSession)),
		newRoute(RemoveSession, f, post, "/v1/client/sessions/*/remove", on((*Clerk).ownSession, (*Clerk).removeSession)),
		newRoute(CreateSessionToken, f, post, "/v1/client/sessions/*/tokens", on((*Clerk).ownSession, (*Clerk).createSessionToken)),
		newRoute(CreateSignUp, f, post, "/v1/client/sign_ups", (*Clerk).createSignUp),
		newRoute(GetSignUp, f, get, "/v1/client/sign_ups/*", on((*Clerk).ownSignUp, (*Clerk).getSignUp)),
		newRoute(UpdateSignUp, f, patch, "/v1/client/sign_ups/*", on((*Clerk).ownSignUp, (*Clerk).updateSignUp)),
		newRoute(CreateDevBrowser, f, post, "/v1/dev_browser", (*Clerk).createDevBrowser),
		newRoute(GetWellKnownJWKS, f, get, "/.well-known/jwks.json", (*Clerk).getKeys),
	}
}
