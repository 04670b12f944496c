// Package tokens holds session tokens, good and bad ones, on which verifiers are compared.
package tokens

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"time"
)

// What every verifier is configured with.
const (
	Issuer = "https://clerk.example.com"
	Party  = "https://app.example.com"
	// Leeway is far from what the tokens need on either side, so that no verdict depends on
	// when it is reached.
	Leeway = time.Minute
)

// NoParty is the Token.Name of good tokens without azp.
const NoParty = "no azp"

// Clerk's own verifiers.
const (
	Go         = "clerk-sdk-go"
	JavaScript = "@clerk/backend"
)

// Set is a number of tokens and the keys that they are verified with.
type Set struct {
	// Keys is the JSON Web Key Set of the instance.
	Keys json.RawMessage
	// Tokens are the tokens.
	Tokens []Token
}

// Token is a token.
type Token struct {
	// Name is what is special about the token: the fault of a bad one.
	Name string
	// Good reports a token that contrib/claims accepts.
	Good bool
	// Text is the token itself.
	Text string
}

type object = map[string]any

// signer is a key by its id.
type signer struct {
	kid string
	key *rsa.PrivateKey
}

// New returns 200 tokens of an instance with two keys: 96 good ones and 104 bad ones.
func New() (Set, error) {
	signers := [3]signer{{kid: "ins_1"}, {kid: "ins_2"}, {kid: "ins_1"}} // the last is a stranger's
	for i := range signers {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return Set{}, err
		}
		signers[i].key = key
	}
	keys, err := json.Marshal(object{"keys": []object{signers[0].jwk(), signers[1].jwk()}})
	if err != nil {
		return Set{}, err
	}
	set := Set{Keys: keys}
	add := func(name, text string) { set.Tokens = append(set.Tokens, Token{Name: name, Text: text}) }
	now := time.Now()
	for _, s := range signers[:2] {
		for _, change := range goodOnes(now) {
			name := "good"
			if change["azp"] == nil {
				name = NoParty
			}
			set.Tokens = append(set.Tokens, Token{Name: name, Good: true, Text: s.sign("RS256", payloadOf(now, change), nil)})
		}
		for fault, change := range badClaims(now) {
			add(fault, s.sign("RS256", payloadOf(now, change), nil))
		}
		for fault, header := range badHeaders {
			add(fault, s.sign("RS256", payloadOf(now, nil), header))
		}
		for fault, text := range forged(s, signers[2], payloadOf(now, nil)) {
			add(fault, text)
		}
	}
	return set, nil
}

// payloadOf returns the claims of a good token, with a change; nil removes one.
func payloadOf(now time.Time, change object) object {
	all := object{
		"iss": Issuer, "sub": "user_1", "sid": "sess_1", "azp": Party, "sts": "active", "v": 2, "jti": "1a2b3c",
		"iat": now.Unix(), "nbf": now.Unix() - 10, "exp": now.Unix() + 600,
	}
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

// goodOnes are what good tokens differ in.
func goodOnes(now time.Time) (all []object) {
	within := Leeway / 2
	for _, azp := range []any{Party, nil} {
		for _, nbf := range []any{nil, now.Unix() - 10, now.Add(within).Unix()} {
			for _, exp := range []int64{now.Unix() + 600, now.Add(-within).Unix()} {
				for _, sts := range []any{"active", nil} {
					for _, metadata := range []any{nil, object{"role": "<é>", "n": int64(9007199254740993)}} {
						all = append(all, object{"azp": azp, "nbf": nbf, "exp": exp, "sts": sts, "public_metadata": metadata})
					}
				}
			}
		}
	}
	return all
}

func badClaims(now time.Time) map[string]object {
	const beyond = 600
	return map[string]object{
		"expired":                     {"exp": now.Unix() - beyond},
		"no exp":                      {"exp": nil},
		"an exp that is text":         {"exp": "tomorrow"},
		"an exp of 0":                 {"exp": 0},
		"not valid yet":               {"nbf": now.Unix() + beyond},
		"an nbf that is text":         {"nbf": "yesterday"},
		"issued in the future":        {"iat": now.Unix() + beyond},
		"no iat":                      {"iat": nil},
		"an iat that is text":         {"iat": "now"},
		"another issuer":              {"iss": "https://clerk.other.example.com"},
		"an issuer that begins alike": {"iss": Issuer + ".evil.example"},
		"no issuer":                   {"iss": nil},
		"another party":               {"azp": "https://evil.example.com"},
		"a party that begins alike":   {"azp": Party + ".evil.example"},
		"a party with a path":         {"azp": Party + "/"},
		"a party in upper case":       {"azp": strings.ToUpper(Party)},
		"a party that is a list":      {"azp": []string{Party}},
		"pending":                     {"sts": "pending"},
		"no sub":                      {"sub": nil},
		"an empty sub":                {"sub": ""},
		"a sub that is a number":      {"sub": 1},
		"of a machine":                {"sub": "mch_2abcdefghijklmnopqrstuvwxyz"},
		"no sid (of a JWT template)":  {"sid": nil},
		"an empty sid":                {"sid": ""},
	}
}

// badHeaders change the header under a valid signature; nil removes a parameter.
var badHeaders = map[string]object{
	"an unknown kid":                 {"kid": "ins_9"},
	"no kid":                         {"kid": nil},
	"a kid that is a number":         {"kid": 1},
	"a typ of an OAuth access token": {"typ": "at+jwt"},
	"a typ of a logout token":        {"typ": "logout+jwt"},
	"an extension that is critical":  {"crit": []string{"exp"}, "exp": 1},
	"the name of another algorithm":  {"alg": "RS512"},
	"no algorithm":                   {"alg": nil},
}

// forged are tokens without a valid signature of s, by the fault.
func forged(s, stranger signer, payload object) map[string]string {
	valid := s.sign("RS256", payload, nil)
	parts := strings.Split(valid, ".")
	admin := maps.Clone(payload)
	admin["sub"] = "user_admin"
	changed := strings.Split(s.sign("RS256", admin, nil), ".")
	flipped := []byte(parts[2])
	flipped[9] ^= 1
	return map[string]string{
		"of a stranger":             stranger.as(s.kid).sign("RS256", payload, nil),
		"RS384":                     s.sign("RS384", payload, nil),
		"RS512":                     s.sign("RS512", payload, nil),
		"PS256":                     s.sign("PS256", payload, nil),
		"none":                      s.sign("none", payload, nil),
		"None":                      s.sign("None", payload, nil),
		"HS256 with the modulus":    s.sign("HS256", payload, nil),
		"other claims":              parts[0] + "." + changed[1] + "." + parts[2],
		"another token's signature": parts[0] + "." + parts[1] + "." + changed[2],
		"a bit of the signature":    parts[0] + "." + parts[1] + "." + string(flipped),
		"no signature":              parts[0] + "." + parts[1] + ".",
		"a signature cut short":     valid[:len(valid)-8],
		"two parts":                 parts[0] + "." + parts[1],
		"four parts":                valid + "." + parts[2],
		"white space inside":        parts[0] + ". " + parts[1] + "." + parts[2],
		"claims that are a list":    s.signText("RS256", `{"alg":"RS256","typ":"JWT","kid":"`+s.kid+`"}`, "[]"),
		"claims that are no JSON":   s.signText("RS256", `{"alg":"RS256","typ":"JWT","kid":"`+s.kid+`"}`, "claims"),
		"a header that is no JSON":  s.signText("RS256", "header", "{}"),
		"a header that is not base": "%." + parts[1] + "." + parts[2],
		"one word":                  "token",
	}
}

func (s signer) as(kid string) signer { return signer{kid, s.key} }

func (s signer) jwk() object {
	return object{
		"use": "sig", "kty": "RSA", "alg": "RS256", "kid": s.kid,
		"n": base64.RawURLEncoding.EncodeToString(s.key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(s.key.E)).Bytes()),
	}
}

// sign returns a token whose header names method, unless header changes that.
func (s signer) sign(method string, payload, header object) string {
	all := object{"alg": method, "typ": "JWT", "kid": s.kid}
	maps.Copy(all, header)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return s.signText(method, text(all), text(payload))
}

func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprint("tokens: ", err)) // the values are this package's own
	}
	return string(raw)
}
