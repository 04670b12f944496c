package bulk_test

import (
	"bytes"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

type account struct {
	ID     string `json:"id"`
	Public struct {
		Role  string `json:"role,omitempty"`
		Title string `json:"title,omitempty"`
	} `json:"public_metadata"`
}

// renameRole renames a key, unless that was done.
func renameRole(a *account) error {
	if a.Public.Role != "" {
		a.Public.Title, a.Public.Role = a.Public.Role, ""
	}
	return nil
}

func TestTransform(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 3)
	c := clerk.Client()
	before := state(clerk)
	all := c.Users.All(t.Context(), users.AllParams{})
	view := users.As[account](c.Users)
	var file bytes.Buffer
	n, err := bulk.WriteNDJSON(&file, bulk.Transform(view, all, renameRole))
	require.NoError(t, err)
	require.Equal(t, int64(3), n)
	require.Equal(t, before, state(clerk))
	require.Contains(t, file.String(), `{"user":"user_1","public_metadata":{"a":{"b":0},"title":"shopper"},"was":{"public_metadata":{`)

	results, err := walk(bulk.Apply(t.Context(), c, bulk.ReadNDJSON(strings.NewReader(file.String())), bulk.ApplyParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Applied: 3}, counts(results))
	require.NotContains(t, state(clerk), "role")
	n, err = bulk.WriteNDJSON(&file, bulk.Transform(view, all, renameRole))
	require.NoError(t, err)
	require.Zero(t, n, "nothing is left to change")

	type anything struct {
		Public map[string]any `json:"public_metadata"`
	}
	mark := func(a *anything) error {
		if a.Public == nil {
			a.Public = map[string]any{}
		}
		a.Public["mark"] = 1
		return nil
	}
	for _, edits := range []iter.Seq2[bulk.Change, error]{
		bulk.Transform(organizations.As[anything](c.Organizations), c.Organizations.All(t.Context(), organizations.AllParams{}), mark),
		bulk.Transform(organizations.AsMemberships[anything](c.Organizations), c.Organizations.AllMemberships(t.Context(), "org_1", organizations.AllParams{}), mark),
	} {
		results, err := walk(bulk.Apply(t.Context(), c, edits, bulk.ApplyParams{}))
		require.NoError(t, err)
		require.NotEmpty(t, results)
		for _, r := range results {
			require.Equal(t, bulk.Applied, r.Outcome)
			require.Contains(t, r.After.Public.String(), `"mark":1`)
		}
	}
}

func TestTransformFails(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 3)
	c := clerk.Client()
	all := c.Users.All(t.Context(), users.AllParams{})
	view := users.As[account](c.Users)
	errOne := errors.New("not this one")
	var failures []*bulk.TransformError
	edits := 0
	for edit, err := range bulk.Transform(view, all, func(a *account) error {
		switch a.ID {
		case "user_1":
			return errOne
		case "user_2":
			a.ID = "user_9"
		}
		return renameRole(a)
	}) {
		if failure, ok := errors.AsType[*bulk.TransformError](err); ok {
			failures = append(failures, failure)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, bulk.Entity{UserID: "user_3"}, edit.Entity())
		edits++
	}
	require.Equal(t, 1, edits)
	require.Len(t, failures, 2)
	require.ErrorIs(t, failures[0], errOne)
	require.EqualError(t, failures[0], "user user_1, number 1: not this one")
	require.ErrorIs(t, failures[1], clerkerr.ErrInvalidArgument)
	require.Equal(t, int64(2), failures[1].Position)

	n, err := bulk.WriteNDJSON(&bytes.Buffer{}, bulk.Transform(view, all, func(*account) error { return errOne }))
	require.ErrorIs(t, err, errOne)
	require.Zero(t, n)
	for _, edits := range []iter.Seq2[bulk.Change, error]{
		bulk.Transform[account, users.User](nil, all, renameRole),
		bulk.Transform(view, nil, renameRole),
		bulk.Transform(view, all, nil),
		bulk.Transform(users.View[account]{}, all, renameRole),
		bulk.Transform(view, func(yield func(*users.User, error) bool) { yield(nil, nil) }, renameRole),
	} {
		_, err := bulk.WriteNDJSON(&bytes.Buffer{}, edits)
		require.Error(t, err)
	}
	null := func(a *struct {
		Public map[string]any `json:"public_metadata"`
	}) error {
		a.Public["role"] = nil
		return nil
	}
	_, err = bulk.WriteNDJSON(&bytes.Buffer{}, bulk.Transform(users.As[struct {
		Public map[string]any `json:"public_metadata"`
	}](c.Users), all, null))
	require.ErrorIs(t, err, metadata.ErrNull)
}
