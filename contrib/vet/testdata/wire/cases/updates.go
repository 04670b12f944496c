// Package cases has the calls that clerkmeta-vet rewrites. A test runs them before and after.
package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/user"

	"github.com/clerkmeta/clerkmeta-go/client"
)

// Clerkmeta is the client of the calls that are rewritten to this SDK.
var Clerkmeta *client.Client

// All are the calls by the id that each takes.
var All = map[string]func(context.Context, string) error{
	"user_alone":       userAlone,
	"user_three":       userThree,
	"user_assigned":    userAssigned,
	"user_returned":    userReturned,
	"user_if":          userIf,
	"user_read":        userRead,
	"user_refused":     userRefused,
	"user_client":      userClient,
	"org_alone":        organizationAlone,
	"org_both":         organizationBoth,
	"user_errreturned": userErrorReturned,
}

func userAlone(ctx context.Context, id string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	_, err := user.Update(ctx, id, &user.UpdateParams{PublicMetadata: &role})
	return err
}

func userThree(ctx context.Context, id string) error {
	_, err := user.Update(ctx, id, &user.UpdateParams{
		PublicMetadata:  clerk.JSONRawMessage(json.RawMessage(`{"role":"admin"}`)),
		PrivateMetadata: clerk.JSONRawMessage(json.RawMessage(`{"stripeId":"cus_1","nothing":null}`)),
		// The theme.
		UnsafeMetadata: clerk.JSONRawMessage(json.RawMessage(`{}`)),
	})
	return err
}

func userAssigned(ctx context.Context, id string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	u, err := user.Update(ctx, id, &user.UpdateParams{
		FirstName:      clerk.String("Ada"),
		PublicMetadata: &role,
	})
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if u.FirstName == nil || *u.FirstName != "Ada" || string(u.PublicMetadata) != `{"role":"admin"}` {
		return errors.New("the answer is another one")
	}
	return nil
}

func userReturned(ctx context.Context, id string) error {
	_, err := update(ctx, id, json.RawMessage(`{"role":"admin"}`))
	return err
}

func update(ctx context.Context, id string, role json.RawMessage) (*clerk.User, error) {
	return user.Update(ctx, id, &user.UpdateParams{LastName: clerk.String("Lovelace"), PublicMetadata: &role})
}

func userErrorReturned(ctx context.Context, id string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	_, err := user.Update(ctx, id, &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &role})
	return err
}

func userIf(ctx context.Context, id string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	if _, err := user.Update(ctx, id, &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &role}); err != nil {
		return err
	}
	return nil
}

func userRead(ctx context.Context, id string) error {
	u, err := user.Get(ctx, id)
	if err != nil {
		return err
	}
	var stored map[string]any
	if err := json.Unmarshal(u.PublicMetadata, &stored); err != nil {
		return err
	}
	stored["role"] = "admin"
	text, err := json.Marshal(stored)
	if err != nil {
		return err
	}
	raw := json.RawMessage(text)
	_, err = user.Update(ctx, id, &user.UpdateParams{PublicMetadata: &raw})
	return err
}

// userRefused has a first request that Clerk refuses: the second is not made.
func userRefused(ctx context.Context, id string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	_, err := user.Update(ctx, id, &user.UpdateParams{PrimaryEmailAddressID: clerk.String("idn_unknown"), PublicMetadata: &role})
	if err != nil {
		return nil
	}
	return errors.New("the update was not refused")
}

func userClient(ctx context.Context, id string) error {
	c := &user.Client{Backend: clerk.GetBackend()}
	role := json.RawMessage(`{"role":"admin"}`)
	u, err := c.Update(ctx, id, &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &role})
	if err != nil {
		return err
	}
	_ = u.ID
	return nil
}

func organizationAlone(ctx context.Context, id string) error {
	tier := json.RawMessage(`{"tier":"enterprise"}`)
	_, err := organization.Update(ctx, id, &organization.UpdateParams{PublicMetadata: &tier})
	return err
}

func organizationBoth(ctx context.Context, id string) error {
	tier := json.RawMessage(`{"tier":"enterprise"}`)
	if _, err := organization.Update(ctx, id, &organization.UpdateParams{
		Name:            clerk.String("Acme"),
		PublicMetadata:  &tier,
		PrivateMetadata: clerk.JSONRawMessage(json.RawMessage(`{"since":1843}`)),
	}); err != nil {
		return err
	}
	return nil
}
