//go:build unix

package edgelist

import (
	"io/fs"
	"syscall"
)

// mounted reports whether a folder is on another disk than the one above it.
func mounted(above, folder fs.FileInfo) bool {
	a, ok := above.Sys().(*syscall.Stat_t)
	f, also := folder.Sys().(*syscall.Stat_t)
	return ok && also && a.Dev != f.Dev
}
