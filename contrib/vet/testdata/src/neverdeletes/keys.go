package neverdeletes

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"

	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

func removed(ctx context.Context) error {
	u, err := user.Get(ctx, "user_1")
	if err != nil {
		return err
	}
	var m map[string]any
	if err := json.Unmarshal(u.PublicMetadata, &m); err != nil {
		return err
	}
	delete(m, "trial") // want `a merge keeps the stored key that is removed here`
	m["plan"] = "pro"
	return send(ctx, m)
}

func send(ctx context.Context, m map[string]any) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	raw := json.RawMessage(b)
	_, err = user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{PublicMetadata: &raw})
	return err
}

func several(ctx context.Context) {
	o, _ := organization.Get(ctx, "org_1")
	m := map[string]string{}
	json.Unmarshal([]byte(o.PrivateMetadata), &m)
	maps.DeleteFunc(m, func(k, _ string) bool { return k == "old" }) // want `a merge keeps the stored key`
	b, _ := json.Marshal(m)
	organization.UpdateMetadata(ctx, "org_1", &organization.UpdateMetadataParams{PrivateMetadata: (*json.RawMessage)(&b)})
}

// stored returns the metadata of a user, or an empty map.
func stored(ctx context.Context) (map[string]any, error) {
	u, err := user.Get(ctx, "user_1")
	if err != nil {
		return nil, err
	}
	m := make(map[string]any)
	if u.PublicMetadata != nil {
		if err := json.Unmarshal(u.PublicMetadata, &m); err != nil {
			return make(map[string]any), nil
		}
	}
	return m, nil
}

func fromHelper(ctx context.Context, plan string) error {
	m, err := stored(ctx)
	if err != nil {
		return err
	}
	if plan == "" {
		delete(m, "plan") // want `a merge keeps the stored key`
	} else {
		m["plan"] = plan
	}
	return send(ctx, m)
}

func byRequest(ctx context.Context) (*http.Request, error) {
	m, err := stored(ctx)
	if err != nil {
		return nil, err
	}
	delete(m, "plan") // want `a merge keeps the stored key`
	return patch("/users/user_1/metadata", map[string]any{"public_metadata": m})
}

func patch(path string, body any) (*http.Request, error) {
	var buffer bytes.Buffer
	if err := json.NewEncoder(&buffer).Encode(body); err != nil {
		return nil, err
	}
	return http.NewRequest(http.MethodPatch, "https://api.clerk.com/v1"+path, &buffer)
}

// Nothing is reported below.

func otherKey(ctx context.Context) (*http.Request, error) {
	m, _ := stored(ctx)
	delete(m, "plan")
	return patch("/users/user_1/metadata", map[string]any{"was": m})
}

func known(ctx context.Context) (map[string]any, error) {
	m := map[string]any{"plan": "pro"}
	return m, nil
}

func notRead(ctx context.Context) error {
	m, err := known(ctx)
	if err != nil {
		return err
	}
	delete(m, "plan")
	return send(ctx, m)
}

func removedLater(ctx context.Context) error {
	m, _ := stored(ctx)
	err := send(ctx, m)
	delete(m, "plan")
	return err
}

func inLoop(ctx context.Context, plans []string) error {
	m, _ := stored(ctx)
	for _, plan := range plans {
		if plan == "" {
			delete(m, "plan")
		} else {
			m["plan"] = plan
		}
	}
	return send(ctx, m)
}

func replaced(ctx context.Context) {
	u, _ := user.Get(ctx, "user_1")
	var m map[string]any
	json.Unmarshal(u.PublicMetadata, &m)
	delete(m, "trial")
	b, _ := json.Marshal(m)
	raw := json.RawMessage(b)
	user.ReplaceMetadata(ctx, "user_1", &user.ReplaceMetadataParams{PublicMetadata: &raw})
}

func fresh(ctx context.Context) {
	m := map[string]any{"plan": "pro", "trial": true}
	delete(m, "trial")
	send(ctx, m)
}

func fromElsewhere(ctx context.Context, text []byte) {
	var m map[string]any
	json.Unmarshal(text, &m)
	delete(m, "trial")
	send(ctx, m)
}

func asNull(ctx context.Context) {
	u, _ := user.Get(ctx, "user_1")
	var m map[string]any
	json.Unmarshal(u.PublicMetadata, &m)
	delete(m, "trial")
	m["trial"] = nil
	send(ctx, m)
}
