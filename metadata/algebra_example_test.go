package metadata_test

import (
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func parsed(text string) metadata.Object {
	o, err := metadata.ParseObject([]byte(text))
	if err != nil {
		log.Fatal(err)
	}
	return o
}

// Two patches that wait to be sent can often go as one.
func ExampleCompose() {
	both, err := metadata.Compose(
		metadata.Patch{"role": "member", "plan": metadata.Patch{"seats": 3}},
		metadata.Patch{"role": "admin", "plan": metadata.Patch{"trial": metadata.Delete}},
	)
	fmt.Println(both, err)

	// Not always: no patch replaces an object that may be there.
	_, err = metadata.Compose(
		metadata.Patch{"plan": metadata.Delete},
		metadata.Patch{"plan": metadata.Patch{"seats": 3}},
	)
	fmt.Println(err)
	// Output:
	// map[plan:map[seats:3 trial:metadata.Delete] role:admin] <nil>
	// no single merge patch replaces what may be an object, at "/plan": send the patches one after the other
}

func ExampleChanged() {
	places, err := metadata.Changed(
		parsed(`{"role":"member","seats":1.0,"plan":{"name":"pro","trial":true}}`),
		parsed(`{"role":"admin","seats":1,"plan":{"name":"pro"}}`),
	)
	fmt.Println(places, err)
	// Output: [/plan/trial /role] <nil>
}

func ExampleCheckClaims() {
	public := parsed(`{"role":"admin","bio":"` + strings.Repeat("x", 1500) + `"}`)
	err := metadata.CheckClaims(public)
	var size *metadata.ClaimSizeError
	if errors.As(err, &size) {
		fmt.Println(size.Largest[0].Key, "takes", size.Largest[0].Size, "bytes")
	}
	fmt.Println(err)
	// Output:
	// bio takes 1502 bytes
	// metadata of 1525 bytes is too large for a session token, whose limit is 1200; largest keys: "bio" (1502), "role" (7)
}

func ExampleFromClaims() {
	// The claims of a session token that a JWT library has verified.
	claims := map[string]any{
		"sub":             "user_1",
		"public_metadata": map[string]any{"role": "admin"},
	}
	public, err := metadata.FromClaims(claims, "public_metadata")
	if err != nil {
		log.Fatal(err)
	}
	type profile struct {
		Role string `json:"role"`
	}
	p, err := metadata.Decode[profile](public)
	fmt.Println(p.Role, err)
	// Output: admin <nil>
}

// An unverified token is refused.
func ExampleParseClaims() {
	_, err := metadata.ParseClaims([]byte("eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ."), "public_metadata")
	fmt.Println(errors.Is(err, metadata.ErrUnverified))
	// Output: true
}

// A Draft is what the typed views' Modify is built on.
func ExampleDraft() {
	type account struct {
		Role string `json:"role,omitempty"`
	}
	draft, err := metadata.NewDraft[account](parsed(`{"role":"member","theme":"dark"}`))
	if err != nil {
		log.Fatal(err)
	}
	draft.Value.Role = "admin"
	fmt.Println(draft.Patch())
	// Output: map[role:admin] <nil>
}
