package organizations_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
)

// inProcess is a client on an in-process Clerk. In production it is
//
//	c, err := client.New(client.SecretKey(os.Getenv("CLERK_SECRET_KEY")))
func inProcess() *client.Client {
	clerk, err := clerktest.New(clerktest.Seed{
		Users: []clerktest.User{{ID: "user_1"}},
		Organizations: []clerktest.Organization{{
			ID: "org_1", Slug: "acme", PublicMetadata: map[string]any{"region": "eu"},
		}},
		Memberships: []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	c, err := clerk.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	return c
}

// An organization's tier, merged with what else is there.
func ExampleService_UpdateOrganizationMetadata() {
	c := inProcess()
	org, err := c.Organizations.UpdateOrganizationMetadata(context.Background(), "org_1", organizations.UpdateOrganizationMetadataParams{
		PublicMetadata: metadata.Patch{"tier": "enterprise"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(org.PublicMetadata)
	// Output: {"region":"eu","tier":"enterprise"}
}

// A replacement leaves nothing of what was there.
func ExampleService_ReplaceOrganizationMetadata() {
	c := inProcess()
	org, err := c.Organizations.ReplaceOrganizationMetadata(context.Background(), "org_1", organizations.ReplaceOrganizationMetadataParams{
		PublicMetadata: metadata.Of(map[string]any{"tier": "free"}),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(org.PublicMetadata)
	// Output: {"tier":"free"}
}

// An organization is found by its slug, too.
func ExampleService_GetOrganization() {
	c := inProcess()
	org, err := c.Organizations.GetOrganization(context.Background(), "acme")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(org.ID, org.PublicMetadata)
	// Output: org_1 {"region":"eu"}
}

// A note about a member, which only the backend can read.
func ExampleService_UpdateOrganizationMembershipMetadata() {
	c := inProcess()
	m, err := c.Organizations.UpdateOrganizationMembershipMetadata(context.Background(), "org_1", "user_1",
		organizations.UpdateOrganizationMembershipMetadataParams{
			PrivateMetadata: metadata.Patch{"note": "on leave until May"},
		})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.UserID, m.PrivateMetadata)
	// Output: user_1 {"note":"on leave until May"}
}

// A membership is looked up in the organization's list.
func ExampleService_GetOrganizationMembership() {
	c := inProcess()
	_, err := c.Organizations.GetOrganizationMembership(context.Background(), "org_1", "user_2")
	fmt.Println(errors.Is(err, clerkerr.ErrNotFound))
	// Output: true
}
