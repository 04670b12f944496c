package claims

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// maxToken is the longest token that is looked at. The claims of 8 KB each of public and
// unsafe metadata are 22 KB in base64.
const maxToken = 32 << 10

// Session is what a verified token says.
type Session struct {
	// UserID is the user who is signed in (sub), and SessionID the session (sid).
	UserID, SessionID string
	// IssuedAt is when Clerk signed the token, and ExpiresAt until when it is valid, in
	// whole seconds of Clerk's clock.
	IssuedAt, ExpiresAt time.Time
	// Pending reports a session whose user must still do something; see
	// Config.AcceptPending.
	Pending bool
	// Claims are all claims of the token, with their digits.
	Claims metadata.Object
}

// Verify verifies a session token: its signature by RS256 with a key of the instance, exp,
// nbf and iat within Config.Leeway, iss, azp, sts, and that it is a user's session's (sub
// and sid), which the tokens of JWT templates, OAuth applications and machines are not. Keys
// are fetched at most once in five seconds; a token whose key is unknown meanwhile is
// invalid.
//
// The error is an *Error that satisfies ErrInvalidToken, or ErrUnavailable if its key is
// unknown and the last fetch failed. One that satisfies ErrInvalidToken may satisfy an error of
// golang-jwt as well, such as jwt.ErrTokenExpired.
func (v *Verifier) Verify(ctx context.Context, token string) (*Session, error) {
	session, err := v.verify(ctx, token)
	if err != nil {
		return nil, asError(err)
	}
	return session, nil
}

func (v *Verifier) verify(ctx context.Context, token string) (*Session, error) {
	switch {
	case len(token) > maxToken:
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrInvalidToken, maxToken)
	case strings.ContainsAny(token, "\r\n"): // encoding/base64 skips them
		return nil, fmt.Errorf("%w: it has a line break", ErrInvalidToken)
	}
	var p payload
	var keyErr error
	_, err := v.parser.ParseWithClaims(token, &p, func(t *jwt.Token) (key any, _ error) {
		if fault := headerFault(t.Header); fault != "" {
			keyErr = fmt.Errorf("%w: %s", ErrInvalidToken, fault)
			return nil, keyErr
		}
		key, keyErr = v.key(ctx, t)
		return key, keyErr
	})
	switch {
	case keyErr != nil:
		return nil, keyErr
	case err != nil:
		return nil, reason(err)
	}
	if fault := v.fault(p.registered); fault != "" {
		return nil, fmt.Errorf("%w: %s", ErrInvalidToken, fault)
	}
	return &Session{
		UserID: p.Subject, SessionID: p.SessionID,
		IssuedAt: p.IssuedAt.Time, ExpiresAt: p.ExpiresAt.Time,
		Pending: p.Status == pending, Claims: p.all,
	}, nil
}

const pending = "pending"

// headerFault returns what is wrong with the header of a token besides its algorithm.
func headerFault(header map[string]any) string {
	typ, hasType := header["typ"]
	name, _ := typ.(string)
	kid, _ := header["kid"].(string)
	switch {
	case hasType && !strings.EqualFold(name, "JWT"):
		return "its typ is not JWT"
	case header["crit"] != nil: // RFC 7515, section 4.1.11
		return "its header has crit, of which nothing is understood"
	case kid == "":
		return "its header has no kid"
	}
	return ""
}

// fault returns what is wrong with the claims of a token whose signature, issuer and times
// are valid.
func (v *Verifier) fault(c registered) string {
	switch {
	case c.IssuedAt == nil:
		return "it has no iat"
	case c.Subject == "" || c.SessionID == "":
		return "it has no sub or no sid: it is not a session's"
	case !strings.HasPrefix(c.Subject, "user_"): // a machine chooses the claims of its tokens
		return "its sub is not a user's"
	case c.AuthorizedParty != "" && !v.authorized[c.AuthorizedParty]:
		return "its azp is not among Config.AuthorizedParties"
	case c.Status == pending && !v.config.AcceptPending:
		return "its session is pending"
	}
	return ""
}

// reason returns an error without the text of another library, which can quote the token.
func reason(err error) error {
	for _, known := range []error{
		jwt.ErrTokenExpired, jwt.ErrTokenNotValidYet, jwt.ErrTokenUsedBeforeIssued, jwt.ErrTokenInvalidIssuer,
		jwt.ErrTokenRequiredClaimMissing, jwt.ErrTokenSignatureInvalid, jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable,
	} {
		if errors.Is(err, known) {
			return fmt.Errorf("%w: %w", ErrInvalidToken, known)
		}
	}
	return ErrInvalidToken
}

// registered are the claims that are checked.
type registered struct {
	jwt.RegisteredClaims

	// A jwt.NumericDate reads text as well, and overflows.
	Expires         *float64 `json:"exp"`
	NotYet          *float64 `json:"nbf"`
	Issued          *float64 `json:"iat"`
	SessionID       string   `json:"sid"`
	AuthorizedParty string   `json:"azp"`
	Status          string   `json:"sts"`
}

// payload is a token's payload, in which names match in exact case.
type payload struct {
	registered

	all metadata.Object
}

// UnmarshalJSON keeps the payload as it is, and reads of it what is checked.
func (p *payload) UnmarshalJSON(text []byte) (err error) {
	if p.all, err = metadata.ParseObject(text); err != nil {
		return err
	}
	if p.registered, err = metadata.Decode[registered](p.all); err != nil {
		return err
	}
	return p.setTimes()
}

// latest is the last second that a time may name: far away, and no overflow.
const latest = 1 << 40

var errTime = errors.New("a time is out of range")

// setTimes sets the times of RegisteredClaims.
func (r *registered) setTimes() error {
	for _, t := range []struct {
		seconds *float64
		date    **jwt.NumericDate
	}{
		{r.Expires, &r.ExpiresAt},
		{r.NotYet, &r.NotBefore},
		{r.Issued, &r.IssuedAt},
	} {
		if t.seconds == nil {
			continue
		}
		if *t.seconds < 0 || *t.seconds > latest {
			return errTime
		}
		*t.date = jwt.NewNumericDate(time.Unix(int64(*t.seconds), 0))
	}
	return nil
}
