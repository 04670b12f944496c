package webhook_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/webhook"
)

func raw(text []byte) (*[]byte, error) { return &text, nil }

func TestParse(t *testing.T) {
	t.Parallel()
	payload := []byte(`{"object":"event","type":"user.updated","data":{"id":"user_1","n":9007199254740993},"timestamp":1}`)
	data, err := webhook.Parse(payload, webhook.User, raw)
	require.NoError(t, err)
	clear(payload)
	require.Equal(t, `{"id":"user_1","n":9007199254740993}`, string(*data), "it shares no memory with the payload")

	for text, says := range map[string]string{
		`{"type":"user.deleted","data":{"private":1}}`: "type user.deleted carries no metadata",
		`{"type":"user.banned","data":{}}`:             "its type is not one of user.created, user.updated",
		`{"type":"private-type","data":{}}`:            "its type is not one of",
		`{"data":{"private":1}}`:                       "its type is not one of",
		`{"type":"","data":{}}`:                        "its type is not one of",
		`null`:                                         "its type is not one of",
		`{"type":1,"data":"private"}`:                  "not a JSON object",
		`[]`:                                           "not a JSON object",
		`private`:                                      "not a JSON object",
		``:                                             "not a JSON object",
	} {
		_, err := webhook.Parse([]byte(text), webhook.User, raw)
		require.ErrorIs(t, err, clerkerr.ErrDecode)
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "private")
	}
}

// Which events carry the whole entity; test/conformance compares this with
// Clerk's document.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind     webhook.Kind
		whole    []string
		deletion string // "" where it carries the whole entity too
	}{
		{webhook.User, []string{"user.created", "user.updated"}, "user.deleted"},
		{webhook.Organization, []string{"organization.created", "organization.updated"}, "organization.deleted"},
		{webhook.Membership, []string{"organizationMembership.created", "organizationMembership.updated", "organizationMembership.deleted"}, ""},
	} {
		for _, name := range tt.whole {
			data, err := webhook.Parse([]byte(`{"type":"`+name+`","data":{"id":"x"}}`), tt.kind, raw)
			require.NoError(t, err, name)
			require.JSONEq(t, `{"id":"x"}`, string(*data))
		}
		if tt.deletion != "" {
			_, err := webhook.Parse([]byte(`{"type":"`+tt.deletion+`","data":{"id":"x","deleted":true}}`), tt.kind, raw)
			require.ErrorIs(t, err, clerkerr.ErrDecode)
			require.ErrorContains(t, err, tt.deletion+" carries no metadata")
		}
	}
}
