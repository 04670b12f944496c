// Code generated from docs/guides/onboarding.md. DO NOT EDIT.

package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/clerk/clerk-sdk-go/v2"
	clerkhttp "github.com/clerk/clerk-sdk-go/v2/http"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Answers are the fields of the sign-up form.
type Answers struct {
	Company string `json:"company"`
	Seats   int    `json:"seats"`
}

// Unsafe is what the browser writes.
type Unsafe struct {
	Onboarding *Answers `json:"onboarding,omitempty"`
}

// Public is what the backend writes.
type Public struct {
	Company   string `json:"company,omitempty"`
	Seats     int    `json:"seats,omitempty"`
	Onboarded bool   `json:"onboarded,omitempty"`
}

type Newcomer struct {
	Public Public `json:"public_metadata"`
	Unsafe Unsafe `json:"unsafe_metadata"`
}

var (
	errNotYet  = errors.New("the form was not sent")
	errAnswers = errors.New("a company's name has 1 to 80 bytes, and an account 1 to 50 seats")
)

func (a *Answers) check() error {
	switch {
	case a == nil:
		return errNotYet
	case strings.TrimSpace(a.Company) == "", len(a.Company) > 80, a.Seats < 1, a.Seats > 50:
		return errAnswers
	}
	return nil
}

func finishOnboarding(ctx context.Context, c *client.Client, userID string) error {
	newcomers := users.As[Newcomer](c.Users)
	_, err := newcomers.Modify(ctx, userID, func(n *Newcomer) error {
		if n.Public.Onboarded {
			return nil // sent twice
		}
		answers := n.Unsafe.Onboarding
		if err := answers.check(); err != nil {
			return err
		}
		n.Public = Public{Company: answers.Company, Seats: answers.Seats, Onboarded: true}
		n.Unsafe.Onboarding = nil
		return nil
	})
	return err
}

func statusFor(err error) int {
	switch {
	case err == nil:
		return http.StatusNoContent
	case errors.Is(err, errNotYet), errors.Is(err, errAnswers), errors.Is(err, metadata.ErrMismatch):
		return http.StatusUnprocessableEntity // the user's answers
	default:
		return http.StatusBadGateway // Clerk did not answer as expected: the page may try again
	}
}

func handler(c *client.Client, opts ...clerkhttp.AuthorizationOption) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /onboarding", func(w http.ResponseWriter, r *http.Request) {
		claims, ok := clerk.SessionClaimsFromContext(r.Context())
		if !ok {
			http.Error(w, "sign in first", http.StatusUnauthorized)
			return
		}
		err := finishOnboarding(r.Context(), c, claims.Subject)
		if err != nil {
			log.Print(err)
		}
		w.WriteHeader(statusFor(err))
	})
	return clerkhttp.WithHeaderAuthorization(opts...)(mux)
}

func main() {
	clerk.SetKey(os.Getenv("CLERK_SECRET_KEY"))
	c, err := client.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler(c)))
}
