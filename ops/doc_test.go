// Package ops_test holds that what an operator is woken by and told to do is true: the rules name metrics that the real
// processes show, they fire when they should, and every command of every runbook mends the fault that is planted for it, in
// an installation of the real programs with a real Prometheus that judges the real rules.
package ops_test
