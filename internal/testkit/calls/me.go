package calls

import (
	"context"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/me"
)

// myself is the signed-in user as a typed view reads it.
type myself struct {
	Unsafe content `json:"unsafe_metadata"`
}

func ofMe() []Call {
	const route = "/v1/me"
	get := Request{"me.GetMe", http.MethodGet, route, false}
	update := Request{"me.UpdateMetadata", http.MethodPatch, route + "/metadata", true}
	twoSteps := func(operation string) []Request {
		return []Request{{operation, get.Method, get.Route, false}, {operation, update.Method, update.Route, true}}
	}
	return []Call{
		writes(SignedIn, "me.UpdateMetadata", nil, func(ctx context.Context, s SDK, in Input) Result {
			return renewed(s.Me.UpdateMetadata(ctx, in.Credential, in.Patch.Unsafe))
		}, update),
		replaces(SignedIn, "me.ReplaceMetadata", nil, func(ctx context.Context, s SDK, in Input) Result {
			return renewed(s.Me.ReplaceMetadata(ctx, in.Credential, in.Value.Unsafe))
		}, twoSteps("me.ReplaceMetadata")...),
		reads("me.GetMe", nil, func(ctx context.Context, s SDK, in Input) Result {
			return renewed(s.Me.GetMe(ctx, in.Credential))
		}, partly(get)),
		reads("me.View.Get", nil, func(ctx context.Context, s SDK, in Input) Result {
			return renewed(me.As[myself](s.Me).Get(ctx, in.Credential))
		}, get),
		writes(SignedIn, "me.View.Modify", nil, func(ctx context.Context, s SDK, in Input) Result {
			return renewed(me.As[myself](s.Me).Modify(ctx, in.Credential, func(m *myself) error { return m.Unsafe.merge(in.Patch.Unsafe) }))
		}, twoSteps("me.ModifyMetadata")...),
	}
}
