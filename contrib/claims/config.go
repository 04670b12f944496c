package claims

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// DefaultLeeway is how far the clocks of Clerk and of this host may differ, as in Clerk's
// backend client for JavaScript.
const DefaultLeeway = 5 * time.Second

const longestLeeway = time.Minute

// Config says which session tokens a Verifier accepts.
type Config struct {
	// PublishableKey is the application's own key, pk_live_… or pk_test_…, which Clerk's
	// dashboard shows. It names the issuer and the suffix of the cookie. It is required.
	PublishableKey string
	// Issuer is the iss of the tokens, where it is not the address that PublishableKey
	// names: the proxy's public URL, if the application proxies Clerk's Frontend API.
	Issuer string
	// AuthorizedParties are the origins whose pages may use tokens, such as
	// "https://app.example.com". A token with an azp that is not among them is refused; a
	// native app's token has no azp. Empty, it refuses every token with an azp.
	AuthorizedParties []string
	// PublicKey is the instance's "JWT public key" in PEM. With it no request is made
	// for keys; after a rotation of the instance's key it must be replaced by hand.
	PublicKey string
	// Leeway is the tolerance of exp, nbf and iat: DefaultLeeway if 0, at most a minute.
	Leeway time.Duration
	// AcceptPending accepts sessions whose user must still do something, such as choosing
	// an organization (sts is "pending").
	AcceptPending bool
	// Users reads users for Require, which needs it: the field Users of a client.Client.
	// That client's limiter and retries apply.
	Users *users.Service
	// Source, if there is one, is asked before Users.
	Source Source
	// HTTPClient fetches the keys, http.DefaultTransport by default. It is copied;
	// neither redirects nor cookies are followed.
	HTTPClient *http.Client
	// Refuse answers a request that a middleware refuses, with the Status of err. By
	// default the answer is that status and its text.
	Refuse func(w http.ResponseWriter, r *http.Request, err *Error)
}

// Source reads users that are kept elsewhere than at Clerk, as the module contrib/mirror
// keeps them. It must be safe for concurrent use. Its panic is one of the requests that wait.
type Source interface {
	// User returns a user as Clerk's Backend API wrote it; private metadata may be
	// missing. Every write that Clerk answered before confirmed is in raw: confirmed is
	// the start of a request to Clerk, by the clock of this host. A user that is not kept
	// is nil without an error. Clerk is read where User returns nil, an error, or nothing
	// within half of Require's maxAge, five seconds at most.
	User(ctx context.Context, id string) (raw []byte, confirmed time.Time, err error)
}

// Verifier verifies session tokens. It is safe for concurrent use: make one for a process.
type Verifier struct {
	config     Config
	parser     *jwt.Parser
	key        func(context.Context, *jwt.Token) (any, error)
	ownCookie  string
	authorized map[string]bool
}

// New returns a Verifier. It does no I/O: the first token fetches the keys. The error
// satisfies clerkerr.ErrInvalidArgument and names the field of config.
func New(config Config) (*Verifier, error) {
	issuer, err := client.FrontendURL(config.PublishableKey)
	if err != nil {
		return nil, invalid("Config.PublishableKey", err)
	}
	config.Issuer = cmp.Or(config.Issuer, issuer)
	// The address of the Frontend API has these rules: https, or http on loopback.
	if _, err := client.NewFrontend(config.Issuer); err != nil {
		return nil, invalid("Config.Issuer", err)
	}
	config.AuthorizedParties = slices.Clone(config.AuthorizedParties)
	authorized := make(map[string]bool, len(config.AuthorizedParties))
	for _, party := range config.AuthorizedParties {
		if !isOrigin(party) {
			return nil, invalid("Config.AuthorizedParties", fmt.Errorf("%q is not an origin: expected one such as https://app.example.com, without a path", party))
		}
		authorized[party] = true
	}
	config.Leeway = cmp.Or(config.Leeway, DefaultLeeway)
	if config.Leeway < 0 || config.Leeway > longestLeeway {
		return nil, invalid("Config.Leeway", errors.New("is below 0 or above a minute"))
	}
	if config.Refuse == nil {
		config.Refuse = refuse
	}
	key, err := keyFinder(config)
	if err != nil {
		return nil, invalid("Config.PublicKey", err)
	}
	return &Verifier{
		config: config,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}),
			jwt.WithIssuer(config.Issuer),
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithLeeway(config.Leeway),
			jwt.WithStrictDecoding(),
		),
		key:        key,
		ownCookie:  sessionCookie + "_" + client.CookieSuffix(config.PublishableKey),
		authorized: authorized,
	}, nil
}

// isOrigin reports whether a browser would write text as the origin of a page.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && text == u.Scheme+"://"+u.Host
}

func invalid(param string, err error) error {
	return clerkerr.Invalid("claims", param, err)
}
