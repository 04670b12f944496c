package twocalls

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

func shadowsPackage(ctx context.Context, raw json.RawMessage) (string, error) {
	user, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	if err != nil {
		return "", err
	}
	return user.ID, nil
}

func answerInParams(ctx context.Context, u *clerk.User) (*clerk.User, error) {
	u.PublicMetadata = json.RawMessage(`{"role":"admin"}`)
	u, err := user.Update(ctx, u.ID, &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &u.PublicMetadata}) // want `PublicMetadata in user.Update`
	return u, err
}

func errorFromOutside(ctx context.Context, raw json.RawMessage) (u *clerk.User, err error) {
	defer func() { log.Println(err) }()
	u, err = user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	if err != nil {
		return
	}
	return u, nil
}

func inRequest(r *http.Request, raw json.RawMessage) {
	u, err := user.Update(r.Context(), r.Pattern, &user.UpdateParams{FirstName: new("Ada"), PublicMetadata: new(raw)}) // want `PublicMetadata in user.Update`
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(u.ID)
}

func inTest(t *testing.T, ids []string, raw json.RawMessage) {
	_, err := user.Update(t.Context(), ids[0], &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	if err != nil {
		t.Fatal(err)
	}
	if _, err := user.Update(context.Background(), ids[1], &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}); err != nil { // want `PublicMetadata in user.Update`
		panic(err)
	} else if len(ids) > 2 {
		os.Exit(1)
	}
}

func answerInElse(ctx context.Context, raw json.RawMessage) error {
	switch {
	case len(raw) > 0:
		if u, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}); err != nil { // want `PublicMetadata in user.Update`
			return err
		} else {
			fmt.Println(u.ID)
		}
	}
	return nil
}

func inClosure(ctx context.Context, raw json.RawMessage) error {
	store := func() (*clerk.User, error) {
		return user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	}
	_, err := store()
	return err
}

func anywhere(ctx context.Context, c *user.Client, raw json.RawMessage) {
	go user.Update(ctx, "user_1", &user.UpdateParams{PublicMetadata: &raw})           // want `PublicMetadata in user.Update`
	defer c.Update(ctx, "user_1", &user.UpdateParams{PublicMetadata: &raw})           // want `PublicMetadata in user.Update`
	fmt.Println(user.Update(ctx, "user_1", &user.UpdateParams{PublicMetadata: &raw})) // want `PublicMetadata in user.Update`
}

func variable(ctx context.Context, raw json.RawMessage) error {
	// The parameters.
	params := &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw} // want `PublicMetadata in user.Update`

	// The request.
	_, err := user.Update(ctx, "user_1", params)
	return err
}

func variableOfStruct(ctx context.Context, raw json.RawMessage) (*clerk.User, error) {
	params := user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw} // want `PublicMetadata in user.Update`
	return user.Update(ctx, "user_1", &params)
}

func variableAlone(ctx context.Context, raw json.RawMessage) error {
	var params = user.UpdateParams{PublicMetadata: &raw} // want `PublicMetadata in user.Update`
	fmt.Println("update")
	return retry(func() error {
		_, err := user.Update(ctx, "user_1", &params)
		return err
	})
}

func retry(f func() error) error { return f() }

type embeds struct{ *user.Client }

func byEmbedded(ctx context.Context, c embeds, raw json.RawMessage) {
	c.Update(ctx, "user_1", &user.UpdateParams{PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
}

// No fix below.

func answerInHandling(ctx context.Context, raw json.RawMessage) error {
	u, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	if err != nil {
		return fmt.Errorf("%v: %w", u, err)
	}
	return nil
}

func errorInParams(ctx context.Context, err error, ids map[error]string, raw json.RawMessage) error {
	_, err = user.Update(ctx, ids[err], &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	return err
}

func nestedFinding(ctx context.Context, raw, old json.RawMessage) error {
	_, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	if err != nil {
		params := user.UpdateParams{}
		params.PublicMetadata = &old // want `PublicMetadata in user.Update`
		_, err = user.Update(ctx, "user_1", &params)
		return err
	}
	return nil
}

func label(ctx context.Context, raw json.RawMessage) {
	for {
		_, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
		if err != nil {
		again:
			for {
				break again
			}
			return
		}
	}
}

func labelled(ctx context.Context, raw json.RawMessage) error {
	goto store
store:
	_, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	return err
}

func maybeEmpty(ctx context.Context, name *string, raw json.RawMessage) error {
	_, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: name, PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	return err
}

func elseIf(ctx context.Context, raw json.RawMessage) error {
	if raw == nil {
		return nil
	} else if _, err := user.Update(ctx, "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}); err != nil { // want `PublicMetadata in user.Update`
		return err
	}
	return nil
}

func changedBetween(ctx context.Context, raw json.RawMessage) error {
	params := &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: clerk.JSONRawMessage(raw)} // want `PublicMetadata in user.Update`
	raw = nil
	_, err := user.Update(ctx, "user_1", params)
	return err
}

func usedTwice(ctx context.Context, raw json.RawMessage) error {
	params := &user.UpdateParams{PublicMetadata: &raw} // want `PublicMetadata in user.Update`
	fmt.Println(params)
	_, err := user.Update(ctx, "user_1", params)
	return err
}

type repository struct{ user.Client }

func (repository) Update(context.Context, string, *user.UpdateParams) error { return nil }

func wrapped(ctx context.Context, r repository, raw json.RawMessage) error {
	return r.Update(ctx, "user_1", &user.UpdateParams{PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
}

type replacing struct{ *user.Client }

func (replacing) ReplaceMetadata() {}

func otherReplace(ctx context.Context, r replacing, raw json.RawMessage) {
	r.Update(ctx, "user_1", &user.UpdateParams{PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
}

type updater interface {
	Update(context.Context, string, *user.UpdateParams) (*clerk.User, error)
}

func dynamic(ctx context.Context, by updater, f func(context.Context, string, *user.UpdateParams) (*clerk.User, error), raw json.RawMessage) {
	by.Update(ctx, "user_1", &user.UpdateParams{PublicMetadata: &raw}) // want `PublicMetadata in user.Update`
	f(ctx, "user_1", &user.UpdateParams{PublicMetadata: &raw})         // want `PublicMetadata in user.Update`
}
