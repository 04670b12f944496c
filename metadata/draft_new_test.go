package metadata_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestDraftsOfTwoStates(t *testing.T) {
	t.Parallel()
	first, err := metadata.NewDraft[shop](object(t, `{"role":"a","billing":{"plan":"a","x":1}}`))
	require.NoError(t, err)
	require.Equal(t, "a", first.Value.Role)
	first.Value.Role = "b"
	first.Value.Billing.Plan = "c"

	second, err := metadata.NewDraft[shop](object(t, `{"count":2,"billing":{"plan":"b","y":1}}`))
	require.NoError(t, err)
	require.Empty(t, second.Value.Role)
	p, err := second.Patch()
	require.NoError(t, err)
	require.Empty(t, p)
	second.Value.Billing = nil
	p, err = second.Patch()
	require.NoError(t, err)
	require.Equal(t, metadata.Patch{"billing": metadata.Patch{"plan": metadata.Delete}}, p)

	p, err = first.Patch()
	require.NoError(t, err)
	require.Equal(t, metadata.Patch{"role": "b", "billing": metadata.Patch{"plan": "c"}}, p)

	none, err := metadata.NewDraft[shop](metadata.Object{})
	require.NoError(t, err)
	require.Equal(t, shop{}, none.Value)
}

func TestDraftThatFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text   string
		reason error
	}{
		"a value of another type": {`{"role":"c","count":"private"}`, metadata.ErrMismatch},
		"a doubled key":           {`{"role":"c","role":"private"}`, metadata.ErrDuplicateKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := metadata.NewDraft[shop](object(t, test.text))
			require.ErrorIs(t, err, test.reason)
			requireSilent(t, err, "private")
			require.Nil(t, d)
		})
	}
}

func TestDraftChecksItsType(t *testing.T) {
	t.Parallel()
	want := metadata.CheckType[struct{ C chan int }]()
	require.ErrorIs(t, want, metadata.ErrType)
	_, err := metadata.NewDraft[struct{ C chan int }](object(t, `{}`))
	require.Equal(t, want, err)
}

// Asking for a patch changes nothing.
func TestDraftPatchTwice(t *testing.T) {
	t.Parallel()
	d, err := metadata.NewDraft[shop](object(t, `{"role":"a","billing":{"plan":"a","seats":2,"x":1},"flags":{"a":true}}`))
	require.NoError(t, err)
	d.Value.Role, d.Value.Billing, d.Value.Flags = "", nil, map[string]bool{"b": true}
	want := metadata.Patch{
		"role":    metadata.Delete,
		"billing": metadata.Patch{"plan": metadata.Delete, "seats": metadata.Delete},
		"flags":   metadata.Patch{"a": metadata.Delete, "b": true},
	}
	for range 2 {
		p, err := d.Patch()
		require.NoError(t, err)
		require.Equal(t, want, p)
	}
}

func TestDraftOfAValueThatIsNotSet(t *testing.T) {
	t.Parallel()
	_, err := metadata.NewDraft[metadata.Value](metadata.Object{})
	requirePath(t, err, metadata.ErrUnsupported, "")
}
