// Package clerk has the types of clerk-sdk-go that the fixtures use.
package clerk

import "encoding/json"

type APIParams struct{}

type User struct {
	ID                                              string
	PublicMetadata, PrivateMetadata, UnsafeMetadata json.RawMessage
}

type Organization struct {
	ID                              string
	PublicMetadata, PrivateMetadata json.RawMessage
}

func String(v string) *string { return &v }

func JSONRawMessage(v json.RawMessage) *json.RawMessage { return &v }
