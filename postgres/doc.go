// Package postgres is the store of the truth: cities, participants, listings, imports, runs, matches, decisions,
// valuations, audit and outbox. It is the only package that knows PostgreSQL.
//
// What must never break is held by the database itself (package migrations, docs/database.md); the methods here add what
// a caller needs to know beforehand: which state is in the way, what was skipped, what was done already. Every method
// that a workflow calls is idempotent by a key that the caller derives.
//
// Times of the domain are city time (package city, Clock); times of keys, audit and outbox are wall time.
package postgres
