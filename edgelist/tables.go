package edgelist

import (
	"fmt"
	"strconv"

	"github.com/city-resource-graph/crg/matching"
)

// The tables of an input that is kept beside its result.
const (
	NeedsFile     = "needs.csv"
	ResourcesFile = "resources.csv"
	EdgesFile     = "edges.csv"
)

// Tables writes an instance and a solution of it as the files by which crg verify-run repeats the proof: the three tables
// of the input, the allocation, the prices and the certificate. The instance is in canonical order (see Arranged).
func Tables(in *Instance, s *matching.Solution) (map[string][]byte, error) {
	certificate, err := newCertificate(in, s, Favoured{}, in.Digest(), false).encode()
	if err != nil {
		return nil, fmt.Errorf("encode certificate: %w", err)
	}
	return map[string][]byte{
		NeedsFile:       encodeSide(in.Needs, in.Problem.NeedQuantity),
		ResourcesFile:   encodeSide(in.Resources, in.Problem.ResourceQuantity),
		EdgesFile:       encodeEdges(in),
		AllocationFile:  text(allocationPieces(in, s)),
		PricesFile:      text(pricePieces(in, s)),
		CertificateFile: certificate,
	}, nil
}

func encodeSide(ids []string, quantities []int64) []byte {
	text := append(make([]byte, 0, 32*len(ids)+16), "id,quantity\n"...)
	for k, id := range ids {
		text = append(appendField(text, id), ',')
		text = append(strconv.AppendInt(text, quantities[k], 10), '\n')
	}
	return text
}

func encodeEdges(in *Instance) []byte {
	p := in.Problem
	text := append(make([]byte, 0, 64*len(p.Edges)+32), "need,resource,value"...)
	if p.Charges != nil {
		text = append(text, ",charge"...)
	}
	text = append(text, '\n')
	for i := range in.Needs {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			text = append(appendField(text, in.Needs[i]), ',')
			text = append(appendField(text, in.Resources[p.Edges[k].Resource]), ',')
			text = strconv.AppendInt(text, p.Edges[k].Value, 10)
			if p.Charges != nil {
				text = strconv.AppendInt(append(text, ','), p.Charges[k], 10)
			}
			text = append(text, '\n')
		}
	}
	return text
}
