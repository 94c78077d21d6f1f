// Package outbound is the one way in which the product calls addresses that somebody else chose: the URL of a data set, the
// target of a webhook. Such a caller must never reach what only this machine or this network can: the database, the
// cloud's metadata service, a router. So the address is checked when the connection is made, after the name was resolved,
// and again for every redirect; a name that resolves otherwise the second time gains nothing.
//
// Answers are bounded in size and time. What is refused is an ErrRefused and stays refused however often it is tried; all
// other errors may pass.
package outbound
