// Package mirror keeps a copy of Clerk's users, organizations and memberships in Postgres, where
// their metadata can be queried.
//
//	m, err := mirror.New(pool, c, mirror.Config{PrivateMetadata: true})
//	…
//	http.Handle("/clerk", receiver.Handler(m.Handle))
//	go m.Run(ctx)
//	…
//	for account, err := range mirror.Find[Account](ctx, m, mirror.Where("private_metadata.stripeId", "cus_1")) {
//
// Account is a struct as users.As takes it. Everyone else reads the views clerk_users,
// clerk_organizations and clerk_memberships.
//
// # What brings it up to date
//
//   - Handle stores the events of package webhook, in whatever order they come.
//   - ApplyUser and the functions like it store what a write of this SDK returned. The program
//     calls them itself: hooks of package observe carry no data, and a transport that read
//     answers would hide the failures of the database.
//   - Run reads, every minute, the users who were updated since it last did, which finds lost
//     events of users, deletions excepted.
//   - Run reads everything once a day, which finds every lost event. The first time is the
//     snapshot. Sync does so at once.
//
// # What is newer
//
// A row changes only by what has a later updated_at. If the time is the same and the content is
// not, Clerk is read again, and the answer is stored if that read began after the content of the
// row was stored. So no two processes have to agree on anything, and nothing depends on the order
// in which they write. A deletion is final: the id stays, without anything else, and so that a
// read cannot make a mistake final, Clerk is asked for each entity that a sweep did not find.
// The memberships of a user or an organization go with it.
//
// An entity inside another, such as the organization in the JSON of a membership, is as it was
// when that last changed, or was last read by a sweep: join the views for the present one.
//
// # What is stored
//
// The column body has Clerk's JSON byte by byte, so no digit changes; Find, Get and User read it.
// The metadata are in columns of type jsonb besides, for conditions. What jsonb cannot hold, a
// string with \u0000 or a number of more than 131,072 digits, leaves that column of the row NULL
// and sets unsearchable: conditions on it do not find the row, everything else does.
//
// Without Config.PrivateMetadata, private metadata are removed before anything is stored. No error and no
// log line contains metadata. A tracer of pgx that logs arguments sees them.
package mirror
