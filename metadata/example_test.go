package metadata_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func ExamplePatch() {
	patch := metadata.Patch{
		"role":    "admin",
		"billing": metadata.Patch{"stripe_id": "cus_Example", "trial": metadata.Delete},
	}
	body, err := json.Marshal(patch)
	fmt.Println(string(body), err)

	// A nil is never taken for a deletion.
	var stripeID *string
	_, err = json.Marshal(metadata.Patch{"billing": metadata.Patch{"stripe_id": stripeID}})
	var at *metadata.PathError
	fmt.Println(errors.As(err, &at), at)
	// Output:
	// {"billing":{"stripe_id":"cus_Example","trial":null},"role":"admin"} <nil>
	// true /billing/stripe_id: null is not allowed here: to remove a key set it to metadata.Delete, in a Patch or a map
}

func ExampleParsePatch() {
	patch, err := metadata.ParsePatch([]byte(`{"role":null,"stripe_account":9007199254740993}`))
	fmt.Println(patch["role"], patch["stripe_account"], err)
	// Output: metadata.Delete 9007199254740993 <nil>
}

func ExampleValue() {
	for _, v := range []metadata.Value{
		metadata.Of(map[string]any{"role": "admin", "stripe_id": nil}), // exactly this
		metadata.Empty(), // clear the field
		metadata.Null(),  // store a null
		{},               // leave the field alone
	} {
		fmt.Println(v, v.Size())
	}
	// Output:
	// {"role":"admin","stripe_id":null} 33
	// {} 2
	// null 4
	// <unset> 0
}

func ExampleOf() {
	type Billing struct {
		StripeID string `json:"stripe_id"`
		Plan     string `json:"plan,omitempty"`
	}
	fmt.Println(metadata.Of(Billing{StripeID: "cus_Example"}))
	fmt.Println(metadata.Of([]string{"admin"}).Err())
	// Output:
	// {"stripe_id":"cus_Example"}
	// metadata must be a JSON object: []string encodes to an array; put it under a key
}

func ExampleObject_Decode() {
	object, err := metadata.ParseObject([]byte(`{"role":"admin","stripe_account":9007199254740993}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	var account struct {
		Role string `json:"role"`
	}
	err = object.Decode(&account)
	fmt.Println(account.Role, err)
	// Output: admin <nil>
}

func ExampleObject_Map() {
	object, err := metadata.ParseObject([]byte(`{"stripe_account":9007199254740993}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	members, err := object.Map()
	fmt.Printf("%v %T %v\n", members["stripe_account"], members["stripe_account"], err)
	// Output: 9007199254740993 json.Number <nil>
}

func ExampleMerge() {
	before, err := metadata.ParseObject([]byte(`{"role":"member","billing":{"stripe_id":"cus_Example","trial":true}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := metadata.Merge(before, metadata.Patch{
		"role":    "admin",
		"billing": metadata.Patch{"trial": metadata.Delete},
	})
	fmt.Println(after, err)
	// Output: {"billing":{"stripe_id":"cus_Example"},"role":"admin"} <nil>
}

func ExampleDiff() {
	have, _ := metadata.ParseObject([]byte(`{"role":"member","seats":3,"trial":true}`))
	want, _ := metadata.ParseObject([]byte(`{"role":"admin","seats":3.0}`))
	patch, err := metadata.Diff(have, want)
	fmt.Println(patch, err)

	// What a PATCH cannot do is an error that names the place.
	want, _ = metadata.ParseObject([]byte(`{"role":null}`))
	_, err = metadata.Diff(have, want)
	fmt.Println(err)
	// Output:
	// map[role:admin trial:metadata.Delete] <nil>
	// a merge patch cannot set null, wanted at "/role": leave the key out, or use a PUT
}
