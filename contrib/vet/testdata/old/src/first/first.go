package first

import (
	"encoding/json"

	"github.com/clerkinc/clerk-sdk-go/clerk"
)

func user() *clerk.UpdateUser {
	return &clerk.UpdateUser{PublicMetadata: map[string]any{"role": "admin"}} // want `PublicMetadata in Users\(\).Update: API version 2026-05-12 refuses it there; use Users\(\).UpdateMetadata, which merges, or replace`
}

func organization(raw json.RawMessage) clerk.UpdateOrganizationParams {
	params := clerk.UpdateOrganizationParams{}
	params.PrivateMetadata = raw // want `PrivateMetadata in Organizations\(\).Update: API version 2026-05-12 refuses it there`
	return params
}

func built(u *clerk.User) *clerk.UpdateUser {
	return &clerk.UpdateUser{PublicMetadata: u.PublicMetadata} // want `the value was built from what was read before`
}

// Nothing is reported below.

func merged(raw json.RawMessage) *clerk.UpdateUserMetadata {
	return &clerk.UpdateUserMetadata{PublicMetadata: raw}
}

func created(raw json.RawMessage) clerk.CreateUserParams {
	return clerk.CreateUserParams{PublicMetadata: &raw}
}

func withoutMetadata(name string) *clerk.UpdateUser {
	return &clerk.UpdateUser{FirstName: &name, UnsafeMetadata: nil}
}
