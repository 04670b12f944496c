// Package proxy puts Clerk's Frontend API under the application's own domain, as Clerk's
// guide to proxying describes it, so that browsers talk to one domain only:
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
// The path and the query after the prefix reach Clerk byte for byte, malformed ones
// included. Bodies are streamed both ways. The proxy follows no redirect; it turns
// Location and Content-Location that point at Clerk into its own address. All methods
// pass but CONNECT, TRACE and TRACK, in any case.
//
// Headers pass except those of one connection (RFC 9110, section 7.6.1, with trailers and
// protocol upgrades), those that the proxy sets itself (Clerk-Proxy-Url,
// Clerk-Secret-Key, X-Forwarded-For with the end user's address alone, X-Forwarded-Host,
// X-Forwarded-Proto), and those by which proxies and CDNs state who the client is and
// what it requested: Forwarded, X-Forwarded-…, X-Original-…, X-Real-IP, CF-Connecting-IP
// and others with a word such as "ip" or "address" in their name, in any spelling that a
// server could take for it.
//
// # What does not
//
// The proxy's own errors have the shape of Clerk's, and their codes are constants of this
// package. The proxy does not retry. Only if a kept connection turns out to be closed,
// net/http sends a request without a body once more, if its method or its Idempotency-Key
// allows that.
//
// Config bounds the time and the size of each request, and the memory of all forms that
// policies read together. The time limits need a ResponseWriter with deadlines, such as
// net/http's. http.Server bounds the time for headers: set ReadHeaderTimeout.
//
// Answers and logs hold no key, and logs hold nothing that a client could have chosen.
package proxy
