//go:build !unix

package edgelist

func mapFile(path string) (data []byte, release func(), err error) { return readFile(path) }
