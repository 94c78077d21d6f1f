// Package drills breaks the product on purpose, in the middle of its work, and shows that nothing is lost and nothing
// done twice: kill -9 of workers, of the API, of Temporal, of PostgreSQL and of Redis, and all of them away at the start.
//
// Each drill has servers of its own, runs the real binaries as processes, is bounded in time and cleans up after itself.
// It ends when every invariant across the stores holds and the result is that of an undisturbed run. The drills have the
// build tag drill and take minutes: `make drills` runs them, docs/drills.md says what each does.
package drills
