package proxy_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// What a browser may keep in its user's unsafe metadata.
type Preferences struct {
	Theme  string `json:"theme"`
	Layout struct {
		Columns int `json:"columns"`
	} `json:"layout"`
}

// A policy is a function of the request and the change that it asks for.
func ExamplePolicy() {
	noRole := proxy.PolicyFunc(func(_ *http.Request, patch metadata.Patch) error {
		if _, found := patch["role"]; found {
			return proxy.Refuse("Roles are given by an administrator.")
		}
		return nil
	})
	handler, err := proxy.New(proxy.Config{
		SecretKey:     client.SecretKey("sk_test_example"),
		Upstream:      "https://clerk.example",
		PublicURL:     "https://app.example/__clerk",
		ClientAddress: proxy.FromPeer(),
		Policies:      []proxy.Policy{proxy.MaxSize(2000), noRole},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	r := httptest.NewRequest(http.MethodPost, "/__clerk/v1/me/metadata?_method=PATCH",
		strings.NewReader(`unsafe_metadata={"role":"admin"}`))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output:
	// 422 {"errors":[{"code":"unsafe_metadata_refused","message":"This change of unsafe_metadata is not allowed","long_message":"Roles are given by an administrator.","meta":{"param_name":"unsafe_metadata"}}]}
}

func ExampleStrict() {
	policy, err := proxy.Strict[Preferences]()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, patch := range []metadata.Patch{
		{"theme": "dark", "layout": metadata.Delete},
		{"Theme": "dark"},
		{"layout": map[string]any{"columns": "three"}},
		{"layout": map[string]any{"role": "admin"}},
	} {
		fmt.Println(policy.Check(nil, patch))
	}
	// Output:
	// <nil>
	// /Theme: key is not allowed: expected one of layout, theme
	// /layout/columns: must be a whole number (int)
	// /layout/role: key is not allowed: expected one of columns
}
