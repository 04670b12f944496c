// The command verdicts says which webhooks package webhook accepts: it reads one JSON object
// a line, a delivery, and writes one a line, true or false.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// delivery is what arrives, and the secret that is to verify it.
type delivery struct {
	Secret string              `json:"secret"`
	Header map[string][]string `json:"header"`
	Body   []byte              `json:"body"`
}

func main() {
	in := json.NewDecoder(os.Stdin)
	for {
		var d delivery
		switch err := in.Decode(&d); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			log.Fatal(err)
		}
		fmt.Println(verified(d))
	}
}

// verified reports whether the signature is valid, of a body that is no event too.
func verified(d delivery) bool {
	receiver, err := webhook.New(webhook.SigningSecret(d.Secret))
	if err != nil {
		return false
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "/", bytes.NewReader(d.Body))
	if err != nil {
		log.Fatal(err)
	}
	for name, values := range d.Header {
		for _, value := range values {
			request.Header.Add(name, value)
		}
	}
	_, err = receiver.Verify(request)
	return err == nil || errors.Is(err, clerkerr.ErrDecode)
}
