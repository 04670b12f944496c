package conformance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// webhooksFile is Clerk's document of webhook events.
const webhooksFile = "webhooks-2025-04-15.yml"

// webhookReader reads what events of some types are about.
type webhookReader struct {
	schemas []string // that the document gives the data of such an event
	// read returns the metadata fields of the entity, by name; none of what was deleted.
	read func(webhook.Event) (map[string]metadata.Object, error)
}

func webhookReaders() []webhookReader {
	return []webhookReader{
		{[]string{"User"}, func(e webhook.Event) (map[string]metadata.Object, error) {
			u, err := e.User()
			if err != nil {
				return nil, err
			}
			return map[string]metadata.Object{
				"public_metadata": u.PublicMetadata, "private_metadata": u.PrivateMetadata, "unsafe_metadata": u.UnsafeMetadata,
			}, nil
		}},
		{[]string{"Organization"}, func(e webhook.Event) (map[string]metadata.Object, error) {
			o, err := e.Organization()
			if err != nil {
				return nil, err
			}
			return map[string]metadata.Object{"public_metadata": o.PublicMetadata, "private_metadata": o.PrivateMetadata}, nil
		}},
		{[]string{"OrganizationMembership"}, func(e webhook.Event) (map[string]metadata.Object, error) {
			m, err := e.Membership()
			if err != nil {
				return nil, err
			}
			return map[string]metadata.Object{"public_metadata": m.PublicMetadata, "private_metadata": m.PrivateMetadata}, nil
		}},
		{[]string{"OrganizationInvitation", "OrganizationInvitationAcceptedPayload"}, func(e webhook.Event) (map[string]metadata.Object, error) {
			i, err := e.Invitation()
			if err != nil {
				return nil, err
			}
			return map[string]metadata.Object{"public_metadata": i.PublicMetadata, "private_metadata": i.PrivateMetadata}, nil
		}},
		{[]string{"DeletedObject"}, func(e webhook.Event) (map[string]metadata.Object, error) {
			_, err := e.Deleted()
			return nil, err
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

// webhookDocument loads Clerk's document of webhook events, and the events by their types, or skips the test.
func webhookDocument(t *testing.T) (*openapi3.T, map[string]webhookEvent) {
	t.Helper()
	dir := os.Getenv("CLERK_OPENAPI_DIR")
	if dir == "" {
		t.Skip("CLERK_OPENAPI_DIR is not set: Clerk's webhook events are not compared")
	}
	path := filepath.Join(dir, webhooksFile)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		t.Skipf("CLERK_OPENAPI_DIR has no %s", webhooksFile)
	}
	doc := load(t, path)
	raw, err := json.Marshal(doc.Extensions["x-webhooks"])
	require.NoError(t, err)
	var events map[string]webhookEvent
	require.NoError(t, json.Unmarshal(raw, &events))
	return doc, events
}

// TestWebhooksAgree reads the example of every event with metadata, or of what had some: what the document
// says its data are is read, with the metadata of the example, and nothing else is. Every other event is
// passed on as it is.
func TestWebhooksAgree(t *testing.T) {
	t.Parallel()
	_, events := webhookDocument(t)

	ours := []string{
		webhook.UserCreated, webhook.UserUpdated, webhook.UserDeleted,
		webhook.OrganizationCreated, webhook.OrganizationUpdated, webhook.OrganizationDeleted,
		webhook.MembershipCreated, webhook.MembershipUpdated, webhook.MembershipDeleted,
		webhook.InvitationCreated, webhook.InvitationAccepted, webhook.InvitationRevoked,
	}
	seen := 0
	for name, event := range events {
		media := event.Post.RequestBody.Content["application/json"]
		if media.Example == nil {
			require.NotContains(t, ours, name)
			continue
		}
		parsed, err := webhook.Parse(media.Example)
		require.NoError(t, err, name)
		require.Equal(t, name, parsed.Type)
		require.False(t, parsed.Timestamp.IsZero(), name)
		if slices.Contains(ours, name) {
			seen++
		}
		for _, reader := range webhookReaders() {
			fields, err := reader.read(parsed)
			documented := slices.ContainsFunc(reader.schemas, func(schema string) bool {
				return strings.Contains(string(media.Schema), `schemas/`+schema+`"`)
			})
			if !documented || !slices.Contains(ours, name) {
				require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, name)
				continue
			}
			require.NoError(t, err, name)
			var example map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(parsed.Data, &example))
			for field, got := range fields {
				if want, there := example[field]; there {
					require.JSONEq(t, string(want), got.String(), field)
				}
			}
		}
	}
	require.Len(t, ours, seen, "the document has each of the types")
}
