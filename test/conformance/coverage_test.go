package conformance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/test/conformance"
)

// exceptions are fields of Clerk's that are not ours, with the reason. A name that ends in "*" stands
// for all that begin so.
var exceptions = map[string]string{
	"bapi scopes":                        "which metadata an OAuth application may read; writes none",
	"bapi client_id_metadata_documents*": "a setting of OAuth, whose metadata describes clients",
	"bapi idp_metadata*":                 "the SAML document of an identity provider",
	"bapi custom_attributes":             "which attributes of an enterprise connection become public metadata at sign-in",
	"bapi multi_valued":                  "a part of custom_attributes",
	"bapi source":                        "where a connection's login hint comes from; reads metadata",
	"fapi scope":                         "which metadata an OAuth application may read; writes none",
	"fapi saml_idp_metadata*":            "the SAML document of an identity provider",
	"fapi custom_attributes":             "which attributes of an enterprise connection become public metadata at sign-in",
	"fapi unsafe_metadata":               "of a sign-up, which a browser makes; me writes that of the signed-in user",
}

// uncovered are the fields of their document that neither ours nor an exception has: "CreateUser public_metadata".
// It notes the exceptions that it used.
func uncovered(api string, ours, theirs *openapi3.T, used map[string]bool) []string {
	var missing []string
	covered := conformance.MetadataFields(ours)
	for op, fields := range conformance.MetadataFields(theirs) {
		for _, field := range fields {
			switch excepted := exception(api + " " + field); {
			case slices.Contains(covered[op], field):
			case excepted != "":
				used[excepted] = true
			default:
				missing = append(missing, op+" "+field)
			}
		}
	}
	slices.Sort(missing)
	return missing
}

// exception is the key of the exception for a field, "" if there is none.
func exception(field string) string {
	for key := range exceptions {
		if stem, open := strings.CutSuffix(key, "*"); key == field || open && strings.HasPrefix(field, stem) {
			return key
		}
	}
	return ""
}

// TestEveryMetadataFieldIsCovered finds every operation of Clerk's that takes metadata in our documents, or
// among the exceptions, of which none is idle.
func TestEveryMetadataFieldIsCovered(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, api := range []string{"bapi", "fapi"} {
		require.Empty(t, uncovered(api, ours(t, api), theirs(t, api), used), api)
	}
	for key := range exceptions {
		require.True(t, used[key], "the exception %q has no use", key)
	}
}

// Each operation that is taken out of our document is missed.
func TestCoverageCanFail(t *testing.T) {
	t.Parallel()
	clerk, whole := theirs(t, "bapi"), ours(t, "bapi")
	taken := 0
	for path, item := range whole.Paths.Map() {
		for method, op := range item.Operations() {
			fields := conformance.MetadataFields(whole)[op.OperationID]
			if len(fields) == 0 {
				continue
			}
			taken++
			less := ours(t, "bapi")
			less.Paths.Value(path).SetOperation(method, nil)
			var want []string
			for _, field := range fields {
				want = append(want, op.OperationID+" "+field)
			}
			require.Equal(t, want, uncovered("bapi", less, clerk, map[string]bool{}))
		}
	}
	require.Equal(t, 12, taken)
}
