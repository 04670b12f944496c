package live_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/client"
)

// The environment variables of the live run, besides those of package client.
const (
	envLive         = "CLERKMETA_LIVE"
	envUser         = "CLERKMETA_LIVE_USER_ID"
	envOrganization = "CLERKMETA_LIVE_ORGANIZATION_ID"
	envClientToken  = "CLERKMETA_LIVE_CLIENT_TOKEN"
	envDevBrowser   = "CLERKMETA_LIVE_DEV_BROWSER"
)

const howTo = "to run against a development instance of Clerk, set " + envLive + "=1, " +
	client.EnvSecretKey + " and " + envUser + "; see CONTRIBUTING.md"

// config says which instance to ask, and as whom.
type config struct {
	// backendURL is the Backend API's base URL with /v1, frontendURL the
	// Frontend API's without; "" if there is none.
	backendURL, frontendURL string
	// transport is nil for the network.
	transport http.RoundTripper
	secretKey string
	userID    string
	// organizationID is "" to leave organizations out.
	organizationID string
	// clientToken is a native app's, devBrowser a development browser's; the
	// first counts where both are given, and "" leaves /v1/me out.
	clientToken, devBrowser string
}

func (c config) signedIn() bool { return c.clientToken != "" || c.devBrowser != "" }

// fromEnv reads the config of a live run. It refuses everything that belongs to
// a production instance; its errors quote no value.
func fromEnv() (config, error) {
	c := config{
		secretKey:      os.Getenv(client.EnvSecretKey),
		userID:         os.Getenv(envUser),
		organizationID: os.Getenv(envOrganization),
		clientToken:    os.Getenv(envClientToken),
		devBrowser:     os.Getenv(envDevBrowser),
	}
	publishable := os.Getenv(client.EnvPublishableKey)
	switch {
	case client.SecretKey(c.secretKey).IsLive(), strings.HasPrefix(publishable, "pk_live_"):
		return config{}, errors.New("a live key: these tests write, and run on development instances only")
	case !strings.HasPrefix(c.secretKey, "sk_test_"):
		return config{}, fmt.Errorf("%s is not the secret key of a development instance (sk_test_…)", client.EnvSecretKey)
	case c.userID == "":
		return config{}, fmt.Errorf("%s is not set: these tests write to a user made for them", envUser)
	}
	base, err := url.Parse(cmp.Or(os.Getenv(client.EnvAPIURL), client.DefaultBaseURL))
	if err != nil {
		return config{}, fmt.Errorf("%s is not a URL", client.EnvAPIURL)
	}
	base.Path = strings.TrimRight(base.Path, "/")
	if base.Path == "" {
		base.Path = "/v1" // as client.New adds it, for the requests that are made without it
	}
	c.backendURL = base.String()
	if !c.signedIn() {
		return c, nil
	}
	c.frontendURL = strings.TrimRight(os.Getenv(client.EnvFrontendURL), "/")
	if c.frontendURL == "" {
		c.frontendURL, err = client.FrontendURL(publishable)
	}
	return c, err
}
