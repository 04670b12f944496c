// Command program does with the SDK what official does with Clerk's own client;
// the test beside it compares their sizes.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	c, err := client.FromEnv()
	if err != nil {
		return err
	}
	user, err := c.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"role": "admin"},
	})
	if err != nil {
		return err
	}
	_, err = fmt.Println(user.PublicMetadata)
	return err
}
