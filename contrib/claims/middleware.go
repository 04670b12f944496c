package claims

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// For returns a middleware that verifies the session token of each request, decodes its
// metadata into a T, and refuses the request by Config.Refuse if it cannot. Handlers behind
// it get the T from From and the rest of the token from SessionFrom.
//
// T is a struct as for Template, whose text Clerk's dashboard must have: a token without
// one of its claims is ErrTemplate. It decodes as everywhere in this SDK: names match in
// exact case, numbers keep their digits, and what does not fit is metadata.ErrMismatch. The
// metadata is as old as the token, up to a minute and as long as clocks differ: Require
// bounds that.
//
// The token is the bearer in Authorization; without one, the cookie __session with the
// application's suffix; without that, the bare one. A request whose bearer is invalid is
// refused whatever its cookies are. Browsers send cookies with requests of other sites too:
// put handlers that write behind http.CrossOriginProtection.
//
// The error satisfies clerkerr.ErrInvalidArgument and is that of Template.
func For[T any](v *Verifier) (func(http.Handler) http.Handler, error) {
	shape, err := prepared[T](v)
	if err != nil {
		return nil, err
	}
	return v.middleware(func(ctx context.Context, s *Session) (context.Context, error) {
		return withClaims[T](ctx, s, shape)
	}), nil
}

// prepared returns the claims that T needs of a verifier's tokens.
func prepared[T any](v *Verifier) ([]field, error) {
	if v == nil {
		return nil, invalid("v", errors.New("is nil: expected a Verifier of New"))
	}
	return shapeOf[T]()
}

// withClaims adds the T in the claims of a session.
func withClaims[T any](ctx context.Context, s *Session, shape []field) (context.Context, error) {
	present, err := metadata.Decode[map[string]json.RawMessage](s.Claims)
	if err != nil {
		return nil, err
	}
	for _, f := range shape {
		if _, ok := present[f.name]; !ok {
			return nil, fmt.Errorf("%w; the claim is %s", ErrTemplate, f.name)
		}
	}
	return with[T](ctx, s.Claims)
}

// with adds the T in a JSON object.
func with[T any](ctx context.Context, o metadata.Object) (context.Context, error) {
	value, err := metadata.Decode[T](o)
	if err != nil {
		return nil, err
	}
	return context.WithValue(ctx, valueKey[T]{}, value), nil
}

type (
	valueKey[T any] struct{}
	sessionKey      struct{}
)

// middleware returns a middleware that verifies a request and passes it on with what add
// adds to its context.
func (v *Verifier) middleware(add func(context.Context, *Session) (context.Context, error)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			entered, err := v.enter(r, add)
			if err != nil {
				v.config.Refuse(w, r, asError(err))
				return
			}
			next.ServeHTTP(w, entered)
		})
	}
}

func (v *Verifier) enter(r *http.Request, add func(context.Context, *Session) (context.Context, error)) (*http.Request, error) {
	token, err := v.tokenOf(r)
	if err != nil {
		return nil, err
	}
	session, err := v.verify(r.Context(), token)
	if err != nil {
		return nil, err
	}
	ctx, err := add(context.WithValue(r.Context(), sessionKey{}, session), session)
	if err != nil {
		return nil, err
	}
	return r.WithContext(ctx), nil
}

// From returns the T that For[T] or Require[T] put into the context of a request. It is
// the request's own copy. ok is false if neither is before the handler.
func From[T any](ctx context.Context) (value T, ok bool) {
	value, ok = ctx.Value(valueKey[T]{}).(T)
	return value, ok
}

// SessionFrom returns what the token of a request says, behind For or Require. Behind
// Require its Claims can be older than what From returns.
func SessionFrom(ctx context.Context) (session *Session, ok bool) {
	session, ok = ctx.Value(sessionKey{}).(*Session)
	return session, ok
}
