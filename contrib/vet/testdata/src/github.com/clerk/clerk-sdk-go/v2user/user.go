// Package v2user is of another module than clerk-sdk-go, whose path begins in the same way.
package v2user

import "encoding/json"

type UpdateParams struct{ PublicMetadata *json.RawMessage }
