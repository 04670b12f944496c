package retiredhttp

import (
	web "net/http"
	"strings"
)

func literal(id string) (*web.Request, error) {
	// The role.
	return web.NewRequest(web.MethodPatch, "https://api.clerk.com/v1/users/"+id, strings.NewReader(`{"public_metadata":{}}`)) // want `refuses public_metadata`
}
