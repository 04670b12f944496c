package request_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

const operation = "UpdateUserMetadata"

// requireInvalid checks that err was refused before any request and names param.
func requireInvalid(t *testing.T, err error, param, says string) {
	t.Helper()
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, operation, e.Operation)
	require.Equal(t, param, e.Param())
	require.ErrorContains(t, err, says)
	require.NotContains(t, err.Error(), "\n")
}

func TestContext(t *testing.T) {
	t.Parallel()
	require.NoError(t, request.Context(operation, t.Context()))
	var none context.Context
	requireInvalid(t, request.Context(operation, none), "ctx", "is nil")
}

func TestPatchFields(t *testing.T) {
	t.Parallel()
	f := request.Fields{Operation: operation}
	require.Nil(t, f.Patch(entity.PublicMetadata, nil))
	require.Equal(t, `{}`, string(f.Patch(entity.PublicMetadata, metadata.Patch{})))
	var e *clerkerr.Error
	require.ErrorAs(t, f.Err(), &e, "an empty patch changes nothing")
	require.ErrorIs(t, e, clerkerr.ErrNothingToWrite)
	require.ErrorIs(t, e, clerkerr.ErrInvalidArgument)
	require.Empty(t, e.Param())

	require.Equal(t, `{"a":null,"b":"<"}`, string(f.Patch(entity.PrivateMetadata, metadata.Patch{"b": "<", "a": metadata.Delete})))
	require.NoError(t, f.Err())
	require.Nil(t, f.Patch(entity.UnsafeMetadata, metadata.Patch{"a": map[string]any{"b": nil}}))
	requireInvalid(t, f.Err(), entity.UnsafeMetadata, "unsafe_metadata: /a/b: null is not allowed here")
	require.ErrorIs(t, f.Err(), metadata.ErrNull)

	require.Nil(t, f.Patch(entity.PublicMetadata, metadata.Patch{"a": math.NaN()}))
	require.Nil(t, f.Patch(entity.PublicMetadata, metadata.Patch{"a": 1}))
	requireInvalid(t, f.Err(), entity.UnsafeMetadata, "/a/b") // the first error stays
}

func TestValueFields(t *testing.T) {
	t.Parallel()
	f := request.Fields{Operation: operation, MaxSize: 8}
	require.Nil(t, f.Value(entity.PublicMetadata, metadata.Value{}))
	require.ErrorIs(t, f.Err(), clerkerr.ErrNothingToWrite)
	require.Equal(t, `null`, string(f.Value(entity.PublicMetadata, metadata.Null())))
	require.NoError(t, f.Err())
	require.Equal(t, `{"a":10}`, string(f.Value(entity.PrivateMetadata, metadata.Of(map[string]int{"a": 10}))))
	require.NoError(t, f.Err())
	require.Nil(t, f.Value(entity.PrivateMetadata, metadata.Of(map[string]int{"a": 987})))
	requireInvalid(t, f.Err(), entity.PrivateMetadata, "too large: 9 bytes, Clerk's documented limit is 8")
	require.ErrorIs(t, f.Err(), clerkerr.ErrTooLarge)
	require.NotContains(t, f.Err().Error(), "987")

	f = request.Fields{Operation: operation}
	require.Equal(t, `{}`, string(f.Value(entity.PublicMetadata, metadata.Empty())))
	require.NoError(t, f.Err(), "clearing is a change")
	require.Len(t, f.Value(entity.PublicMetadata, metadata.Of(map[string]string{"a": strings.Repeat("x", 10_000)})), 10_008)
	require.NoError(t, f.Err(), "without a limit any size goes")
	require.Nil(t, f.Value(entity.PublicMetadata, metadata.Of("text")))
	requireInvalid(t, f.Err(), entity.PublicMetadata, "must be a JSON object")
	require.Nil(t, f.Value(entity.PublicMetadata, metadata.Empty()))
}
