// Command official does with Clerk's own client what program does with the SDK.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	clerk.SetKey(os.Getenv("CLERK_SECRET_KEY"))
	public := json.RawMessage(`{"role":"admin"}`)
	u, err := user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{PublicMetadata: &public})
	if err != nil {
		return err
	}
	_, err = fmt.Println(string(u.PublicMetadata))
	return err
}
