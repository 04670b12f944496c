package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

func init() {
	All["user_shadowed"] = userShadowed
	All["user_named"] = userNamed
	All["user_params"] = userParams
	All["user_variable"] = userVariable
	All["user_request"] = userRequest
	All["user_loop"] = userLoop
	All["user_missing"] = userMissing
	All["user_later"] = userLater
	All["user_maybe"] = userMaybe
}

func userShadowed(ctx context.Context, id string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	user, err := user.Update(ctx, id, &user.UpdateParams{
		FirstName:      clerk.String("Ada"),
		PublicMetadata: &role,
	})
	if err != nil {
		return err
	}
	if user.ID != id {
		return errors.New("the answer is another user")
	}
	return nil
}

// userNamed sends metadata of a user whose variable gets the answer.
func userNamed(ctx context.Context, id string) error {
	u, err := user.Get(ctx, id)
	if err != nil {
		return err
	}
	u.PublicMetadata = json.RawMessage(`{"role":"admin"}`)
	_, err = promote(ctx, u)
	return err
}

func promote(ctx context.Context, u *clerk.User) (named *clerk.User, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("promote: %w", err)
		}
	}()
	u, err = user.Update(ctx, u.ID, &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &u.PublicMetadata})
	if err != nil {
		return
	}
	return u, nil
}

func userParams(ctx context.Context, id string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	// The role and the name go together.
	params := &user.UpdateParams{
		FirstName:      clerk.String("Ada"),
		PublicMetadata: &role,
		LastName:       clerk.String("Lovelace"),
	}

	// Both in one call.
	_, err := user.Update(ctx, id, params) // stored
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

func userVariable(ctx context.Context, id string) error {
	var params = user.UpdateParams{
		PublicMetadata: clerk.JSONRawMessage(json.RawMessage(`{"role":"admin"}`)), // alone
	}
	for range 2 {
		if _, err := user.Update(ctx, id, &params); err != nil {
			return err
		}
	}
	return nil
}

func userRequest(ctx context.Context, id string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/"+id, nil)
	if err != nil {
		return err
	}
	role := json.RawMessage(`{"role":"admin"}`)
	store := func(ids ...string) (*clerk.User, error) {
		return user.Update(r.Context(), ids[0], &user.UpdateParams{FirstName: new("Ada"), UnsafeMetadata: &role})
	}
	_, err = store(id)
	return err
}

func userLoop(ctx context.Context, id string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	for _, id := range []string{"user_unknown", id} {
		_, err := user.Update(ctx, id, &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &role})
		if err != nil {
			continue
		}
	}
	return nil
}

func userMissing(ctx context.Context, _ string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	if u, err := user.Update(ctx, "user_nobody", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &role}); err != nil {
		var refused *clerk.APIErrorResponse
		if errors.As(err, &refused) && refused.HTTPStatusCode == http.StatusNotFound {
			return nil
		}
		return err
	} else {
		return fmt.Errorf("user %s was updated", u.ID)
	}
}

// userLater has no fix: the parameters are set in several places.
func userLater(ctx context.Context, id string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	params := &user.UpdateParams{FirstName: clerk.String("Ada")}
	params.PublicMetadata = &role
	_, err := user.Update(ctx, id, params)
	return err
}

// userMaybe has no fix: the update is no request where the name is nil.
func userMaybe(ctx context.Context, id string) error {
	role := json.RawMessage(`{"role":"admin"}`)
	var name *string
	if len(id) > 100 {
		name = &id
	}
	_, err := user.Update(ctx, id, &user.UpdateParams{FirstName: name, PublicMetadata: &role})
	return err
}
