// Package house_test holds what no single package can: rules for the whole repository that neither the compiler nor the
// linter checks.
package house_test
