package claims_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type (
	plan struct {
		Name  string `json:"name"`
		Limit int64  `json:"limit"`
	}
	common struct {
		Tags []string `json:"tags,omitempty"`
	}
	profile struct {
		common

		Role   string `json:"role"`
		Plan   *plan  `json:"plan"`
		Hidden string `json:"-"`
		Seats  int
	}
	account struct {
		ID     string         `json:"id"`
		Public profile        `json:"public_metadata"`
		Unsafe map[string]any `json:"unsafe_metadata"`
	}
)

const accountTemplate = `{
  "id": "{{user.id}}",
  "public_metadata": {
    "Seats": "{{user.public_metadata.Seats}}",
    "plan": "{{user.public_metadata.plan}}",
    "role": "{{user.public_metadata.role}}",
    "tags": "{{user.public_metadata.tags}}"
  },
  "unsafe_metadata": "{{user.unsafe_metadata}}"
}`

func TestTemplate(t *testing.T) {
	t.Parallel()
	text, err := claims.Template[account]()
	require.NoError(t, err)
	require.Equal(t, accountTemplate, text)

	text, err = claims.Template[struct {
		Public metadata.Object `json:"public_metadata"`
	}]()
	require.NoError(t, err)
	require.JSONEq(t, `{"public_metadata":"{{user.public_metadata}}"}`, text)

	type tagged struct {
		common `json:"base"`

		plan
		Own string `json:"own"`
	}
	text, err = claims.Template[struct {
		Public tagged `json:"public_metadata"`
	}]()
	require.NoError(t, err)
	require.JSONEq(t, `{"public_metadata":{"base":"{{user.public_metadata.base}}","name":"{{user.public_metadata.name}}","limit":"{{user.public_metadata.limit}}","own":"{{user.public_metadata.own}}"}}`, text)

	text, err = claims.Template[struct {
		Public *plan `json:"public_metadata"`
	}]()
	require.NoError(t, err)
	require.JSONEq(t, `{"public_metadata":{"name":"{{user.public_metadata.name}}","limit":"{{user.public_metadata.limit}}"}}`, text)
}

// refusal is the error that everything reports of a type.
func refusal[T any](t *testing.T) string {
	t.Helper()
	_, err := claims.Template[T]()
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	_, size := claims.Size(*new(T))
	config := configOf(serve())
	config.Users = clerktest.Start(t, clerktest.Seed{}).Client().Users
	v := newVerifier(t, config)
	_, decoded := claims.For[T](v)
	_, required := claims.Require[T](v, 1e10)
	for _, other := range []error{size, decoded, required} {
		require.EqualError(t, other, err.Error())
	}
	return err.Error()
}

func TestTypesAreChecked(t *testing.T) {
	t.Parallel()
	require.Contains(t, refusal[struct {
		Public  profile `json:"public_metadata"`
		Private plan    `json:"private_metadata"`
	}](t), "has private_metadata, which is in no token")
	for says, err := range map[string]string{
		`"publicMetadata": expected id, public_metadata or unsafe_metadata`: refusal[struct {
			Public plan `json:"publicMetadata"`
		}](t),
		`"o": expected id, public_metadata or unsafe_metadata`: refusal[struct {
			Organization map[string]any `json:"o"`
		}](t),
		`"Private": expected`: refusal[struct{ Private plan }](t),
		`the key "a.b" of user.public_metadata cannot be in a shortcode`: refusal[struct {
			Public struct {
				Dotted string `json:"a.b"`
			} `json:"public_metadata"`
		}](t),
		"user.public_metadata is a string, metadata is an object": refusal[struct {
			Public string `json:"public_metadata"`
		}](t),
		"is not a struct":            refusal[map[string]any](t),
		"has a method UnmarshalJSON": refusal[struct{ metadata.Object }](t),
		"chan":                       refusal[struct{ C chan int }](t),
	} {
		require.Contains(t, err, says)
	}
}

// Size is what the emulator puts into a token.
func TestSize(t *testing.T) {
	t.Parallel()
	for _, public := range []object{
		{"role": "admin", "plan": object{"name": "<pro>", "limit": 1}, "tags": []any{"a"}, "Seats": 3},
		{"role": "", "Seats": 0},
	} {
		raw, err := json.Marshal(object{"id": "user_1", "public_metadata": public, "unsafe_metadata": object{"theme": "ü"}})
		require.NoError(t, err)
		var v account
		require.NoError(t, json.Unmarshal(raw, &v))
		size, err := claims.Size(v)
		require.NoError(t, err)

		var template map[string]any
		require.NoError(t, json.Unmarshal([]byte(accountTemplate), &template))
		clerk := clerktest.Start(t, clerktest.Seed{
			SessionClaims: template,
			Users:         []clerktest.User{{ID: "user_1", PublicMetadata: public, UnsafeMetadata: object{"theme": "ü"}}},
			Sessions:      []clerktest.Session{{ID: "sess_1", UserID: "user_1"}},
		})
		with, err := newVerifier(t, configOf(clerk.Transport())).Verify(t.Context(), sessionToken(t, clerk, "sess_1"))
		require.NoError(t, err)
		var all map[string]json.RawMessage
		require.NoError(t, with.Claims.Decode(&all))
		own := map[string]any{"id": all["id"], "public_metadata": all["public_metadata"], "unsafe_metadata": all["unsafe_metadata"]}
		want, err := metadata.Size(own)
		require.NoError(t, err)
		require.Equal(t, want, size)
	}

	size, err := claims.Size(account{Public: profile{Role: strings.Repeat("x", 1200)}})
	require.NoError(t, err)
	require.Greater(t, size, metadata.MaxClaimSize)
	_, err = claims.Size(account{Unsafe: object{"f": make(chan int)}})
	require.ErrorIs(t, err, metadata.ErrUnsupported)
	_, err = claims.Size(account{Public: profile{Role: "\xff"}})
	require.ErrorIs(t, err, metadata.ErrInvalidString)
}
