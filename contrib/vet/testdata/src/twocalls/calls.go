package twocalls

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clerk/clerk-sdk-go/v2"
	orgs "github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

func metadataAlone(ctx context.Context, raw json.RawMessage) (*clerk.User, error) {
	return user.Update(ctx, "user_1", &user.UpdateParams{
		// The role.
		PublicMetadata: &raw, // want `PublicMetadata in user.Update is a second request`
	})
}

func byClient(ctx context.Context, c *user.Client, raw json.RawMessage) {
	c.Update(ctx, "user_1", &user.UpdateParams{UnsafeMetadata: clerk.JSONRawMessage(raw)}) // want `UnsafeMetadata in user.Update is a second request`
}

func renamedImport(ctx context.Context, raw json.RawMessage) error {
	if _, err := orgs.Update(ctx, "org_1", &orgs.UpdateParams{Name: clerk.String("A"), PrivateMetadata: &raw}); err != nil { // want `PrivateMetadata in organization.Update is a second request`
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

func assigned(ctx context.Context, raw json.RawMessage) error {
	// Both are stored.
	u, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw, PrivateMetadata: clerk.JSONRawMessage(raw)}) // want `PublicMetadata, PrivateMetadata in user.Update is a second request`
	if err != nil {
		// The caller logs it.
		return fmt.Errorf("store: %w", err)
	}
	fmt.Println(u.ID)
	return nil
}

func returned(ctx context.Context, raw json.RawMessage) (*clerk.User, error) {
	return user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
}

func errorReturned(ctx context.Context, raw json.RawMessage) error {
	_, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	return err
}

func inLoop(ctx context.Context, ids []string, raw json.RawMessage) {
	for _, id := range ids {
		_, err := user.Update(ctx, id, &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
		if err != nil {
			continue
		}
	}
}

func built(ctx context.Context) error {
	u, err := user.Get(ctx, "user_1")
	if err != nil {
		return err
	}
	var m map[string]any
	if err := json.Unmarshal(u.PublicMetadata, &m); err != nil {
		return err
	}
	m["role"] = "admin"
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	raw := json.RawMessage(text)
	_, err = user.Update(ctx, "user_1", &user.UpdateParams{PublicMetadata: &raw}) // want `PublicMetadata in user.Update is a second request.*; the value was built from what was read before`
	return err
}

// No fix below: what is done with the error, or how often a part is evaluated, is not certain.

func handledOtherwise(ctx context.Context, raw json.RawMessage) error {
	_, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	return errors.Join(err, ctx.Err())
}

func ignored(ctx context.Context, raw json.RawMessage) {
	user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
}

func logged(ctx context.Context, raw json.RawMessage) {
	if _, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}); err != nil { // want `PublicMetadata in user.Update`
		fmt.Println(err)
	}
}

func maybeNil(ctx context.Context, raw *json.RawMessage) error {
	_, err := user.Update(ctx, "user_1", &user.UpdateParams{PublicMetadata: raw}) // want `PublicMetadata in user.Update`
	return err
}

func name() string { return "Ada" }

func effects(ctx context.Context, raw json.RawMessage) error {
	_, err := user.Update(ctx, name(), &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	return err
}

func commented(ctx context.Context, raw json.RawMessage) error {
	_, err := user.Update(ctx, "user_1", &user.UpdateParams{
		FirstName:      clerk.String("Ada"), // the name
		PublicMetadata: &raw,                // want `PublicMetadata in user.Update`
	})
	return err
}
