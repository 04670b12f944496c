// Package routers mounts package proxy in routers that people use, each as its
// documentation says. It is a module of its own, so that none of them reaches a
// consumer.
package routers
