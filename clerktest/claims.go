package clerktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// plainClaims returns a template of session claims as JSON decodes it, with every digit:
// nil for one without claims.
func plainClaims(template map[string]any) (map[string]any, error) {
	text, err := json.Marshal(template)
	if err != nil {
		return nil, fmt.Errorf("session claims: %w", err)
	}
	return decodeClaims(text)
}

func decodeClaims(text []byte) (claims map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err = d.Decode(&claims); err != nil || len(claims) == 0 {
		return nil, err
	}
	return claims, nil
}

// checkSessionClaims refuses a template with a fault, the first in the order of names.
func checkSessionClaims(claims map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		if err := checkClaim(name, claims[name]); err != nil {
			return err
		}
	}
	return nil
}

// checkClaim refuses a claim that Clerk's template of session tokens refuses, and one with
// a shortcode that the fake does not model.
func checkClaim(name string, template any) error {
	reserved := []string{"azp", "exp", "fva", "iat", "iss", "jti", "nbf", "o", "sid", "sts", "sub", "v"}
	switch {
	case name == "":
		return errors.New("session claims: a claim has no name")
	case slices.Contains(reserved, name):
		return fmt.Errorf("session claims: every session token already has a claim %q", name)
	}
	if _, err := expand(template, shortcodes{}); err != nil {
		return fmt.Errorf("session claims: claim %q: %w", name, err)
	}
	return nil
}

// shortcodes are the values of shortcodes by their first and second name.
type shortcodes map[string]map[string]any

// shortcodesOf returns those of a session. Without an active organization those of org and
// org_membership are null, which is a guess.
func (c *Clerk) shortcodesOf(s *session) shortcodes {
	u := s.user
	all := shortcodes{"user": u.json(false)}
	maps.Copy(all["user"], map[string]any{
		"full_name":             nullable(u.fullName()),
		"primary_email_address": nullable(u.email()),
		"primary_phone_number":  nullable(u.phone()),
		"email_verified":        u.email() != "",
		"phone_number_verified": u.phone() != "",
	})
	if o := s.organization; o != nil {
		all["org"] = o.json(false)
		if m := c.store.memberships[member{o.id, u.id}]; m != nil {
			all["org"]["role"] = m.Role
			all["org_membership"] = m.json(false)
		}
	}
	for _, members := range all {
		for _, name := range []string{"created_at", "updated_at", "last_active_at"} {
			if ms, ok := members[name].(int64); ok {
				members[name] = ms / 1000 // Clerk's example has seconds
			}
		}
	}
	return all
}

// expand returns a template with its shortcodes replaced.
func expand(template any, codes shortcodes) (any, error) {
	var err error
	switch t := template.(type) {
	case string:
		return expandText(t, codes)
	case map[string]any:
		expanded := make(map[string]any, len(t))
		for _, name := range slices.Sorted(maps.Keys(t)) {
			if expanded[name], err = expand(t[name], codes); err != nil {
				return nil, err
			}
		}
		return expanded, nil
	case []any:
		expanded := make([]any, len(t))
		for i, v := range t {
			if expanded[i], err = expand(v, codes); err != nil {
				return nil, err
			}
		}
		return expanded, nil
	}
	return template, nil
}

// expandText returns the value of a shortcode that is all of a text, else the text with
// the values of its shortcodes in it, without white space around it as in Clerk's example.
func expandText(text string, codes shortcodes) (any, error) {
	before, rest, found := strings.Cut(text, "{{")
	if !found {
		return text, nil
	}
	var b strings.Builder
	for found {
		code, after, closed := strings.Cut(rest, "}}")
		if !closed {
			return nil, errors.New("{{ has no }} behind it")
		}
		v, err := evaluate(code, codes)
		if err != nil {
			return nil, err
		}
		if len(code)+len("{{}}") == len(text) {
			return v, nil
		}
		b.WriteString(before)
		if s, ok := v.(string); ok {
			b.WriteString(s)
		} else {
			b.Write(encode(v)) // null is documented, other values are a guess
		}
		before, rest, found = strings.Cut(after, "{{")
	}
	return strings.TrimSpace(b.String() + before), nil
}

// evaluate returns the first operand of a shortcode that is neither null nor false, or
// else its last one.
func evaluate(code string, codes shortcodes) (any, error) {
	var value any
	for chosen, more := false, true; more; {
		var operand string
		var err error
		if operand, code, more, err = cutOperand(code); err != nil {
			return nil, err
		}
		v, err := operandValue(operand, codes)
		if err != nil {
			return nil, err
		}
		if !chosen {
			value = v
			chosen = string(encode(v)) != "null" && v != false
		}
	}
	return value, nil
}

// cutOperand returns the first operand, and what follows the || behind it.
func cutOperand(code string) (operand, rest string, more bool, err error) {
	code = strings.TrimSpace(code)
	if !strings.HasPrefix(code, "'") {
		operand, rest, more = strings.Cut(code, "||")
		return strings.TrimSpace(operand), rest, more, nil
	}
	end := strings.Index(code[1:], "'") + 1
	if end == 0 {
		return "", "", false, fmt.Errorf("shortcode operand %q has no quote at its end", code)
	}
	operand, rest = code[:end+1], strings.TrimSpace(code[end+1:])
	rest, more = strings.CutPrefix(rest, "||")
	if !more && rest != "" {
		return "", "", false, fmt.Errorf("shortcode operand %s is not followed by ||", operand)
	}
	return operand, rest, more, nil
}

// operandValue returns the value of a literal or a path. A path that leads nowhere is null,
// as documented.
func operandValue(operand string, codes shortcodes) (any, error) {
	switch {
	case operand == "":
		return nil, errors.New("a shortcode has no operand")
	case operand[0] == '\'':
		return operand[1 : len(operand)-1], nil
	case operand == "true", operand == "false":
		return operand == "true", nil
	case strings.ContainsRune("-0123456789", rune(operand[0])) && json.Valid([]byte(operand)):
		return json.Number(operand), nil
	}
	path := strings.Split(operand, ".")
	switch {
	case !slices.Contains([]string{"user", "org", "org_membership"}, path[0]) || len(path) < 2:
		return nil, fmt.Errorf("shortcode %q is not modelled; expected one of user, org or org_membership, a dot and a name", operand)
	case path[1] == privateMetadata:
		return nil, fmt.Errorf("shortcode %q: private metadata never reaches a token", operand)
	}
	return follow(codes[path[0]], path[1:]), nil
}

// follow returns what a path leads to in an object, nil if it leads nowhere.
func follow(members map[string]any, path []string) any {
	v := members[path[0]]
	for _, name := range path[1:] {
		if o, ok := v.(metadata.Object); ok {
			v, _ = o.Map() // what is stored is valid
		}
		members, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = members[name]
	}
	return v
}
