// Package consistency verifies what must hold across the stores: within PostgreSQL (its own invariants), between
// PostgreSQL and object storage, and between PostgreSQL and Temporal. It only reads. Tests, fault drills and recovery
// drills end with it; people run it as `crg check`.
package consistency
