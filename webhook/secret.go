package webhook

import (
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/secret"
	"github.com/clerkmeta/clerkmeta-go/internal/signature"
)

// hidden is an unexported name to embed.
type hidden = secret.Text

// Secret is the signing secret of an endpoint. It prints, encodes and logs as
// "whsec_…redacted", alone or inside another value.
type Secret struct {
	hidden
}

// SigningSecret returns the Secret with the given text, whsec_ and base64, as the Clerk
// dashboard shows it. New checks it.
func SigningSecret(text string) Secret {
	label := ""
	if strings.HasPrefix(text, signature.Prefix) {
		label = signature.Prefix
	}
	return Secret{secret.New(text, label+"…redacted")}
}
