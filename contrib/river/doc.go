// Package riverwrites makes metadata writes durable: a write is part of a transaction in
// Postgres, and workers of River (https://riverqueue.com) send it to Clerk.
//
//	outbox, err := riverwrites.New(riverwrites.Config{})
//	…
//	_, err = outbox.InsertTx(ctx, tx, bulk.PatchUser("user_1", bulk.Fields{
//		Private: metadata.Patch{"plan": "pro"},
//	}))
//
// When the transaction commits, the write is in the table clerkmeta_write and a River job
// wakes a worker. When it does not, neither exists.
//
// # Sending
//
// A worker takes an entity (a user, an organization or a membership) under a lease, reads its
// pending writes, composes successive patches into one where metadata.Compose can, sends them
// with the client that AddWorkers was given, one request at a time, and settles each write by
// what became of the request:
//
//   - applied: it is over, and its body is erased.
//   - refused for its content, alone or because the entity does not exist: it is kept with the
//     typed error, and the later writes continue, or wait for an operator (Config.Hold). A
//     request that holds several writes is split until the one at fault is found; what Clerk
//     would refuse alone succeeds where a later write of its request overrides its fault.
//   - anything else, an unknown outcome included: it is sent again, after Retry-After, if Clerk
//     sent one, and after growing waits of up to a minute. A patch and a replacement set
//     absolute values, so sending one twice has the effect of once. A credential that Clerk
//     refuses is in this class: no write is lost by a wrong key.
//
// # Order
//
// The writes of an entity are sent in the order of their sequence numbers. Writes of one
// transaction keep their order, and a transaction that calls InsertTx after another has
// committed is behind that. Of transactions that overlap, either may be first; so order is
// promised only where the application makes one end before the other begins.
//
// # When a process dies
//
// A lease ends 45 seconds after the last request of its worker began. A periodic job, every 20
// seconds, wakes a worker for each entity that no worker has and no job is about to take. It
// runs on River's leader, which another process replaces within 21 seconds. So a write whose
// worker was killed is sent again within two minutes, if a worker is free. A write that was
// sent and not recorded is sent a second time.
//
// A request takes at most 30 seconds, with its retries and its wait for the limiter, so that it
// is over before another worker takes the entity. Where a process is stopped for longer in the
// middle of a request, as a suspended machine is, or the network delivers a request that late,
// an old write may follow a newer one.
//
// Leases and waits go by the clock of Postgres. River schedules jobs by the clocks of the
// processes: where those are wrong, jobs run late or again, and the order stays.
//
// # Locks
//
// InsertTx reads no table, updates no row, and inserts no key that another transaction could
// insert. So it waits for no transaction, and none waits for it; two serializable transactions
// do not conflict by it. The jobs are not unique, which River would ensure with an index, and
// are inserted without NOTIFY, for which Postgres commits one transaction at a time: a worker
// finds one within a second.
//
// # Secrecy
//
// The arguments of jobs are ids. No error, log line, or column but body holds a value. Config
// has keys that seal the body, and bind it to its row. A tracer of pgx that logs arguments
// sees bodies as they are stored.
package riverwrites
