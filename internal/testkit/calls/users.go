package calls

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/clerkmeta/clerkmeta-go/users"
)

// user is one as a typed view reads it.
type user struct {
	Public  content `json:"public_metadata"`
	Private content `json:"private_metadata"`
	Unsafe  content `json:"unsafe_metadata"`
}

func ofUsers() []Call {
	const route = "/v1/users/{user_id}"
	get := Request{"GetUser", http.MethodGet, route, false}
	many := Request{"GetMany", http.MethodGet, "/v1/users", false}
	list := Request{"ListUsers", http.MethodGet, "/v1/users", false}
	updated := Request{"ListUpdatedUsers", http.MethodGet, "/v1/users", false}
	find := Request{"Find", http.MethodGet, "/v1/users", false}
	findMany := Request{"FindMany", http.MethodGet, "/v1/users", false}
	update := Request{"UpdateUserMetadata", http.MethodPatch, route + "/metadata", true}
	replace := Request{"ReplaceUserMetadata", http.MethodPut, route + "/metadata", true}
	create := Request{"CreateUser", http.MethodPost, "/v1/users", true}
	id, first := []string{"user_id"}, []string{"ids[0]"}
	return []Call{
		writes(User, "users.UpdateUserMetadata", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Users.UpdateUserMetadata(ctx, in.User, users.UpdateUserMetadataParams{
				PublicMetadata: in.Patch.Public, PrivateMetadata: in.Patch.Private, UnsafeMetadata: in.Patch.Unsafe,
			}))
		}, update),
		replaces(User, "users.ReplaceUserMetadata", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Users.ReplaceUserMetadata(ctx, in.User, users.ReplaceUserMetadataParams{
				PublicMetadata: in.Value.Public, PrivateMetadata: in.Value.Private, UnsafeMetadata: in.Value.Unsafe,
			}))
		}, replace),
		creates(User, "users.CreateUser", nil, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Users.CreateUser(ctx, users.CreateUserParams{
				PublicMetadata: in.Value.Public, PrivateMetadata: in.Value.Private, UnsafeMetadata: in.Value.Unsafe,
				ExternalID: "4711", EmailAddresses: []string{"new@example.com"}, Username: "new", FirstName: "New", LastName: "User",
				Password: users.PlainPassword(in.Password),
			}))
		}, create),
		reads("users.GetUser", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Users.GetUser(ctx, in.User))
		}, partly(get)),
		lists("users.GetMany", first, func(ctx context.Context, s SDK, in Input) Result {
			found, missing, err := s.Users.GetMany(ctx, []string{in.User, "user_none"})
			if found == nil && missing == nil {
				return Result{Err: err}
			}
			return Result{Found: []any{found, missing}, Err: err}
		}, many),
		reads("users.Find", []string{"identifier"}, func(ctx context.Context, s SDK, in Input) Result {
			return one(s.Users.Find(ctx, users.ByID(in.User)))
		}, find),
		lists("users.FindMany", []string{"identifiers[0]"}, func(ctx context.Context, s SDK, in Input) Result {
			return walked(s.Users.FindMany(ctx, []users.Identifier{users.ByID(in.User)}), in.Limit)
		}, findMany),
		lists("users.All", nil, func(ctx context.Context, s SDK, in Input) Result {
			return walked(s.Users.All(ctx, users.AllParams{PageSize: in.PageSize}), in.Limit)
		}, list),
		lists("users.UpdatedSince", nil, func(ctx context.Context, s SDK, in Input) Result {
			return walked(s.Users.UpdatedSince(ctx, time.UnixMilli(1)), in.Limit)
		}, updated),
		reads("users.View.Get", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(users.As[user](s.Users).Get(ctx, in.User))
		}, get),
		lists("users.View.GetMany", first, func(ctx context.Context, s SDK, in Input) Result {
			return walked(users.As[user](s.Users).GetMany(ctx, []string{in.User}), in.Limit)
		}, many),
		reads("users.View.Find", []string{"identifier"}, func(ctx context.Context, s SDK, in Input) Result {
			return one(users.As[user](s.Users).Find(ctx, users.ByID(in.User)))
		}, find),
		lists("users.View.FindMany", []string{"identifiers[0]"}, func(ctx context.Context, s SDK, in Input) Result {
			return walked(users.As[user](s.Users).FindMany(ctx, []users.Identifier{users.ByID(in.User)}), in.Limit)
		}, findMany),
		lists("users.View.All", nil, func(ctx context.Context, s SDK, in Input) Result {
			return walked(users.As[user](s.Users).All(ctx, users.AllParams{PageSize: in.PageSize}), in.Limit)
		}, list),
		writes(User, "users.View.Modify", id, func(ctx context.Context, s SDK, in Input) Result {
			return one(users.As[user](s.Users).Modify(ctx, in.User, func(u *user) error {
				return errors.Join(u.Public.merge(in.Patch.Public), u.Private.merge(in.Patch.Private), u.Unsafe.merge(in.Patch.Unsafe))
			}))
		}, get, update),
	}
}
