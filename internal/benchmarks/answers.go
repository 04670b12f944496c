package benchmarks

import (
	"bytes"
	stdjson "encoding/json"
	"errors"

	"github.com/buger/jsonparser"
	"github.com/bytedance/sonic"
	experiment "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	goccy "github.com/goccy/go-json"
	segmentio "github.com/segmentio/encoding/json"
	"github.com/tidwall/gjson"
	"github.com/valyala/fastjson"

	"github.com/clerkmeta/clerkmeta-go/users"
)

var errSyntax = errors.New("not valid JSON")

// addAnswers reads the answer in every way that was weighed for users.ParseUser.
// Each gives the id, the two times and copies of the three metadata fields, and
// keeps a copy of the whole; each but jsonparser refuses a text that is not JSON.
func addAnswers(s *Set) error {
	text := answer()
	c := Case{Group: "Reading an answer", Name: "a user of 3.2 KB"}
	for _, way := range []struct {
		name string
		read func([]byte) (user, error)
	}{
		{"encoding/json", unmarshal(stdjson.Unmarshal)},
		{"users.ParseUser", parseUser},
		{"encoding/json, token by token", tokens},
		{"go-json-experiment (v2)", unmarshal(func(text []byte, v any) error { return experiment.Unmarshal(text, v) })},
		{"jsontext, value by value", values},
		{"goccy/go-json", unmarshal(goccy.Unmarshal)},
		{"bytedance/sonic", unmarshal(sonic.ConfigStd.Unmarshal)},
		{"segmentio/encoding", unmarshal(segmentio.Unmarshal)},
		{"tidwall/gjson", gjsonGet},
		{"valyala/fastjson", fastjsonGet},
		{"buger/jsonparser", jsonparserGet},
	} {
		c.Candidates = append(c.Candidates, Candidate{Name: way.name, Run: func() error {
			u, err := way.read(text)
			if err == nil && (!bytes.HasPrefix(u.PrivateMetadata, []byte(`{"stripeId"`)) || u.UpdatedAt != 1700000000001) {
				err = errNoUser
			}
			return isUser(u.ID, err)
		}})
	}
	s.Cases = append(s.Cases, c)
	return nil
}

// raw keeps the copies of the whole from being optimized away.
type raw struct{ text []byte }

func keep(text []byte) *raw { return &raw{bytes.Clone(text)} }

func unmarshal(decode func([]byte, any) error) func([]byte) (user, error) {
	return func(text []byte) (u user, err error) {
		kept := keep(text)
		err = decode(kept.text, &u)
		return u, err
	}
}

func parseUser(text []byte) (user, error) {
	u, err := users.ParseUser(text)
	return user{ID: u.ID, PrivateMetadata: stdjson.RawMessage(u.PrivateMetadata.String()), UpdatedAt: u.UpdatedAt.UnixMilli()}, err
}

// field is where a member's value goes; nil for one that nobody asks for.
func (u *user) field(name string) any {
	switch name {
	case "id":
		return &u.ID
	case "public_metadata":
		return &u.PublicMetadata
	case "private_metadata":
		return &u.PrivateMetadata
	case "unsafe_metadata":
		return &u.UnsafeMetadata
	case "created_at":
		return &u.CreatedAt
	case "updated_at":
		return &u.UpdatedAt
	default:
		return nil
	}
}

func tokens(text []byte) (u user, err error) {
	kept := keep(text)
	dec := stdjson.NewDecoder(bytes.NewReader(kept.text))
	if _, err := dec.Token(); err != nil {
		return u, err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return u, err
		}
		s, _ := name.(string)
		into := u.field(s)
		if into == nil {
			into = new(stdjson.RawMessage)
		}
		if err := dec.Decode(into); err != nil {
			return u, err
		}
	}
	_, err = dec.Token()
	return u, err
}

func values(text []byte) (u user, err error) {
	kept := keep(text)
	dec := jsontext.NewDecoder(bytes.NewBuffer(kept.text))
	if _, err := dec.ReadToken(); err != nil {
		return u, err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return u, err
		}
		into := u.field(name.String())
		if into == nil {
			err = dec.SkipValue()
		} else {
			err = experiment.UnmarshalDecode(dec, into)
		}
		if err != nil {
			return u, err
		}
	}
	_, err = dec.ReadToken()
	return u, err
}

func gjsonGet(text []byte) (user, error) {
	kept := keep(text)
	if !gjson.ValidBytes(kept.text) {
		return user{}, errSyntax
	}
	r := gjson.GetManyBytes(kept.text, "id", "public_metadata", "private_metadata", "unsafe_metadata", "created_at", "updated_at")
	return user{
		ID: r[0].String(), PublicMetadata: []byte(r[1].Raw), PrivateMetadata: []byte(r[2].Raw), UnsafeMetadata: []byte(r[3].Raw),
		CreatedAt: r[4].Int(), UpdatedAt: r[5].Int(),
	}, nil
}

func fastjsonGet(text []byte) (user, error) {
	kept := keep(text)
	if err := fastjson.ValidateBytes(kept.text); err != nil {
		return user{}, err
	}
	v, err := fastjson.ParseBytes(kept.text)
	if err != nil {
		return user{}, err
	}
	return user{
		ID: string(v.GetStringBytes("id")), PublicMetadata: v.Get("public_metadata").MarshalTo(nil),
		PrivateMetadata: v.Get("private_metadata").MarshalTo(nil), UnsafeMetadata: v.Get("unsafe_metadata").MarshalTo(nil),
		CreatedAt: v.GetInt64("created_at"), UpdatedAt: v.GetInt64("updated_at"),
	}, nil
}

func jsonparserGet(text []byte) (u user, err error) {
	kept := keep(text)
	err = jsonparser.ObjectEach(kept.text, func(name, value []byte, _ jsonparser.ValueType, _ int) error {
		switch into := u.field(string(name)).(type) {
		case *string:
			*into = string(value)
		case *stdjson.RawMessage:
			*into = bytes.Clone(value)
		case *int64:
			n, err := jsonparser.ParseInt(value)
			*into = n
			return err
		}
		return nil
	})
	return u, err
}
