// Package proxy puts Clerk's Frontend API under the application's own domain, as
// Clerk's guide to proxying describes it, so that browsers talk to one domain
// only:
//
//	clerk, err := proxy.New(proxy.Config{
//		SecretKey:     client.SecretKey(os.Getenv("CLERK_SECRET_KEY")),
//		PublicURL:     "https://app.example/__clerk",
//		ClientAddress: proxy.FromHeader("CF-Connecting-IP"),
//	})
//	if err != nil { … }
//	mux.Handle("/__clerk/", clerk)
//	mux.Handle("/healthz", clerk.Health())
//
// Policies decide what users may write into their unsafe metadata.
//
// # What passes
//
// The path and the query after the prefix reach Clerk byte for byte, escapes,
// doubled slashes and malformed queries included. Bodies are streamed both ways,
// and a redirect is the client's to follow; Location and Content-Location that
// point at Clerk are turned into the proxy's address. All methods pass but
// CONNECT, TRACE and TRACK, in any case.
//
// Headers pass but for those of one connection (RFC 9110, section 7.6.1, with
// trailers and protocol upgrades) and those that the proxy sets itself:
// Clerk-Proxy-Url, Clerk-Secret-Key, X-Forwarded-For with the end user's address
// alone, X-Forwarded-Host and X-Forwarded-Proto. Whatever a client sends under
// those names is dropped, and so are the headers by which proxies and CDNs say who
// the client is and what it asked for: Forwarded, X-Forwarded-…, X-Original-…,
// X-Real-IP, True-Client-IP, CF-Connecting-IP and what else has "ip", "address" or
// the like for a word of its name. Names count as the same however they are spelled:
// with underscores, which many servers take for hyphens, or with HTTP_ before them.
// An answer without a Content-Type gets none.
//
// # What does not
//
// The proxy's own errors have the shape of Clerk's, and their codes are constants
// of this package. No answer leads to a retry, which is up to the caller. Only where
// a kept connection turns out to be closed before anything was answered, net/http
// sends a request without a body once more on another one, if it may be sent twice
// by its method or its Idempotency-Key.
//
// Config bounds the time and the size of each request, and the memory of all forms
// that policies read together. The bounds on time need a ResponseWriter with
// deadlines, as net/http's is; with another one, a client that stands still keeps its
// own connection, but not the one to Clerk. A slow reader must take a block of 32 KiB
// within IdleTimeout. http.Server bounds the time for headers: set ReadHeaderTimeout.
//
// Answers and logs hold no key, and logs hold nothing that a client could have chosen.
package proxy
