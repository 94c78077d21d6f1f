// Package migrations carries the plain SQL that builds the database, one pair of files for each step. Package postgres
// applies them; docs/database.md explains the tables. Steps expand first and contract in a later release, so that the
// release before still runs on the newer schema.
package migrations

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"
)

// Files holds NNNN_name.up.sql and NNNN_name.down.sql.
//
//go:embed *.sql
var Files embed.FS

// Latest is the version that a database has with every step.
func Latest() (latest uint) {
	names, _ := fs.Glob(Files, "*.up.sql") // the pattern is sound
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		if version, err := strconv.ParseUint(number, 10, 32); err == nil {
			latest = max(latest, uint(version))
		}
	}
	return latest
}
