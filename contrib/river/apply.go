package riverwrites

import (
	"context"
	"runtime/debug"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// compose returns the first writes that one request can make, at least one, and the patch that
// has their effect. A replacement is alone.
func compose(writes []write) (batch []write, fields bulk.Fields) {
	if writes[0].Verb == bulk.Replace {
		return writes[:1], fields
	}
	joined, n := writes[0].patches, 1
	for ; n < len(writes); n++ {
		next, fits := join(joined, writes[n])
		if !fits {
			break
		}
		joined = next
	}
	return writes[:n], bulk.Fields{Public: joined[0], Private: joined[1], Unsafe: joined[2]}
}

// join composes patches with those of one more write, if that is a patch, there is a
// composition and it is not too large.
func join(gathered [3]metadata.Patch, w write) (joined [3]metadata.Patch, fits bool) {
	if w.Verb != bulk.Patch {
		return joined, false
	}
	size := 0
	for i, p := range w.patches {
		c, err := metadata.Compose(gathered[i], p)
		if err != nil {
			return joined, false
		}
		if c != nil {
			text, err := c.MarshalJSON()
			if err != nil {
				return joined, false
			}
			size += len(text)
		}
		joined[i] = c
	}
	return joined, size <= metadata.MaxSize
}

// apply makes the request of a batch that begins with w. A panic in the caller's code is an
// error without the value that it was called with, which River would store.
func apply(ctx context.Context, c *client.Client, w write, f bulk.Fields) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &clerkerr.Error{Operation: "riverwrites", Outcome: clerkerr.OutcomeUnknown, Err: &clerkerr.PanicError{Value: v, Stack: debug.Stack()}}
		}
	}()
	e := w.Entity
	switch {
	case w.Verb == bulk.Replace && e.OrganizationID == "":
		_, err = c.Users.ReplaceUserMetadata(ctx, e.UserID, users.ReplaceUserMetadataParams{
			PublicMetadata: w.values.Public, PrivateMetadata: w.values.Private, UnsafeMetadata: w.values.Unsafe,
		})
	case w.Verb == bulk.Replace:
		_, err = c.Organizations.ReplaceOrganizationMetadata(ctx, e.OrganizationID, organizations.ReplaceOrganizationMetadataParams{
			PublicMetadata: w.values.Public, PrivateMetadata: w.values.Private,
		})
	case e.OrganizationID == "":
		_, err = c.Users.UpdateUserMetadata(ctx, e.UserID, users.UpdateUserMetadataParams{
			PublicMetadata: f.Public, PrivateMetadata: f.Private, UnsafeMetadata: f.Unsafe,
		})
	case e.UserID == "":
		_, err = c.Organizations.UpdateOrganizationMetadata(ctx, e.OrganizationID, organizations.UpdateOrganizationMetadataParams{
			PublicMetadata: f.Public, PrivateMetadata: f.Private,
		})
	default:
		_, err = c.Organizations.UpdateOrganizationMembershipMetadata(ctx, e.OrganizationID, e.UserID, organizations.UpdateOrganizationMembershipMetadataParams{
			PublicMetadata: f.Public, PrivateMetadata: f.Private,
		})
	}
	return err
}
