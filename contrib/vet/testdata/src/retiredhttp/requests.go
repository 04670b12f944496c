package retiredhttp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	web "net/http"
	"net/http/httptest"
	"net/url"
	"strings"
)

const (
	base    = "https://api.clerk.com/v1"
	version = "2025-11-10"
	header  = "clerk-api-version"
)

func mapBody(ctx context.Context, id string) (*web.Request, error) {
	body, err := json.Marshal(map[string]any{
		"public_metadata": map[string]any{"role": "admin"}, // want `API version 2026-05-12 refuses public_metadata in PATCH /v1/users/{id} with status 422: use PUT`
	})
	if err != nil {
		return nil, err
	}
	req, err := web.NewRequestWithContext(ctx, web.MethodPatch, base+"/users/"+id, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Clerk-API-Version", version) // want `API version 2025-11-10 is older than 2026-05-12`
	return req, nil
}

func formatted(id string) (*web.Request, error) {
	address := fmt.Sprintf("%s/organizations/%s", base, url.PathEscape(id))
	return web.NewRequest("PATCH", address, strings.NewReader(`{"private_metadata":{"since":1843}}`)) // want `refuses private_metadata in PATCH /v1/organizations/{id}`
}

func withOthers(id string) (*web.Request, error) {
	body := map[string]any{"first_name": "Ada"}
	body["unsafe_metadata"] = map[string]any{} // want `refuses unsafe_metadata in PATCH /v1/users/{id}`
	text, _ := json.Marshal(body)
	return web.NewRequest("PATCH", base+"/users/"+id, bytes.NewBuffer(text))
}

type update struct {
	Name   string         `json:"name,omitempty"`
	Public map[string]any `json:"public_metadata,omitempty"`
}

func structBody(id string) (*web.Request, error) {
	u := update{Name: "Acme"}
	u.Public = map[string]any{"tier": "enterprise"} // want `refuses public_metadata in PATCH /v1/organizations/{id}`
	var buffer bytes.Buffer
	if err := json.NewEncoder(&buffer).Encode(u); err != nil {
		return nil, err
	}
	address, err := url.JoinPath(base, "organizations", id)
	if err != nil {
		return nil, err
	}
	return web.NewRequest(web.MethodPatch, address, &buffer)
}

func form(theme string) (*web.Request, error) {
	values := url.Values{}
	values.Set("unsafe_metadata", theme) // want `refuses unsafe_metadata in PATCH /v1/me with status 422: use PATCH /v1/me/metadata`
	return web.NewRequest("PATCH", "https://clerk.example.com/v1/me", strings.NewReader(values.Encode()))
}

func sprintfBody(id, role string) (*web.Request, error) {
	body := fmt.Sprintf(`{"public_metadata":{"role":"%s","since":%d}}`, role, 1843) // want `refuses public_metadata in PATCH /v1/users/{id}`
	return web.NewRequest("PATCH", base+"/users/"+id, bytes.NewBufferString(body))
}

func joinedBody(id, role string) (*web.Request, error) {
	return web.NewRequest("PATCH", base+"/users/"+id, strings.NewReader(`{"first_name":"`+id+`","last_name":"`+id+`","username":"`+id+`","locale":"`+id+`","public_metadata":`+role+`}`)) // want `refuses public_metadata in PATCH /v1/users/{id}`
}

// request is a helper that the requests below go through.
func request(method, path string, body any) (*web.Request, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return build(method, base+path, bytes.NewReader(text))
}

func build(method, address string, body io.Reader) (*web.Request, error) {
	req, err := web.NewRequest(method, address, body)
	if err != nil {
		return nil, err
	}
	req.Header = web.Header{"Clerk-Api-Version": {"2024-10-01"}} // want `API version 2024-10-01 is older`
	return req, nil
}

func byHelper(id string) (*web.Request, error) {
	return request("PATCH", "/users/"+id, &update{Public: map[string]any{"role": "admin"}}) // want `refuses public_metadata in PATCH /v1/users/{id}`
}

// Nothing is reported below.

func metadataEndpoint(id string) (*web.Request, error) {
	return request("PATCH", "/users/"+id+"/metadata", map[string]any{"public_metadata": map[string]any{}})
}

func created() (*web.Request, error) {
	return request("POST", "/users", map[string]any{"public_metadata": map[string]any{}})
}

func withoutMetadata(id string) (*web.Request, error) {
	return request("PATCH", "/users/"+id, update{Name: "Acme"})
}

func elsewhere(id string) (*web.Request, error) {
	return request("PATCH", "/projects/"+id, map[string]any{"public_metadata": map[string]any{}})
}

func ownServer(server *httptest.Server, id string) (*web.Request, error) {
	return web.NewRequest("PATCH", server.URL+"/users/"+id, strings.NewReader(`{"public_metadata":{}}`))
}

func ownHandler(id string) (*web.Request, error) {
	return web.NewRequest("PATCH", "/users/"+id, strings.NewReader(`{"public_metadata":{}}`))
}

func otherHost(id string) (*web.Request, error) {
	return web.NewRequest("PATCH", "https://api.example.com/v1/users/"+id, strings.NewReader(`{"public_metadata":{}}`))
}

func keyUnknown(id, name string) (*web.Request, error) {
	return web.NewRequest("PATCH", base+"/users/"+id, strings.NewReader(fmt.Sprintf(`{"%s":{"public_metadata":{}},%s}`, name, name)))
}

func unknown(method, id string, body any) (*web.Request, error) {
	return request(method, "/users/"+id, body)
}

func current(req *web.Request) {
	req.Header.Set(header, "2026-05-12")
	req.Header.Add(header, "latest")
	req.Header.Set("Other-Version", "2025-11-10")
}
