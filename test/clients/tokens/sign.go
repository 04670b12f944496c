package tokens

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
)

// signText signs a header and a payload as they are.
func (s signer) signText(method, header, payload string) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	signature, err := s.signature(method, []byte(signed))
	if err != nil {
		panic(fmt.Sprint("tokens: ", err)) // the keys are this package's own
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (s signer) signature(method string, text []byte) ([]byte, error) {
	switch method {
	case "RS256":
		sum := sha256.Sum256(text)
		return rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	case "RS384":
		sum := sha512.Sum384(text)
		return rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA384, sum[:])
	case "RS512":
		sum := sha512.Sum512(text)
		return rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA512, sum[:])
	case "PS256":
		sum := sha256.Sum256(text)
		return rsa.SignPSS(rand.Reader, s.key, crypto.SHA256, sum[:], nil)
	case "HS256":
		mac := hmac.New(sha256.New, s.key.N.Bytes())
		mac.Write(text)
		return mac.Sum(nil), nil
	default: // none
		return nil, nil
	}
}
