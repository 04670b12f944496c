package conformance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// webhooksFile is Clerk's document of webhook events.
const webhooksFile = "webhooks-2025-04-15.yml"

// webhookReader reads one kind of event.
type webhookReader struct {
	schema string // that the document gives the data
	// read returns the metadata fields of the entity, by name.
	read func([]byte) (map[string]metadata.Object, error)
}

func webhookReaders() map[string]webhookReader {
	return map[string]webhookReader{
		"user": {"User", func(payload []byte) (map[string]metadata.Object, error) {
			u, err := users.ParseWebhook(payload)
			if err != nil {
				return nil, err
			}
			return map[string]metadata.Object{
				"public_metadata": u.PublicMetadata, "private_metadata": u.PrivateMetadata, "unsafe_metadata": u.UnsafeMetadata,
			}, nil
		}},
		"organization": {"Organization", func(payload []byte) (map[string]metadata.Object, error) {
			o, err := organizations.ParseOrganizationWebhook(payload)
			if err != nil {
				return nil, err
			}
			return map[string]metadata.Object{"public_metadata": o.PublicMetadata, "private_metadata": o.PrivateMetadata}, nil
		}},
		"organizationMembership": {"OrganizationMembership", func(payload []byte) (map[string]metadata.Object, error) {
			m, err := organizations.ParseMembershipWebhook(payload)
			if err != nil {
				return nil, err
			}
			return map[string]metadata.Object{"public_metadata": m.PublicMetadata, "private_metadata": m.PrivateMetadata}, nil
		}},
	}
}

// webhookEvent is an event as Clerk's document has it.
type webhookEvent struct {
	Post struct {
		RequestBody struct {
			Content map[string]struct {
				Schema  json.RawMessage `json:"schema"`
				Example json.RawMessage `json:"example"`
			} `json:"content"`
		} `json:"requestBody"`
	} `json:"post"`
}

// TestWebhooksAgree reads the example of every event about a user, an organization or a membership: one
// whose data are the whole entity is read, with the metadata of the example, and every other is refused.
func TestWebhooksAgree(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("CLERK_OPENAPI_DIR")
	if dir == "" {
		t.Skip("CLERK_OPENAPI_DIR is not set: Clerk's webhook events are not compared")
	}
	path := filepath.Join(dir, webhooksFile)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		t.Skipf("CLERK_OPENAPI_DIR has no %s", webhooksFile)
	}
	raw, err := json.Marshal(load(t, path).Extensions["x-webhooks"])
	require.NoError(t, err)
	var events map[string]webhookEvent
	require.NoError(t, json.Unmarshal(raw, &events))

	readers, seen := webhookReaders(), map[string]int{}
	for name, event := range events {
		kind, _, _ := strings.Cut(name, ".")
		reader, ours := readers[kind]
		if !ours {
			continue
		}
		seen[kind]++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			media := event.Post.RequestBody.Content["application/json"]
			whole := strings.Contains(string(media.Schema), `schemas/`+reader.schema+`"`)
			fields, err := reader.read(media.Example)
			if !whole {
				require.ErrorIs(t, err, clerkerr.ErrDecode)
				return
			}
			require.NoError(t, err)
			var example struct {
				Data map[string]json.RawMessage `json:"data"`
			}
			require.NoError(t, json.Unmarshal(media.Example, &example))
			for field, got := range fields {
				if want, there := example.Data[field]; there {
					require.JSONEq(t, string(want), got.String(), field)
				}
			}
		})
	}
	require.Equal(t, map[string]int{"user": 3, "organization": 3, "organizationMembership": 3}, seen)
}
