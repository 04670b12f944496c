package claims_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
)

// Account is what the routes read of a user.
type Account struct {
	ID     string `json:"id"`
	Public struct {
		Role string `json:"role"`
		Plan string `json:"plan"`
	} `json:"public_metadata"`
}

func routes(c *client.Client, publishableKey string) (http.Handler, error) {
	verifier, err := claims.New(claims.Config{
		PublishableKey:    publishableKey,
		AuthorizedParties: []string{"https://app.example.com"},
		Users:             c.Users,
	})
	if err != nil {
		return nil, err
	}
	signedIn, err := claims.For[Account](verifier)
	if err != nil {
		return nil, err
	}
	fresh, err := claims.Require[Account](verifier, 10*time.Second)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", signedIn(http.HandlerFunc(home)))
	mux.Handle("POST /refunds", fresh(http.HandlerFunc(refund)))
	return http.NewCrossOriginProtection().Handler(mux), nil
}

func home(w http.ResponseWriter, r *http.Request) {
	account, _ := claims.From[Account](r.Context())
	fmt.Fprintf(w, "%s has plan %s\n", account.ID, account.Public.Plan)
}

func refund(w http.ResponseWriter, r *http.Request) {
	account, ok := claims.From[Account](r.Context())
	if !ok || account.Public.Role != "admin" {
		http.Error(w, "for administrators", http.StatusForbidden)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func Example() {
	c, err := client.New(client.SecretKey("sk_test_obviously_fake"))
	if err != nil {
		log.Fatal(err)
	}
	handler, err := routes(c, publishableKey)
	if err != nil {
		log.Fatal(err)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	fmt.Println(w.Code)
	// Output: 401
}

func ExampleTemplate() {
	text, err := claims.Template[Account]()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)
	// Output:
	// {
	//   "id": "{{user.id}}",
	//   "public_metadata": {
	//     "plan": "{{user.public_metadata.plan}}",
	//     "role": "{{user.public_metadata.role}}"
	//   }
	// }
}

func ExampleSize() {
	largest := Account{ID: "user_2abcdefghijklmnopqrstuvwxyz"}
	largest.Public.Role, largest.Public.Plan = "administrator", "enterprise"
	size, err := claims.Size(largest)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(size)
	// Output: 104
}
