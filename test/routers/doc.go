// Package routers mounts package proxy in routers that people use, each as its
// documentation says. It is a separate module, so that none of them reaches a
// consumer.
package routers
