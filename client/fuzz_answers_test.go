package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// canary stands in the seeds wherever a value can, and belongs in no error.
const canary = "can4ry"

var answerSeeds = []string{
	``, `null`, `[]`, `{}`, `"can4ry"`, `{"id":"user_1"}`, `{"id":"can4ry","created_at":"can4ry"}`, `{"ID":"can4ry","id":null}`,
	`{"id":"user_1","public_metadata":{"n":9007199254740993,"d":1.10},"private_metadata":null,"unsafe_metadata":{ },"created_at":1778544000123,"updated_at":-1}`,
	`{"id":"\u006f\ud83d\ude00\ud800","slug":"can4ry","name":null,"role":"org:admin","organization":{"id":"org_1"},"public_user_data":{"user_id":"user_1","x":[{}]}}`,
	"\t{ \"id\" : \"a\xff\" , \"private_metadata\" : \"can4ry\" , \"updated_at\" : 1e3 }\n", `{"id":"user_1","id":"user_2"}`, `{"id":"a","public_metadata":{"can4ry":1`,
	`{"id":"a","created_at":9223372036854775808,"updated_at":1.0,"organization":["can4ry"],"public_user_data":null}`, `{"i\u0064":"escaped","public_metadata":[]}`,
}

// entity is what the four kinds of answer have in common.
type entity struct {
	id       string
	created  time.Time
	metadata map[string]metadata.Object
	raw      []byte
}

// parsers read a kind of entity. strings are its members that hold one, nested
// those that hold an object with one.
var parsers = []struct {
	name    string
	strings []string
	nested  map[string]string
	parse   func([]byte) (entity, error)
}{
	{"user", nil, nil, func(text []byte) (entity, error) {
		u, err := users.ParseUser(text)
		return entity{u.ID, u.CreatedAt, map[string]metadata.Object{
			"public_metadata": u.PublicMetadata, "private_metadata": u.PrivateMetadata, "unsafe_metadata": u.UnsafeMetadata,
		}, u.Raw}, err
	}},
	{"organization", []string{"slug", "name"}, nil, func(text []byte) (entity, error) {
		o, err := organizations.ParseOrganization(text)
		return entity{o.ID, o.CreatedAt, map[string]metadata.Object{
			"public_metadata": o.PublicMetadata, "private_metadata": o.PrivateMetadata,
		}, o.Raw}, err
	}},
	{"membership", []string{"role"}, map[string]string{"organization": "id", "public_user_data": "user_id"}, func(text []byte) (entity, error) {
		m, err := organizations.ParseMembership(text)
		return entity{m.ID, m.CreatedAt, map[string]metadata.Object{
			"public_metadata": m.PublicMetadata, "private_metadata": m.PrivateMetadata,
		}, m.Raw}, err
	}},
	{"own user", nil, nil, func(text []byte) (entity, error) {
		u, err := me.ParseUser(text)
		return entity{u.ID, u.CreatedAt, map[string]metadata.Object{
			"public_metadata": u.PublicMetadata, "unsafe_metadata": u.UnsafeMetadata,
		}, u.Raw}, err
	}},
}

// members are an object's members as encoding/json reads them; distinct is false
// where a name occurs twice, of which nobody says what it means.
func members(text []byte) (all map[string]json.RawMessage, distinct bool) {
	if json.Unmarshal(text, &all) != nil {
		return nil, true
	}
	d := json.NewDecoder(bytes.NewReader(text))
	_, _ = d.Token()
	n := 0
	for ; d.More(); n++ {
		var value json.RawMessage
		_, _ = d.Token()
		_ = d.Decode(&value)
	}
	return all, n == len(all)
}

// exact reports whether encoding/json reads each name of a text as an answer is read: it
// takes other cases of the names of a struct for them, and merges what occurs twice.
func exact(text []byte, names ...string) bool {
	object, distinct := members(text)
	for name, value := range object {
		similar := func(known string) bool { return known != name && strings.EqualFold(known, name) }
		if slices.ContainsFunc(names, similar) || !exact(value, names...) {
			return false
		}
	}
	var list []json.RawMessage
	_ = json.Unmarshal(text, &list)
	return distinct && !slices.ContainsFunc(list, func(value json.RawMessage) bool { return !exact(value, names...) })
}

func fits[T any](raw json.RawMessage) bool {
	var v T
	return raw == nil || json.Unmarshal(raw, &v) == nil
}

func isObject(raw json.RawMessage) bool { return raw == nil || fits[map[string]json.RawMessage](raw) }

// FuzzParseEntity: what encoding/json reads is read, and nothing else; every
// field that can be read is, whatever is wrong with others, digits and all; and
// errors quote nothing.
func FuzzParseEntity(f *testing.F) {
	for _, s := range answerSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		all, distinct := members(text)
		for _, p := range parsers {
			got, err := p.parse(text)
			require.Equal(t, string(text), string(got.raw))
			if err != nil {
				require.ErrorIs(t, err, clerkerr.ErrDecode)
				require.NotContains(t, err.Error(), canary)
			}
			if !json.Valid(text) {
				require.Error(t, err)
				continue
			}
			var id string
			good := all["id"] != nil && json.Unmarshal(all["id"], &id) == nil && id != ""
			for _, name := range []string{"created_at", "updated_at"} {
				good = good && fits[int64](all[name])
			}
			for _, name := range p.strings {
				good = good && fits[string](all[name])
			}
			for name, inner := range p.nested {
				object, innerDistinct := members(all[name])
				good, distinct = good && isObject(all[name]) && fits[string](object[inner]), distinct && innerDistinct
			}
			for name := range got.metadata {
				good = good && isObject(all[name])
			}
			if !distinct {
				continue
			}
			require.Equal(t, good, err == nil, "%s: %v", p.name, err)
			require.Equal(t, id, got.id)
			for name, object := range got.metadata {
				if isObject(all[name]) {
					require.Equal(t, string(all[name]), string(object.Raw()), name)
				}
			}
			var millis int64
			if json.Unmarshal(all["created_at"], &millis) == nil && millis != 0 {
				require.True(t, got.created.Equal(time.UnixMilli(millis)))
			}
		}
	})
}

// FuzzAnswer: whatever comes with status 200, whole or cut short, a call returns a
// result of what it could read, a typed error or both, and quotes nothing.
func FuzzAnswer(f *testing.F) {
	for _, s := range answerSeeds {
		f.Add([]byte(s), false)
		f.Add(fmt.Appendf(nil, `{"response":%s,"client":{"sessions":["can4ry"]}}`, s), true)
		f.Add(fmt.Appendf(nil, `{"data":[%s,{"id":"2"}],"total_count":3}`, s), false)
		f.Add(fmt.Appendf(nil, `[%s]`, s), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, short bool) {
		rt := answer(200, string(body))
		if short {
			rt = cut(200, string(body))
		}
		s := newSDK(t, rt, client.WithRetry(client.Retry{MaxRetries: client.None}))
		in := calls.Valid()
		in.PageSize, in.Limit = 2, 5 // a server that always has more is no fault of a walk
		for _, c := range calls.Select(func(c calls.Call) bool { return !c.IsView() }) {
			r := c.Do(t.Context(), s, in)
			if r.Err == nil {
				require.True(t, !short && json.Valid(body) && (c.List || len(r.Found) > 0), c.Name)
				continue
			}
			e := requireAnswerError(t, r.Err)
			require.True(t, !c.List || len(r.Found) == 0, c.Name)
			if c.IsWrite() && len(r.Found) > 0 {
				require.Equal(t, clerkerr.OutcomeApplied, e.Outcome, c.Name)
			}
		}
	})
}

func requireAnswerError(t *testing.T, err error) *clerkerr.Error {
	t.Helper()
	e := asFailure(t, err)
	require.NotEmpty(t, e.Operation)
	require.True(t, errors.Is(err, clerkerr.ErrDecode) || errors.Is(err, clerkerr.ErrTransport) || errors.Is(err, clerkerr.ErrNotFound), "%v", err)
	require.NotContains(t, fmt.Sprintf("%v %+v", err, e.Err), canary)
	return e
}
