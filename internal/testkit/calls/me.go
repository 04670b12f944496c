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
	// twoSteps are a read and a write under one name.
	twoSteps := func(operation string) []Request {
		return []Request{{operation, http.MethodGet, route, false}, {operation, http.MethodPatch, route + "/metadata", true}}
	}
	return []Call{
		{
			Name: "me.UpdateMetadata", Target: SignedIn,
			Requests: []Request{{"me.UpdateMetadata", http.MethodPatch, route + "/metadata", true}},
			Do: func(ctx context.Context, s SDK, in Input) Result {
				return renewed(s.Me.UpdateMetadata(ctx, in.Credential, in.Patch.Unsafe))
			},
		},
		{
			Name: "me.ReplaceMetadata", Requests: twoSteps("me.ReplaceMetadata"), Target: SignedIn, Replaces: true,
			Do: func(ctx context.Context, s SDK, in Input) Result {
				return renewed(s.Me.ReplaceMetadata(ctx, in.Credential, in.Value.Unsafe))
			},
		},
		{
			Name: "me.GetMe", Requests: []Request{{"me.GetMe", http.MethodGet, route, true}},
			Do: func(ctx context.Context, s SDK, in Input) Result { return renewed(s.Me.GetMe(ctx, in.Credential)) },
		},
		{
			Name: "me.View.Get", Requests: []Request{{"me.GetMe", http.MethodGet, route, false}},
			Do: func(ctx context.Context, s SDK, in Input) Result {
				return renewed(me.As[myself](s.Me).Get(ctx, in.Credential))
			},
		},
		{
			Name: "me.View.Modify", Requests: twoSteps("me.ModifyMetadata"), Target: SignedIn,
			Do: func(ctx context.Context, s SDK, in Input) Result {
				return renewed(me.As[myself](s.Me).Modify(ctx, in.Credential, func(m *myself) error { return m.Unsafe.merge(in.Patch.Unsafe) }))
			},
		},
	}
}
