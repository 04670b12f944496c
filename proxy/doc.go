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
// Headers pass except those of one connection (RFC 9110, section 7.6.1, with
// trailers and protocol upgrades) and those that the proxy sets itself:
// Clerk-Proxy-Url, Clerk-Secret-Key, X-Forwarded-For with the end user's address
// alone, X-Forwarded-Host and X-Forwarded-Proto. The proxy drops what a client sends
// under those names, and the headers by which proxies and CDNs state who the client
// is and what it requested: Forwarded, X-Forwarded-…, X-Original-…, X-Real-IP,
// True-Client-IP, CF-Connecting-IP and others with a word such as "ip" or "address"
// in their name. Spelling does not matter: many servers take an underscore for a
// hyphen, and CGI puts HTTP_ before a name. An answer without a Content-Type gets
// none.
//
// # What does not
//
// The proxy's own errors have the shape of Clerk's, and their codes are constants
// of this package. The proxy does not retry. Only if a kept connection turns out to
// be closed before any answer, net/http sends a request without a body once more, if
// its method or its Idempotency-Key allows that.
//
// Config bounds the time and the size of each request, and the memory of all forms
// that policies read together. The time limits need a ResponseWriter with deadlines,
// such as net/http's; with another one, a client that stands still keeps its own
// connection, but not the one to Clerk. A slow reader must take a block of 32 KiB
// within IdleTimeout. http.Server bounds the time for headers: set ReadHeaderTimeout.
//
// Answers and logs hold no key, and logs hold nothing that a client could have chosen.
package proxy
