package kinds_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/kinds"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// absent is how a field prints that a kind does not have.
const absent = "<absent>"

func fields(o entity.Objects) (texts []string) {
	for _, field := range o {
		texts = append(texts, field.String())
	}
	return texts
}

// TestStore patches and replaces an entity of each kind: only the fields of that entity change.
func TestStore(t *testing.T) {
	t.Parallel()
	const user, organization = "user_1", "org_1"
	object := func(text string) any { return map[string]any{"was": text} }
	for _, tc := range []struct {
		id               entity.ID
		name             string
		patch, replace   clerktest.Operation
		read             []string
		patched, written []string
	}{
		{
			entity.ID{UserID: user}, user, clerktest.UpdateUserMetadata, clerktest.ReplaceUserMetadata,
			[]string{`{"was":"user's public"}`, `{"was":"user's private"}`, `{"was":"user's unsafe"}`},
			[]string{`{"was":"user's public","n":0}`, `{"was":"user's private","n":1}`, `{"was":"user's unsafe","n":2}`},
			[]string{`{"n":10}`, `{"n":11}`, `{"n":12}`},
		},
		{
			entity.ID{OrganizationID: organization}, organization, clerktest.MergeOrganizationMetadata, clerktest.ReplaceOrganizationMetadata,
			[]string{`{"was":"organization's public"}`, `{"was":"organization's private"}`, absent},
			[]string{`{"was":"organization's public","n":0}`, `{"was":"organization's private","n":1}`, absent},
			[]string{`{"n":10}`, `{"n":11}`, absent},
		},
		{
			entity.ID{OrganizationID: organization, UserID: user}, "orgmem_1", clerktest.UpdateOrganizationMembershipMetadata, "",
			[]string{`{"was":"membership's public"}`, `{"was":"membership's private"}`, absent},
			[]string{`{"was":"membership's public","n":0}`, `{"was":"membership's private","n":1}`, absent}, nil,
		},
	} {
		t.Run(tc.id.Kind().String(), func(t *testing.T) {
			t.Parallel()
			clerk := clerktest.Start(t, clerktest.Seed{
				Users: []clerktest.User{{
					ID: user, PublicMetadata: object("user's public"), PrivateMetadata: object("user's private"), UnsafeMetadata: object("user's unsafe"),
				}},
				Organizations: []clerktest.Organization{{
					ID: organization, PublicMetadata: object("organization's public"), PrivateMetadata: object("organization's private"),
				}},
				Memberships: []clerktest.Membership{{
					ID: "orgmem_1", OrganizationID: organization, UserID: user,
					PublicMetadata: object("membership's public"), PrivateMetadata: object("membership's private"),
				}},
			})
			c := clerk.Client()
			store := kinds.Store{Users: c.Users, Organizations: c.Organizations}
			var patches entity.Patches
			var values entity.Values
			for i := range tc.id.Kind().Fields() {
				patches[i], values[i] = metadata.Patch{"n": i}, metadata.Of(map[string]any{"n": 10 + i})
			}

			record, err := store.Get(t.Context(), tc.id)
			require.NoError(t, err)
			require.Equal(t, tc.id, record.ID)
			require.Equal(t, tc.name, record.Name)
			require.Equal(t, tc.read, fields(record.Objects))

			record, err = store.Patch(t.Context(), tc.id, patches)
			require.NoError(t, err)
			for i, want := range tc.patched {
				if want != absent {
					require.JSONEq(t, want, record.Objects[i].String())
				}
			}
			require.Len(t, clerk.Requests(tc.patch), 1)

			record, err = store.Replace(t.Context(), tc.id, values)
			if tc.replace == "" {
				require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
				require.ErrorIs(t, err, entity.ErrNoReplace)
				require.Nil(t, record)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.written, fields(record.Objects))
			require.Len(t, clerk.Requests(tc.replace), 1)

			missing := entity.ID{UserID: tc.id.UserID + "x"}
			if tc.id.Kind() == entity.Organization {
				missing = entity.ID{OrganizationID: tc.id.OrganizationID + "x"}
			}
			_, err = store.Get(t.Context(), missing)
			require.ErrorIs(t, err, clerkerr.ErrNotFound)
		})
	}
}
