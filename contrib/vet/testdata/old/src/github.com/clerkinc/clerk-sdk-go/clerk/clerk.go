// Package clerk has the types of the first version of clerk-sdk-go that the fixtures use.
package clerk

import "encoding/json"

type User struct{ PublicMetadata any }

type UpdateUser struct {
	FirstName                                       *string
	PublicMetadata, PrivateMetadata, UnsafeMetadata any
}

type UpdateUserMetadata struct{ PublicMetadata json.RawMessage }

type CreateUserParams struct{ PublicMetadata *json.RawMessage }

type UpdateOrganizationParams struct {
	Name            *string
	PublicMetadata  json.RawMessage
	PrivateMetadata json.RawMessage
}
