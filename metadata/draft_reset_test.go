package metadata_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestDraftReset(t *testing.T) {
	t.Parallel()
	var d metadata.Draft[shop]
	require.NoError(t, d.Reset(object(t, `{"role":"a","billing":{"plan":"a","x":1}}`)))
	require.Equal(t, "a", d.Value.Role)
	d.Value.Role = "b"

	second := object(t, `{"count":2,"billing":{"plan":"b","y":1}}`)
	require.NoError(t, d.Reset(second))
	fresh, err := metadata.NewDraft[shop](second)
	require.NoError(t, err)
	require.Equal(t, fresh.Value, d.Value, "nothing of the first state is left")
	p, err := d.Patch()
	require.NoError(t, err)
	require.Empty(t, p)
	d.Value.Billing = nil
	p, err = d.Patch()
	require.NoError(t, err)
	require.Equal(t, metadata.Patch{"billing": metadata.Patch{"plan": metadata.Delete}}, p)

	require.NoError(t, d.Reset(metadata.Object{}))
	require.Equal(t, shop{}, d.Value)
}

func TestDraftResetThatFails(t *testing.T) {
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
			d, err := metadata.NewDraft[shop](object(t, `{"role":"a","count":1}`))
			require.NoError(t, err)
			d.Value.Role = "b"
			err = d.Reset(object(t, test.text))
			require.ErrorIs(t, err, test.reason)
			requireSilent(t, err, "private")
			require.Equal(t, "b", d.Value.Role)
			p, err := d.Patch()
			require.NoError(t, err)
			require.Equal(t, metadata.Patch{"role": "b"}, p)
		})
	}
}

func TestDraftCheck(t *testing.T) {
	t.Parallel()
	var good metadata.Draft[shop]
	require.NoError(t, good.Check())
	require.NoError(t, good.Check())

	var bad metadata.Draft[struct{ C chan int }]
	want := metadata.CheckType[struct{ C chan int }]()
	require.ErrorIs(t, want, metadata.ErrType)
	for range 2 {
		require.Equal(t, want, bad.Check())
		require.Equal(t, want, bad.Reset(object(t, `{}`)))
	}
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
