package riverwrites_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
)

// A sealed body opens in its row, with its key and unchanged, and in no other way.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"private_metadata":{"a":1}}`), int64(7), "", "user_1", "patch", "k", int64(7), "", "user_1", "patch", "k", 0, byte(0), 0, []byte(nil))
	f.Add([]byte(`{}`), int64(7), "org_1", "", "patch", "k", int64(8), "", "org_1", "replace", "l", 3, byte(1), 4, []byte("more"))
	f.Add([]byte(`{}`), int64(7), "org_1", "user_1", "patch", "k", int64(7), "org_1", "user_1", "patch", "k", 0, byte(0), 40, []byte(nil))
	f.Add([]byte(`{}`), int64(7), "a\xff", "b", "patch", "k", int64(7), "a\ufffd", "b", "patch", "k", 0, byte(0), 0, []byte(nil))
	f.Add([]byte(`{}`), int64(7), `a" "b`, "c", "patch", "k", int64(7), "a", `b" "c`, "patch", "k", 0, byte(0), 0, []byte(nil))
	f.Fuzz(func(t *testing.T, body []byte, seq int64, organization, user, verb, id string,
		otherSeq int64, otherOrganization, otherUser, otherVerb, otherID string, at int, flip byte, cut int, more []byte,
	) {
		keys := []riverwrites.Key{key(t, "k"), key(t, "l")}
		seals := keys[0]
		if id == "l" {
			seals = keys[1]
		}
		e, o := bulk.Entity{OrganizationID: organization, UserID: user}, bulk.Entity{OrganizationID: otherOrganization, UserID: otherUser}
		sealed, err := riverwrites.Seal(seals, seq, e, bulk.Verb(verb), body)
		require.NoError(t, err)
		require.False(t, len(body) > 8 && bytes.Contains(sealed, body))

		changed := bytes.Clone(sealed)
		changed[uint(at)%uint(len(changed))] ^= flip
		changed = append(changed[:len(changed)-int(uint(cut)%uint(len(changed)+1))], more...)
		opened, err := riverwrites.Open(keys, otherSeq, o, bulk.Verb(otherVerb), otherID, changed)
		if bytes.Equal(changed, sealed) && seq == otherSeq && e == o && verb == otherVerb && seals.ID == otherID {
			require.NoError(t, err)
			require.Equal(t, string(body), string(opened))
			return
		}
		require.Error(t, err)
		require.Nil(t, opened)
	})
}

// Whatever is in the column, reading does not panic, and what was read and InsertTx would store
// reads as the same again.
func FuzzBody(f *testing.F) {
	f.Add(false, []byte(`{"public_metadata":{"a":null,"b":{"c":[1,null]}},"unsafe_metadata":{}}`))
	f.Add(false, []byte(`{"private_metadata":[]}`))
	f.Add(true, []byte(`{"public_metadata":null,"private_metadata":{"a":null},"other":1}`))
	f.Add(true, []byte(`null`))
	f.Fuzz(func(t *testing.T, replaces bool, column []byte) {
		verb := bulk.Patch
		if replaces {
			verb = bulk.Replace
		}
		body, err := riverwrites.Parse(verb, column)
		if err != nil {
			return // it is no such body
		}
		again, err := riverwrites.Parse(verb, body)
		require.NoError(t, err)
		require.Equal(t, string(body), string(again))
	})
}
