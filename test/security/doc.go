// Package security holds the promises of SECURITY.md that no single package can
// hold: that nothing the module writes shows a secret, and that its code does
// nothing behind the compiler's back. There is nothing in it but tests.
//
// Recognisable secrets (secrets_test.go) go through everything that can be called
// and everything that can fail, and a scanner (scan_test.go) looks for them in
// whatever comes out (sinks_test.go). What is shown by design is not looked for,
// and is listed in SECURITY.md:
//
//   - Data types, and so results, changes and the log of an in-process Clerk, print
//     the metadata that they hold; nothing prints a credential.
//   - Key.Reveal, Rotation.Token and Rotation.Cookies return what they are asked for.
//   - A seed and the state of an in-process Clerk hold its made-up credentials, and
//     an emulator prints them when it starts.
//   - A file of failures holds the changes to be run again.
package security
