package security

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// The credentials. Their texts are like nothing that the module writes, and those
// that may have them hold characters that are escaped in one place or another.
const (
	keyText      = "amethyst-lanterns-at-dusk"
	secretKey    = "sk_test_" + keyText
	cookieToken  = "cinnabar.whistle/over=the+marsh"
	nativeToken  = "eyJncm90dG8iOiJub25lIn0.eyJvcmNoYXJkIjoicXVpbmNlIn0.dGhpc3RsZWRvd24"
	devToken     = "vermilion+gate/of=the+north"
	turnedToken  = "eyJmZXJyeSI6Im5vbmUifQ.eyJoYXJib3VyIjoiZ3VsbCJ9.cGVyaXdpbmtsZQ"
	turnedCookie = "ochre.kettledrum/in=winter"
	webPassword  = "paprika zeppelin & harbour"
	signingKey   = "juniper-ferryman-at-daybreak"
)

// The values of the metadata: strings and numbers. What Clerk holds is seen in
// answers, what is sent in requests.
const (
	storedText   = `cobalt "quartz" <orchard>`
	storedNumber = "918273645546372819"
	sentText     = `saffron \ "viaduct" & <moat>`
	sentNumber   = "564738291928374655"
)

// credentials may be in no output at all.
var credentials = newScanner(
	secret{"the secret key", keyText},
	secret{"the cookie", cookieToken},
	secret{"the native token", nativeToken},
	secret{"the development browser's token", devToken},
	secret{"the renewed native token", turnedToken},
	secret{"the renewed cookie", turnedCookie},
	secret{"the password", webPassword},
	secret{"the signing secret", signingKey},
)

// signingSecret is one of webhooks, in Clerk's form.
var signingSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(signingKey))

// values may be in no error, log line or trace.
var values = newScanner(
	secret{"a stored string", storedText},
	secret{"a stored number", storedNumber},
	secret{"a sent string", sentText},
	secret{"a sent number", sentNumber},
)

// everything may be in nothing that is not data.
var everything = append(append(scanner{}, credentials...), values...)

type object = map[string]any

func stored() metadata.Value {
	return metadata.Of(object{"plan": storedText, "seats": number(storedNumber)})
}

func sent() object { return object{"plan": sentText, "seats": number(sentNumber)} }

// number keeps its digits.
type number string

// MarshalJSON writes the digits.
func (n number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

func patch() metadata.Patch { return metadata.Patch(sent()) }

func value() metadata.Value { return metadata.Of(sent()) }

// instance is one that holds the secrets.
func instance() (*clerktest.Clerk, error) {
	return clerktest.Config{Rotation: true}.New(secretSeed())
}

func secretSeed() clerktest.Seed {
	return clerktest.Seed{
		SecretKey: secretKey,
		Users: []clerktest.User{
			{ID: "user_1", PublicMetadata: stored(), PrivateMetadata: stored(), UnsafeMetadata: stored()},
			{ID: "user_2"},
		},
		Organizations: []clerktest.Organization{{ID: "org_1", PublicMetadata: stored(), PrivateMetadata: stored()}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1", PublicMetadata: stored(), PrivateMetadata: stored()}},
		Invitations: []clerktest.Invitation{
			{ID: "inv_1", EmailAddress: calls.Guest, PublicMetadata: stored()},
			{ID: "orginv_1", OrganizationID: "org_1", EmailAddress: calls.Guest, PublicMetadata: stored(), PrivateMetadata: stored()},
		},
		Sessions: []clerktest.Session{
			{ID: "sess_1", UserID: "user_1", ClientToken: cookieToken, DevBrowser: devToken},
			{ID: "sess_2", UserID: "user_1", ClientID: "client_native", ClientToken: nativeToken},
		},
	}
}

// signUpForm is what a browser sends to become a user.
func signUpForm() string {
	return url.Values{
		"email_address": {"ada@example.com"}, "password": {webPassword},
		"unsafe_metadata": {string(mustJSON(object{"plan": sentText}))},
	}.Encode()
}

// allSecrets is a text that shows every one of them.
func allSecrets() string {
	return strings.Join([]string{
		secretKey, cookieToken, nativeToken, devToken, turnedToken, turnedCookie, webPassword, signingKey,
		storedText, storedNumber, sentText, sentNumber,
	}, "\n")
}
