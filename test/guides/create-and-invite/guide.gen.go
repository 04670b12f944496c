// Code generated from docs/guides/create-and-invite.md. DO NOT EDIT.

package main

import (
	"context"
	"errors"
	"log"
	"os"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Customer is one of the other system.
type Customer struct {
	ID, Company, Slug, Owner string
	Colleagues               []string
}

type Billing struct {
	StripeID string `json:"stripeId"`
}

func createOwner(ctx context.Context, c *client.Client, customer Customer, stripeID string) (*users.User, error) {
	user, err := c.Users.CreateUser(ctx, users.CreateUserParams{
		ExternalID:      customer.ID,
		EmailAddresses:  []string{customer.Owner},
		WithoutPassword: true,
		PublicMetadata:  metadata.Of(map[string]string{"role": "owner"}),
		PrivateMetadata: metadata.Of(Billing{StripeID: stripeID}),
	})
	var e *clerkerr.Error
	switch {
	case err == nil:
		return user, nil
	case errors.As(err, &e) && (e.Outcome == clerkerr.OutcomeUnknown || e.HasCode("form_identifier_exists")):
		return c.Users.Find(ctx, users.ByExternalID(customer.ID))
	default:
		return nil, err
	}
}

func createCompany(ctx context.Context, c *client.Client, customer Customer, owner string) (*organizations.Organization, error) {
	organization, err := c.Organizations.CreateOrganization(ctx, organizations.CreateOrganizationParams{
		Name: customer.Company, Slug: customer.Slug, CreatedBy: owner,
		PublicMetadata: metadata.Of(map[string]string{"plan": "pro"}),
	})
	var e *clerkerr.Error
	if errors.As(err, &e) && (e.Outcome == clerkerr.OutcomeUnknown || e.HasCode("form_identifier_exists")) {
		return c.Organizations.GetOrganization(ctx, customer.Slug)
	}
	return organization, err
}

func invite(ctx context.Context, c *client.Client, organizationID string, addresses []string) error {
	for _, address := range addresses {
		_, err := c.Organizations.CreateOrganizationInvitation(ctx, organizationID, organizations.CreateOrganizationInvitationParams{
			EmailAddress: address, Role: "org:member",
			PublicMetadata:  metadata.Of(map[string]string{"team": "sales"}),
			PrivateMetadata: metadata.Of(map[string]int{"costCenter": 7}),
		})
		var e *clerkerr.Error
		if errors.As(err, &e) && (e.HasCode("organization_invitation_not_unique") || e.HasCode("already_a_member_in_organization")) {
			continue // an earlier run did it
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func move(ctx context.Context, c *client.Client, customer Customer, stripeID string) error {
	owner, err := createOwner(ctx, c, customer, stripeID)
	if err != nil {
		return err
	}
	organization, err := createCompany(ctx, c, customer, owner.ID)
	if err != nil {
		return err
	}
	return invite(ctx, c, organization.ID, customer.Colleagues)
}

func main() {
	c, err := client.New(client.SecretKey(os.Getenv("CLERK_SECRET_KEY")), client.WithRateLimit(client.ProductionLimit))
	if err != nil {
		log.Fatal(err)
	}
	customer := Customer{ID: "4711", Company: "Acme, Inc.", Slug: "acme", Owner: "ada@example.com", Colleagues: []string{"bob@example.com"}}
	if err := move(context.Background(), c, customer, "cus_123"); err != nil {
		log.Fatal(err)
	}
}
