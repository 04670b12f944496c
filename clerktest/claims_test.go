package clerktest_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// claimsOf are the claims of a token of sess_1, as their JSON.
func claimsOf(t *testing.T, c *clerktest.Clerk) map[string]json.RawMessage {
	t.Helper()
	r := send(t, c.Transport(), "POST", "/v1/client/sessions/sess_1/tokens", "", "Cookie", "__client=client_token_1")
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(jwtOf(t, r), ".")[1])
	require.NoError(t, err)
	var claims map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(payload, &claims))
	return claims
}

// claim is what a template gives for a claim.
func claim(t *testing.T, seed clerktest.Seed, template any) string {
	t.Helper()
	seed.SessionClaims = object{"claim": template}
	return string(claimsOf(t, clerktest.Start(t, seed).Clerk)["claim"])
}

// claimed has a value for every shortcode.
func claimed() clerktest.Seed {
	seed := content()
	seed.Users[0] = clerktest.User{
		ID: "user_1", FirstName: "Ada", ExternalID: "7", EmailAddresses: []string{"ada@example.com"}, CreatedAt: 1_227_618_844_999,
		PublicMetadata:  object{"role": "admin", "age": 0, "off": false, "none": nil, "deep": object{"er": []any{1, object{"x": 2}}}, "n": json.Number("9007199254740993")},
		PrivateMetadata: object{"role": "hidden"},
		UnsafeMetadata:  object{"theme": "dark"},
	}
	seed.Organizations[0].PublicMetadata = object{"tier": "gold"}
	seed.Sessions[0].ActiveOrganizationID = "org_1"
	return seed
}

func TestShortcodes(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"plain":                              `"plain"`,
		"{{user.id}}":                        `"user_1"`,
		"{{user.first_name}}":                `"Ada"`,
		"{{user.last_name}}":                 `null`,
		"{{user.full_name}}":                 `"Ada"`,
		"{{user.external_id || user.id}}":    `"7"`,
		"{{user.username}}":                  `null`,
		"{{user.primary_email_address}}":     `"ada@example.com"`,
		"{{user.primary_phone_number}}":      `null`,
		"{{user.email_verified}}":            `true`,
		"{{user.phone_number_verified}}":     `false`,
		"{{user.created_at}}":                `1227618844`,
		"{{user.i_dont_exist}}":              `null`,
		"{{user.unsafe_metadata}}":           `{"theme":"dark"}`,
		"{{ user.public_metadata.role }}":    `"admin"`,
		"{{user.public_metadata.n}}":         `9007199254740993`,
		"{{user.public_metadata.deep.er}}":   `[1,{"x":2}]`,
		"{{user.public_metadata.deep.x.y}}":  `null`,
		"{{user.public_metadata.role.x}}":    `null`,
		"{{org.id}}":                         `"org_1"`,
		"{{org.slug}}":                       `"acme"`,
		"{{org.name}}":                       `"Acme"`,
		"{{org.role}}":                       `"org:admin"`,
		"{{org.public_metadata.tier}}":       `"gold"`,
		"{{org_membership.role}}":            `"org:admin"`,
		"{{org_membership.public_metadata}}": `{"desk":1}`,
		// Interpolated values are text.
		"{{user.last_name}} {{user.first_name}} ":              `"null Ada"`,
		"<{{user.public_metadata.n}}|{{user.email_verified}}>": `"<9007199254740993|true>"`,
		"a {{user.public_metadata.deep}}":                      `"a {\"er\":[1,{\"x\":2}]}"`,
		// The first operand that is neither null nor false counts, else the last one.
		"{{user.last_name || 'Awesome User'}}":                                   `"Awesome User"`,
		"{{user.last_name||'a || b'||'c'}}":                                      `"a || b"`,
		"{{user.public_metadata.age || 30}}":                                     `0`,
		"{{user.public_metadata.no || user.public_metadata.off || -1.50 }}":      `-1.50`,
		"{{user.public_metadata.no || user.public_metadata.off || true }}":       `true`,
		"{{user.public_metadata.off || user.public_metadata.none}}":              `null`,
		"{{user.public_metadata.none || user.public_metadata.off}}":              `false`,
		"{{user.public_metadata.none || ''}}":                                    `""`,
		"Tier {{org.public_metadata.tier || 'none'}} of {{user.first_name}}":     `"Tier gold of Ada"`,
		"{{user.public_metadata.deep.er.0 || 'an index is no key of an array'}}": `"an index is no key of an array"`,
	}
	seed := claimed()
	seed.SessionClaims = object{}
	for template := range want {
		seed.SessionClaims[template] = template
	}
	got := claimsOf(t, clerktest.Start(t, seed).Clerk)
	for template, value := range want {
		require.Equal(t, value, string(got[template]), template)
	}
	nested := object{"a": []any{"{{user.id}}", json.Number("12345678901234567890"), nil, true}, "b": object{"c": "{{org.slug}}!"}}
	require.JSONEq(t, `{"a":["user_1",12345678901234567890,null,true],"b":{"c":"acme!"}}`, claim(t, claimed(), nested))
}

// Without an active organization, and in one without a membership, nothing leads to one.
func TestShortcodesWithoutAnOrganization(t *testing.T) {
	t.Parallel()
	all := object{"a": "{{org.id}}", "b": "{{org.public_metadata.tier}}", "c": "{{org.role}}", "d": "{{org_membership.role}}"}
	require.JSONEq(t, `{"a":null,"b":null,"c":null,"d":null}`, claim(t, content(), all))
	seed := content()
	seed.Sessions[0].ActiveOrganizationID = "org_2"
	require.JSONEq(t, `{"a":"org_2","b":null,"c":null,"d":null}`, claim(t, seed, all))
}

func TestSessionClaimsAreChecked(t *testing.T) {
	t.Parallel()
	for want, claims := range map[string]object{
		`a claim has no name`:      {"": 1},
		`already has a claim "sub`: {"sub": "{{user.id}}"},
		`claim "a": shortcode "user.private_metadata": private metadata never reaches a token`:               {"a": "{{user.private_metadata}}"},
		`claim "b": shortcode "org.private_metadata.x": private`:                                             {"b": object{"c": []any{"{{user.id || org.private_metadata.x}}"}}},
		`claim "c": shortcode "org_membership.private_metadata"`:                                             {"c": "x {{org_membership.private_metadata}}"},
		`claim "d": shortcode "session.actor" is not modelled; expected one of user, org or org_membership,`: {"d": "{{session.actor}}"},
		`claim "e": shortcode "user" is not modelled`:                                                        {"e": "{{user}}"},
		`claim "f": {{ has no }} behind it`:                                                                  {"f": "{{user.id}} {{user.id"},
		`claim "g": a shortcode has no operand`:                                                              {"g": "{{}}"},
		`claim "h": a shortcode has no operand`:                                                              {"h": "{{user.id || }}"},
		`claim "i": shortcode operand "'x" has no quote at its end`:                                          {"i": "{{'x}}"},
		`claim "j": shortcode operand 'x' is not followed by ||`:                                             {"j": "{{'x' y}}"},
		`claim "k": shortcode "12x" is not modelled`:                                                         {"k": "{{12x}}"},
		`session claims: json: unsupported type`:                                                             {"l": func() {}},
	} {
		_, err := clerktest.New(clerktest.Seed{SessionClaims: claims})
		require.ErrorContains(t, err, want)
	}
}

// What State returns belongs to the caller.
func TestStateKeepsNoClaimsOfTheCaller(t *testing.T) {
	t.Parallel()
	seed := content()
	seed.SessionClaims = object{"a": object{"b": "{{user.id}}"}}
	c := clerktest.Start(t, seed)
	before := c.State().SessionClaims
	clear(seed.SessionClaims["a"].(object))
	changed := c.State().SessionClaims
	maps.DeleteFunc(changed["a"].(object), func(string, any) bool { return true })
	require.Equal(t, before, c.State().SessionClaims)
}

// A template is refused or gives a token, whatever it holds.
func FuzzShortcodes(f *testing.F) {
	for _, text := range []string{"{{user.id}}", "{{user.last_name || 'x'}} y {{org.role||1}}", "{{", "{{''||}}", "{{user.public_metadata.nested.a}}"} {
		f.Add(text)
	}
	c, err := clerktest.New(content())
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		seed := content()
		seed.SessionClaims = object{"claim": text}
		if err := c.SetState(seed); err != nil {
			require.ErrorContains(t, err, "session claims: ")
			return
		}
		require.True(t, json.Valid(claimsOf(t, c)["claim"]))
	})
}
