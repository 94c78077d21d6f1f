// Package repair is what operators mend by hand when an alert asks for it (docs/runbooks): a stored proof that was lost, a
// match that stands still. It changes nothing that a workflow or an invariant would contradict: what it cannot mend so, it
// refuses.
package repair
