// Package webhook receives what Clerk reports: it verifies deliveries and reads their
// events into the types of packages users and organizations, or into a struct of yours.
//
//	receiver, err := webhook.New(webhook.SigningSecret(os.Getenv("CLERK_WEBHOOK_SIGNING_SECRET")))
//	if err != nil {
//		return err
//	}
//	http.Handle("/clerk", receiver.Handler(func(ctx context.Context, event webhook.Event) error {
//		switch event.Type {
//		case webhook.UserCreated, webhook.UserUpdated:
//			user, err := event.User()
//			…
//		}
//		return nil
//	}))
//
// # What to expect
//
// Clerk promises no delivery. An event can come twice, late, in any order, or never:
//
//   - Handle an event once by its ID, which stays the same when it is sent again.
//   - Of two events about the same entity the one with the later updated_at is newer, in
//     whichever order they come. A deletion is final: ids are not used again.
//   - What must not be missed is read from the API now and then: users.Service.All.
//   - Events hold private metadata. Keep payloads out of logs, and read no more of them
//     than needed.
//
// The guide "Receive Clerk's webhooks" has a program that does this.
//
// # What is verified
//
// Svix sends Clerk's events with the signatures of Standard Webhooks
// (https://www.standardwebhooks.com). Verify checks the signature, with any of several
// secrets, and its time. It needs the body as it came: nothing before it may read or
// change it. The package prints nothing.
package webhook
