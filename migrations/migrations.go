// Package migrations carries the plain SQL that builds the database, one pair of files for each step. Package postgres
// applies them; docs/database.md explains the tables. Steps expand first and contract in a later release, so that the
// release before still runs on the newer schema.
package migrations

import "embed"

// Files holds NNNN_name.up.sql and NNNN_name.down.sql.
//
//go:embed *.sql
var Files embed.FS
