package nulldeletes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/user"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func text(ctx context.Context) {
	raw := json.RawMessage(`{"limits":{"trial":null},"tags":[null]}`) // want `null at /limits/trial removes the stored key in a merge`
	user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{PublicMetadata: &raw})
}

func whole(ctx context.Context, c *organization.Client) {
	params := organization.UpdateMetadataParams{}
	params.PrivateMetadata = clerk.JSONRawMessage(json.RawMessage("null")) // want `null in place of the whole metadata of a merge`
	c.UpdateMetadata(ctx, "org_1", &params)
}

func literal(ctx context.Context) error {
	b, err := json.Marshal(map[string]any{"plan": "pro", "trial": nil}) // want `null at /trial removes`
	if err != nil {
		return err
	}
	_, err = user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{PublicMetadata: (*json.RawMessage)(&b)})
	return err
}

func neverAssigned(ctx context.Context) {
	var customer *string
	m := map[string]any{}
	m["role"] = "admin"
	m["billing"] = map[string]any{"customer": customer}
	m["trial"] = nil // want `null at /trial removes`
	send(ctx, m)
	send(ctx, map[string]any{"customer": customer}) // want `null at /customer removes`
}

type billing struct {
	Plan     string   `json:"plan"`
	Customer *string  `json:"customer"`
	Tags     []string `json:"tags,omitempty"`
}

func field(ctx context.Context) {
	send(ctx, billing{Plan: "pro"}) // want `null at /customer removes`
}

func pointer(ctx context.Context) {
	b := &billing{Plan: "pro", Customer: nil} // want `null at /customer removes`
	send(ctx, b)
}

// send is the helper that the values above go through.
func send(ctx context.Context, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	raw := json.RawMessage(b)
	params := &user.UpdateMetadataParams{UnsafeMetadata: &raw}
	_, err = user.UpdateMetadata(ctx, "user_1", params)
	return err
}

func assign(ctx context.Context, raw json.RawMessage) error {
	params := &user.UpdateMetadataParams{}
	params.PublicMetadata = &raw
	_, err := user.UpdateMetadata(ctx, "user_1", params)
	return err
}

func assigned(ctx context.Context) error {
	return assign(ctx, json.RawMessage(`{"trial":null}`)) // want `null at /trial removes`
}

func encode(v any) *json.RawMessage {
	b, _ := json.Marshal(v)
	return clerk.JSONRawMessage(b)
}

func helperResult(ctx context.Context) {
	user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{
		PublicMetadata: encode(map[string]any{"plan": map[string]any{"trial": nil}}), // want `null at /plan/trial removes`
	})
}

func patch() (metadata.Patch, error) {
	return metadata.ParsePatch([]byte(`{"role":null}`)) // want `null at /role removes`
}

func sprintf(ctx context.Context, plan string) {
	raw := json.RawMessage(fmt.Sprintf(`{"plan":"%s","trial":null}`, plan)) // want `null at /trial removes`
	user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{PublicMetadata: &raw})
}

// request is the helper of the merges over net/http.
func request(path string, body any) (*http.Request, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return http.NewRequest("PATCH", "https://api.clerk.com/v1"+path, bytes.NewReader(text))
}

type update struct {
	Public  map[string]any `json:"public_metadata"`
	Private map[string]any `json:"private_metadata"`
	Name    *string        `json:"name"`
}

func requests() {
	request("/users/user_1/metadata", map[string]any{"public_metadata": map[string]any{"trial": nil}})                     // want `null at /trial removes`
	request("/organizations/org_1/metadata", update{Public: map[string]any{}})                                             // want `null in place of the whole metadata`
	http.NewRequest("PATCH", "https://api.clerk.com/v1/me/metadata", strings.NewReader(`{"unsafe_metadata":{"on":null}}`)) // want `null at /on removes`
}

func formatted(plan string) (metadata.Patch, error) {
	return metadata.ParsePatch([]byte(fmt.Sprintf(`{"plan":"%s","trial":null}`, plan))) // want `null at /trial removes`
}

func typed(ctx context.Context) {
	var limits map[string]int
	send(ctx, map[string]any{"customer": (*string)(nil)})                                 // want `null at /customer removes`
	send(ctx, map[string]any{"raw": json.RawMessage(`{"trial":null}`), "limits": limits}) // want `null at /raw/trial removes` `null at /limits removes`
	send(ctx, struct{ Raw json.RawMessage }{})                                            // want `null at /Raw removes`
	send(ctx, struct{ Text *tolerant }{})                                                 // want `null at /Text removes`
	send(ctx, map[string]any(nil))                                                        // want `null in place of the whole metadata`
}

// Nothing is reported below.

func otherRequests(name *string) {
	request("/users/user_1/metadata", map[string]any{"comment": nil, "public_metadata": map[string]any{}})
	request("/users/user_1", map[string]any{"public_metadata": map[string]any{"trial": nil}})
	request("/projects/1/metadata", map[string]any{"public_metadata": map[string]any{"trial": nil}})
	http.NewRequest("PUT", "https://api.clerk.com/v1/users/user_1/metadata", strings.NewReader(`{"unsafe_metadata":{"on":null}}`))
}

func maybe(ctx context.Context, customer *string) {
	send(ctx, map[string]any{"customer": customer, "list": []any{nil}})
	var later *string
	if customer != nil {
		later = customer
	}
	send(ctx, map[string]any{"customer": later})
}

func setLater(ctx context.Context, id string) {
	b := billing{Plan: "pro"}
	b.Customer = &id
	send(ctx, b)
	m := map[string]any{"plan": nil}
	if id != "" {
		m["plan"] = id
	}
	send(ctx, m)
}

func filled(ctx context.Context) {
	b := &billing{Plan: "pro"}
	fill(b)
	send(ctx, b)
}

func fill(b *billing) { b.Customer = &b.Plan }

type tolerant struct{ Customer *string }

func (tolerant) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

func marshals(ctx context.Context) { send(ctx, tolerant{}) }

func replaced(ctx context.Context) {
	raw := json.RawMessage(`{"trial":null}`)
	user.ReplaceMetadata(ctx, "user_1", &user.ReplaceMetadataParams{PublicMetadata: &raw})
	user.Update(ctx, "user_1", &user.UpdateParams{PublicMetadata: &raw})
}

func elsewhere() {
	b, _ := json.Marshal(map[string]any{"plan": nil})
	fmt.Println(string(b))
}

type nested struct{ Inner billing }

func setBelow(ctx context.Context, id string) {
	n := nested{Inner: billing{Plan: "pro"}}
	n.Inner.Customer = &id
	send(ctx, n)
	m := map[string]map[string]any{"plan": {"trial": nil}}
	m["plan"]["trial"] = id
	send(ctx, m)
	other := map[string]any{"plan": map[string]any{"trial": nil}}
	other["plan"].(map[string]any)["trial"] = id
	send(ctx, other)
	filled := nested{Inner: billing{Plan: "pro"}}
	fill(&filled.Inner)
	send(ctx, filled)
}

func (b *billing) fill() { b.Customer = &b.Plan }

func byMethod(ctx context.Context) {
	b := &billing{Plan: "pro"}
	b.fill()
	send(ctx, b)
}

func byAlias(ctx context.Context, id string, all map[string]map[string]any) {
	b := &billing{Plan: "pro"}
	same := b
	same.Customer = &id
	send(ctx, b)
	m := map[string]any{"trial": nil}
	all["plan"] = m
	all["plan"]["trial"] = id
	send(ctx, m)
}

type options struct{ customer **string }

func byAddress(ctx context.Context, id string) {
	var customer *string
	o := options{&customer}
	*o.customer = &id
	send(ctx, map[string]any{"customer": customer})
}

type set map[string]bool

func (set) MarshalJSON() ([]byte, error) { return []byte("[]"), nil }

func zeroOfSet(ctx context.Context) {
	var tags set
	send(ctx, map[string]any{"tags": tags})
	send(ctx, struct {
		Tags set `json:"tags"`
		Old  any `json:"old,omitzero"`
		None any `json:"-"`
	}{})
}
