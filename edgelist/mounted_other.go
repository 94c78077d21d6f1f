//go:build !unix

package edgelist

import "io/fs"

// mounted is not known here: replacing the folder will say so.
func mounted(_, _ fs.FileInfo) bool { return false }
