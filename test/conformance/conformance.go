// Package conformance compares the project's OpenAPI documents, and the requests of its tests, with the
// documents that Clerk publishes. It is a separate module, which keeps the validator out of the SDK's
// module graph.
//
// CLERK_OPENAPI_DIR names a folder with Clerk's documents, bapi-2026-05-12.yml and fapi-2026-05-12.yml, and
// webhooks-2025-04-15.yml.
// CLERKMETA_RECORD_DIR names a folder of *.ndjson files with recorded requests. Tests without
// the folder that they need are skipped.
package conformance

// Version is the version of Clerk's API whose documents are compared. Clerk's file names carry it.
const Version = "2026-05-12"
