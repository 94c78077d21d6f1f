package edgelist

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"github.com/city-resource-graph/crg/matching"
)

// file is a file of a result: pieces that follow each other and are encoded side by side.
type file struct {
	name   string
	pieces []piece
}

type piece func() []byte

// pieceRows is how many rows a piece has.
const pieceRows = 1 << 14

func whole(content []byte) []piece { return []piece{func() []byte { return content }} }

// rows divides n rows into pieces.
func rows(n int, encode func(from, to int) []byte) []piece {
	var pieces []piece
	for from := 0; from < n; from += pieceRows {
		pieces = append(pieces, func() []byte { return encode(from, min(from+pieceRows, n)) })
	}
	return pieces
}

// text is what the pieces say together.
func text(pieces []piece) []byte {
	parts := make([][]byte, len(pieces))
	for k, encode := range pieces {
		parts[k] = encode()
	}
	return slices.Concat(parts...)
}

// write encodes the files, on all cores, and writes them into the staging folder.
func (o *Output) write(files ...file) error {
	var pieces []piece
	for _, f := range files {
		pieces = append(pieces, f.pieces...)
	}
	parts := make([][]byte, len(pieces))
	eachBlock(len(pieces), runtime.GOMAXPROCS(0), func(k int, _ *[]byte) { parts[k] = pieces[k]() })
	failed := make([]error, len(files))
	var wg sync.WaitGroup
	for k, f := range files {
		mine := parts[:len(f.pieces)]
		parts = parts[len(f.pieces):]
		wg.Go(func() { failed[k] = writeParts(filepath.Join(o.staging, f.name), mine) })
	}
	wg.Wait()
	return errors.Join(failed...)
}

func writeParts(path string, parts [][]byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if _, err = f.Write(part); err != nil {
			break
		}
	}
	return errors.Join(err, f.Close())
}

func allocationPieces(in *Instance, s *matching.Solution) []piece {
	header := whole([]byte("need,resource,quantity\n"))
	return append(header, rows(len(s.Flow), func(from, to int) []byte {
		flows := s.Flow[from:to]
		resources := make([]string, len(flows)) // collected first: so the waits for memory overlap
		for k, f := range flows {
			resources[k] = in.Resources[in.Problem.Edges[f.Edge].Resource]
		}
		text := make([]byte, 0, 32*len(flows))
		for k, f := range flows {
			text = append(appendField(text, in.Needs[f.Need]), ',')
			text = append(appendField(text, resources[k]), ',')
			text = append(strconv.AppendInt(text, f.Quantity, 10), '\n')
		}
		return text
	})...)
}

func pricePieces(in *Instance, s *matching.Solution) []piece {
	side := func(name string, ids []string, price []int64) []piece {
		return rows(len(ids), func(from, to int) []byte {
			text := make([]byte, 0, 32*(to-from))
			for k := from; k < to; k++ {
				text = append(append(text, name...), ',')
				text = append(appendField(text, ids[k]), ',')
				text = append(strconv.AppendInt(text, price[k], 10), '\n')
			}
			return text
		})
	}
	header := whole([]byte("side,id,price\n"))
	return slices.Concat(header, side("need", in.Needs, s.NeedPrice), side("resource", in.Resources, s.ResourcePrice))
}
