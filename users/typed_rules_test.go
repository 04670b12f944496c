package users_test

import (
	"encoding/json"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// typeError is what every method of the view of T says before any request.
func typeError[T any](t *testing.T) error {
	t.Helper()
	clerk := typedClerk(t)
	view := users.As[T](clerk.Client().Users)
	_, err := view.Get(t.Context(), "user_1")
	require.ErrorIs(t, err, metadata.ErrType)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)

	_, modify := view.Modify(t.Context(), "user_1", func(*T) error { return nil })
	_, decode := view.Decode(&users.User{ID: "user_1", Raw: json.RawMessage(`{"id":"user_1"}`)})
	all := rows(view.All(t.Context(), users.AllParams{}))
	many := rows(view.GetMany(t.Context(), []string{"user_1"}))
	require.Len(t, all, 1)
	require.Len(t, many, 1)
	for name, other := range map[string]error{"Modify": modify, "Decode": decode, "All": all[0].err, "GetMany": many[0].err} {
		require.ErrorIs(t, other, metadata.ErrType, name)
	}
	require.Empty(t, clerk.Requests())
	return err
}

type row[T any] struct {
	value *T
	err   error
}

func rows[T any](seq iter.Seq2[*T, error]) (all []row[T]) {
	for value, err := range seq {
		all = append(all, row[T]{value, err})
	}
	return all
}

// A name that resembles a metadata field's would read as zero for ever.
func TestViewRefusesNearMisses(t *testing.T) {
	t.Parallel()
	type object struct {
		A int `json:"a"`
	}
	for says, err := range map[string]error{
		`a field is "publicMetadata" in JSON, Clerk's name is "public_metadata"`: typeError[struct {
			P object `json:"publicMetadata"`
		}](t),
		`a field is "PublicMetadata" in JSON, Clerk's name is "public_metadata"`: typeError[struct{ PublicMetadata object }](t),
		`a field is "Private" in JSON, Clerk's name is "private_metadata"`:       typeError[struct{ Private object }](t),
		`a field is "Unsafe" in JSON, Clerk's name is "unsafe_metadata"`:         typeError[struct{ Unsafe object }](t),
		`a field is "privat_metadata" in JSON, Clerk's name is "private_metadata"`: typeError[struct {
			P object `json:"privat_metadata"`
		}](t),
		`a field is "unsafe_metdata" in JSON, Clerk's name is "unsafe_metadata"`: typeError[struct {
			P object `json:"unsafe_metdata"`
		}](t),
		`a field is "public-metadata" in JSON, Clerk's name is "public_metadata"`: typeError[struct {
			P object `json:"public-metadata"`
		}](t),
		`a field is "public_metadatas" in JSON, Clerk's name is "public_metadata"`: typeError[struct {
			P object `json:"public_metadatas"`
		}](t),
		`public_metadata is a string, and metadata is a JSON object`: typeError[struct {
			P string `json:"public_metadata"`
		}](t),
		`private_metadata is a []int, and metadata is a JSON object`: typeError[struct {
			P []int `json:"private_metadata"`
		}](t),
		`map[string]interface {}: a view is a struct`: typeError[map[string]any](t),
		`*users_test.account: a view is a struct`:     typeError[*account](t),
		`time.Time: a view is a struct`:               typeError[time.Time](t),
		`.public_metadata: a map with keys of type [1]int has no JSON form`: typeError[struct {
			P map[[1]int]int `json:"public_metadata"`
		}](t),
	} {
		require.ErrorContains(t, err, says)
	}

	// Other members of a user are no near misses.
	clerk := typedClerk(t)
	type other struct {
		ID      string `json:"id"`
		Enabled bool   `json:"public_user_data"`
		Locked  bool   `json:"locked"`
		Updated int64  `json:"updated_at"`
	}
	got, err := users.As[other](clerk.Client().Users).Get(t.Context(), "user_1")
	require.NoError(t, err)
	require.Equal(t, "user_1", got.ID)
	require.NotZero(t, got.Updated)
}

// A field that T lacks is neither read nor written, whatever is stored there.
func TestViewLeavesOtherFieldsAlone(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, clerktest.Seed{Users: []clerktest.User{{
		ID: "user_1", PublicMetadata: raw(t, `{"role":"admin"}`), PrivateMetadata: raw(t, `{"role":5}`),
	}}})
	type narrow struct {
		Public struct {
			Role string `json:"role"`
		} `json:"public_metadata"`
	}
	got, err := users.As[narrow](clerk.Client().Users).Modify(t.Context(), "user_1", func(n *narrow) error {
		elsewhere(t, clerk, users.UpdateUserMetadataParams{PrivateMetadata: metadata.Patch{"role": "unseen"}})
		n.Public.Role = "member"
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"role": "member"}}, got.Sent)
	require.Empty(t, got.ConcurrentChanges, "a field that T lacks is not compared")
}

// What is no metadata can be read, and a change to it is refused by name.
func TestModifyRefusesWhatIsNoMetadata(t *testing.T) {
	t.Parallel()
	type wide struct {
		ID      string         `json:"id"`
		Updated int64          `json:"updated_at"`
		Public  map[string]any `json:"public_metadata"`
		Mails   []struct {
			ID string `json:"id"`
		} `json:"email_addresses"`
	}
	clerk := typedClerk(t)
	view := users.As[wide](clerk.Client().Users)
	for name, change := range map[string]func(*wide){
		"id":         func(w *wide) { w.ID = "user_2" },
		"updated_at": func(w *wide) { w.Updated++; w.Public["role"] = "b" },
		"email_addresses": func(w *wide) {
			w.Mails = append(w.Mails, struct {
				ID string `json:"id"`
			}{"idn_1"})
		},
	} {
		got, err := view.Modify(t.Context(), "user_1", func(w *wide) error { change(w); return nil })
		require.Nil(t, got, name)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, name)
		require.ErrorContains(t, err, "ModifyUserMetadata: "+name+": was changed and is no metadata: Modify writes public_metadata, private_metadata, unsafe_metadata only")
	}
	require.Empty(t, clerk.Requests(clerktest.UpdateUserMetadata))
}

// A metadata field may be a struct, a pointer, a map or any; nil clears what was
// decoded and nothing else.
func TestModifyClearsWithNil(t *testing.T) {
	t.Parallel()
	type known struct {
		Role string `json:"role"`
	}
	for name, tc := range map[string]struct {
		modify func(*testing.T, *users.Service) (metadata.Patch, error)
		sent   metadata.Patch
		stored string
	}{
		"a pointer": {modifyTo[struct {
			P *known `json:"public_metadata"`
		}](func(v *struct {
			P *known `json:"public_metadata"`
		}) {
			v.P = nil
		}), metadata.Patch{"role": metadata.Delete}, `{"x":{"y":1}}`},
		"a map": {modifyTo[struct {
			P map[string]any `json:"public_metadata"`
		}](func(v *struct {
			P map[string]any `json:"public_metadata"`
		}) {
			v.P = nil
		}), metadata.Patch{"role": metadata.Delete, "x": metadata.Patch{"y": metadata.Delete}}, `{"x":{}}`},
		"any": {modifyTo[struct {
			P any `json:"public_metadata"`
		}](func(v *struct {
			P any `json:"public_metadata"`
		}) {
			v.P = nil
		}), metadata.Patch{"role": metadata.Delete, "x": metadata.Patch{"y": metadata.Delete}}, `{"x":{}}`},
		"omitempty": {modifyTo[struct {
			P *known `json:"public_metadata,omitempty"`
		}](func(v *struct {
			P *known `json:"public_metadata,omitempty"`
		}) {
			v.P = nil
		}), metadata.Patch{"role": metadata.Delete}, `{"x":{"y":1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := testkit.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PublicMetadata: raw(t, `{"role":"a","x":{"y":1}}`)}}})
			sent, err := tc.modify(t, clerk.Client().Users)
			require.NoError(t, err)
			require.Equal(t, tc.sent, sent)
			user, _ := clerk.User("user_1")
			require.JSONEq(t, tc.stored, user.PublicMetadata.String())
		})
	}

	clerk := typedClerk(t)
	type loose struct {
		P any `json:"public_metadata"`
	}
	_, err := users.As[loose](clerk.Client().Users).Modify(t.Context(), "user_1", func(l *loose) error { l.P = []int{1}; return nil })
	require.ErrorIs(t, err, metadata.ErrNotObject)
	require.ErrorContains(t, err, "public_metadata: ")
	require.Empty(t, clerk.Requests(clerktest.UpdateUserMetadata))
}

func modifyTo[T any](change func(*T)) func(*testing.T, *users.Service) (metadata.Patch, error) {
	return func(t *testing.T, svc *users.Service) (metadata.Patch, error) {
		t.Helper()
		got, err := users.As[T](svc).Modify(t.Context(), "user_1", func(v *T) error { change(v); return nil })
		if err != nil {
			return nil, err
		}
		return got.Sent.PublicMetadata, nil
	}
}

// Metadata that does not fit T is the error of its row, and the others follow.
func TestViewGoesOnAfterAMisfit(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, clerktest.Seed{Users: []clerktest.User{
		{ID: "user_1", PublicMetadata: raw(t, `{"seats":1}`)},
		{ID: "user_2", PublicMetadata: raw(t, `{"seats":"many"}`)},
		{ID: "user_3", PublicMetadata: raw(t, `{"seats":3}`)},
	}})
	view := users.As[account](clerk.Client().Users)
	requireMisfit := func(r row[account], operation string) {
		require.Nil(t, r.value)
		require.ErrorIs(t, r.err, metadata.ErrMismatch)
		require.ErrorContains(t, r.err, "clerk: "+operation+": user_2: public_metadata: ")
		require.NotContains(t, r.err.Error(), "many")
		var e *clerkerr.Error
		require.ErrorAs(t, r.err, &e)
		require.Equal(t, "user_2", e.Entity)
	}

	all := rows(view.All(t.Context(), users.AllParams{PageSize: 2}))
	require.Len(t, all, 3)
	require.EqualValues(t, 1, all[0].value.Public.Seats)
	requireMisfit(all[1], "ListUsers")
	require.EqualValues(t, 3, all[2].value.Public.Seats)

	many := rows(view.GetMany(t.Context(), []string{"user_3", "user_none", "user_2", "user_1"}))
	require.Len(t, many, 4)
	require.Equal(t, "user_3", many[0].value.ID)
	require.ErrorIs(t, many[1].err, clerkerr.ErrNotFound)
	require.ErrorContains(t, many[1].err, "clerk: GetMany: user_none: ")
	requireMisfit(many[2], "GetMany")
	require.Equal(t, "user_1", many[3].value.ID)

	// A request that fails is the end of both, and a break stops them.
	clerk.Script(clerktest.GetUserList, clerktest.Answer(403, "forbidden"), clerktest.Answer(403, "forbidden"))
	for _, failed := range [][]row[account]{rows(view.All(t.Context(), users.AllParams{})), rows(view.GetMany(t.Context(), []string{"user_1", "user_2"}))} {
		require.Len(t, failed, 1)
		require.ErrorIs(t, failed[0].err, clerkerr.ErrForbidden)
	}
	for range view.All(t.Context(), users.AllParams{}) {
		break
	}
	for range view.GetMany(t.Context(), []string{"user_1", "user_2"}) {
		break
	}
}

// The same T reads a user that came otherwise.
func TestViewDecodes(t *testing.T) {
	t.Parallel()
	user, err := users.ParseUser([]byte(`{"id":"user_1","public_metadata":{"role":"admin","seats":2},"private_metadata":null}`))
	require.NoError(t, err)
	view := users.As[account](typedClerk(t).Client().Users)
	_, err = view.Decode(nil)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorContains(t, err, "users.Decode: user: is nil")
	got, err := view.Decode(user)
	require.NoError(t, err)
	require.Equal(t, &account{ID: "user_1", Public: public{Role: "admin", Seats: 2}}, got)

	user.Raw = json.RawMessage(`{"id":"user_1","public_metadata":{"seats":"many"}}`)
	_, err = view.Decode(user)
	require.ErrorIs(t, err, metadata.ErrMismatch)
	require.ErrorIs(t, err, clerkerr.ErrDecode)
}
