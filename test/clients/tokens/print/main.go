// The command print writes a set of tokens as JSON, with the verdict of contrib/claims on
// each.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/clerkmeta/clerkmeta-go/test/clients/tokens"
)

func main() {
	set, err := tokens.New()
	if err != nil {
		log.Fatal(err)
	}
	accepts, err := set.Verifier()
	if err != nil {
		log.Fatal(err)
	}
	verdicts := make([]bool, len(set.Tokens))
	for i, token := range set.Tokens {
		verdicts[i] = accepts(context.Background(), token.Text)
	}
	err = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"keys": set.Keys, "tokens": set.Tokens, "verdicts": verdicts, "differences": tokens.Differences,
		"issuer": tokens.Issuer, "party": tokens.Party, "leeway": tokens.Leeway.Milliseconds(),
	})
	if err != nil {
		log.Fatal(err)
	}
}
