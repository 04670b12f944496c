package clerktest

import "net/http"

// Operation is the operationId of an operation of Clerk's. The constants name those that
// the fake models; Script takes all.
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
	ListInvitations                      Operation = "ListInvitations"
	CreateInvitation                     Operation = "CreateInvitation"
	CreateBulkInvitations                Operation = "CreateBulkInvitations"
	RevokeInvitation                     Operation = "RevokeInvitation"
	ListOrganizationInvitations          Operation = "ListOrganizationInvitations"
	GetOrganizationInvitation            Operation = "GetOrganizationInvitation"
	CreateOrganizationInvitation         Operation = "CreateOrganizationInvitation"
	CreateOrganizationInvitationBulk     Operation = "CreateOrganizationInvitationBulk"
	RevokeOrganizationInvitation         Operation = "RevokeOrganizationInvitation"
	GetSessionList                       Operation = "GetSessionList"
	GetBackendSession                    Operation = "GetSession"
	CreateSession                        Operation = "createSession"
	RevokeSession                        Operation = "RevokeSession"
	CreateBackendSessionToken            Operation = "CreateSessionToken"
)

// GetJWKS answers with the key set that verifies session tokens.
const GetJWKS Operation = "GetJWKS"

// The operations of the Frontend API. Some differ from one of the Backend API by a
// letter's case only, such as getUser and GetUser, so the constants are named for what
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
	ListMyInvitations  Operation = "getUsersOrganizationInvitations"
	AcceptInvitation   Operation = "acceptOrganizationInvitation"
	ListMyMemberships  Operation = "getOrganizationMemberships"
	GetWellKnownJWKS   Operation = "getJWKS"
)

// AnyOperation, in Script, stands for every request, even one to an address that
// Clerk does not have.
const AnyOperation Operation = "*"

// API says which of Clerk's two APIs a request went to.
type API string

// Clerk's APIs. A request to an address that Clerk does not have belongs to neither. An
// address that both have belongs to the Frontend API if the request has one of its
// credentials, or an Origin and no Authorization.
const (
	BackendAPI  API = "bapi"
	FrontendAPI API = "fapi"
)

type handler func(*Clerk, *call) (any, *problem)

// on returns a handler that finds something and then handles it.
func on[T any](find func(*Clerk, *call) (T, *problem), handle func(*Clerk, *call, T) (any, *problem)) handler {
	return func(c *Clerk, in *call) (any, *problem) {
		v, p := find(c, in)
		if p != nil {
			return nil, p
		}
		return handle(c, in, v)
	}
}

func show[T row](_ *Clerk, _ *call, v T) (any, *problem) { return v.json(true), nil }

// found returns v, or a 404 with a text if v is nil.
func found[T any](v *T, missing string) (*T, *problem) {
	if v == nil {
		return nil, failLong(http.StatusNotFound, "resource_not_found", missing)
	}
	return v, nil
}

// backendHandlers are the operations of the Backend API that the fake models.
func backendHandlers() map[Operation]handler {
	writeUser := writes((*Clerk).pathUser, publicMetadata, privateMetadata, unsafeMetadata)
	writeOrganization := writes((*Clerk).pathOrganization, publicMetadata, privateMetadata)
	return map[Operation]handler{
		GetUserList:                          (*Clerk).listUsers,
		GetUsersCount:                        (*Clerk).countUsers,
		CreateUser:                           (*Clerk).createUser,
		DeleteUser:                           on((*Clerk).pathUser, (*Clerk).deleteUser),
		GetUser:                              on((*Clerk).pathUser, show[*user]),
		UpdateUser:                           on((*Clerk).pathUser, (*Clerk).updateUser),
		UpdateUserMetadata:                   writeUser,
		ReplaceUserMetadata:                  writeUser,
		UsersGetOrganizationMemberships:      on((*Clerk).pathUser, (*Clerk).listMembershipsOfUser),
		ListOrganizations:                    (*Clerk).listOrganizations,
		CreateOrganization:                   (*Clerk).createOrganization,
		DeleteOrganization:                   on((*Clerk).pathOrganization, (*Clerk).deleteOrganization),
		GetOrganization:                      (*Clerk).getOrganization,
		UpdateOrganization:                   on((*Clerk).pathOrganization, (*Clerk).updateOrganization),
		MergeOrganizationMetadata:            writeOrganization,
		ReplaceOrganizationMetadata:          writeOrganization,
		ListOrganizationMemberships:          on((*Clerk).pathOrganization, (*Clerk).listMemberships),
		CreateOrganizationMembership:         on((*Clerk).pathOrganization, (*Clerk).createMembership),
		UpdateOrganizationMembership:         on((*Clerk).findMembership, (*Clerk).updateMembership),
		DeleteOrganizationMembership:         on((*Clerk).findMembership, (*Clerk).deleteMembership),
		UpdateOrganizationMembershipMetadata: writes((*Clerk).findMembership, publicMetadata, privateMetadata),
		ListInvitations:                      (*Clerk).listInvitations,
		CreateInvitation:                     (*Clerk).createInvitation,
		CreateBulkInvitations:                (*Clerk).createInvitations,
		RevokeInvitation:                     on((*Clerk).findInvitation, (*Clerk).revokeInvitation),
		ListOrganizationInvitations:          on((*Clerk).pathOrganization, (*Clerk).listOrganizationInvitations),
		GetOrganizationInvitation:            on((*Clerk).findOrganizationInvitation, show[*invitation]),
		CreateOrganizationInvitation:         on((*Clerk).pathOrganization, (*Clerk).createOrganizationInvitation),
		CreateOrganizationInvitationBulk:     on((*Clerk).pathOrganization, (*Clerk).createOrganizationInvitations),
		RevokeOrganizationInvitation:         on((*Clerk).findOrganizationInvitation, (*Clerk).revokeOrganizationInvitation),
		GetSessionList:                       (*Clerk).listSessions,
		GetBackendSession:                    on((*Clerk).pathSession, show[*session]),
		CreateSession:                        (*Clerk).createSession,
		RevokeSession:                        on((*Clerk).pathSession, (*Clerk).revokeSession),
		CreateBackendSessionToken:            on((*Clerk).pathSession, (*Clerk).createToken),
		GetJWKS:                              (*Clerk).getKeys,
	}
}

// frontendHandlers are the operations of the Frontend API that the fake models.
func frontendHandlers() map[Operation]handler {
	return map[Operation]handler{
		GetMe:              on((*Clerk).session, (*Clerk).getMe),
		UpdateMe:           on((*Clerk).session, (*Clerk).updateMe),
		UpdateMeMetadata:   on((*Clerk).session, (*Clerk).writeMe),
		GetEnvironment:     on((*Clerk).anyClient, (*Clerk).getEnvironment),
		UpdateEnvironment:  on((*Clerk).anyClient, (*Clerk).updateEnvironment),
		GetClient:          on((*Clerk).anyClient, (*Clerk).getClient),
		PutClient:          on((*Clerk).anyClient, (*Clerk).createClient),
		PostClient:         on((*Clerk).anyClient, (*Clerk).createClient),
		DeleteClient:       on((*Clerk).ownClient, (*Clerk).deleteClient),
		RemoveSessions:     on((*Clerk).ownClient, (*Clerk).removeSessions),
		GetSession:         on((*Clerk).ownSession, (*Clerk).getSession),
		TouchSession:       on((*Clerk).ownSession, (*Clerk).touchSession),
		EndSession:         on((*Clerk).ownSession, (*Clerk).endSession),
		RemoveSession:      on((*Clerk).ownSession, (*Clerk).removeSession),
		CreateSessionToken: on((*Clerk).ownSession, (*Clerk).createSessionToken),
		CreateSignUp:       on((*Clerk).anyClient, (*Clerk).createSignUp),
		GetSignUp:          on((*Clerk).ownSignUp, (*Clerk).getSignUp),
		UpdateSignUp:       on((*Clerk).ownSignUp, (*Clerk).updateSignUp),
		CreateDevBrowser:   (*Clerk).createDevBrowser,
		ListMyInvitations:  on((*Clerk).session, (*Clerk).listOwnInvitations),
		AcceptInvitation:   on((*Clerk).session, (*Clerk).acceptInvitation),
		ListMyMemberships:  on((*Clerk).session, (*Clerk).listOwnMemberships),
		GetWellKnownJWKS:   (*Clerk).getKeys,
	}
}
