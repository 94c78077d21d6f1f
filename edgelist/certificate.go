package edgelist

import (
	"bytes"
	"encoding/json"

	"github.com/city-resource-graph/crg/matching"
)

// Certificate is the content of certificate.json. It holds nothing that depends on the machine, the time or the number
// of workers.
type Certificate struct {
	Value   int64 `json:"value"`   // what the allocation is worth, net of charges
	Bound   int64 `json:"bound"`   // the sum of quantity x price over both sides: no allocation is worth more
	Gap     int64 `json:"gap"`     // bound less value
	Optimal bool  `json:"optimal"` // gap is 0

	Unweighted *Unweighted `json:"unweighted,omitempty"` // values count by the needs' weights; nil: as they are
	Floors     []Floor     `json:"floors,omitempty"`     // the prices are those with their bonuses, see Floor
	Tiers      []Tier      `json:"tiers,omitempty"`      // needs were served strictly in this order; prices and bound are those without

	InputSHA256   string `json:"input_sha256"` // of the input in canonical order, see Instance.Digest
	EngineVersion string `json:"engine_version"`
	Config        Config `json:"config"`
}

// Config is what besides the input determined the result.
type Config struct {
	Charges bool `json:"charges"` // edges have trip charges
	Warm    bool `json:"warm"`    // the search started from an earlier basis
	Stopped bool `json:"stopped"` // a deadline or cancellation ended it
}

func newCertificate(in *Instance, s *matching.Solution, favoured Favoured, digest string, warm bool) Certificate {
	return Certificate{
		Value: s.Value, Bound: s.Bound, Gap: s.Gap(), Optimal: s.Optimal,
		Unweighted: favoured.Unweighted, Floors: favoured.Floors, Tiers: favoured.Tiers, InputSHA256: digest, EngineVersion: matching.Version,
		Config: Config{Charges: in.Problem.Charges != nil, Warm: warm, Stopped: s.Stopped},
	}
}

func (c Certificate) encode() ([]byte, error) {
	text, err := json.MarshalIndent(c, "", "  ")
	return append(text, '\n'), err
}

// writtenAs compares a certificate with the text that it was read from. What is missing there, null, said twice or spelt in
// capitals would pass for something, and what follows it for nothing. Spaces and line breaks are as anybody likes.
func (c Certificate) writtenAs(text []byte, path string) error {
	var told bytes.Buffer
	if err := json.Indent(&told, bytes.TrimSpace(text), "", "  "); err != nil {
		return violation("file", "%s: %s", path, err)
	}
	want, err := c.encode()
	if err != nil {
		return violation("file", "%s: %s", path, err)
	}
	tells, wants := bytes.Split(told.Bytes(), []byte("\n")), bytes.Split(bytes.TrimSpace(want), []byte("\n"))
	for k := range min(len(tells), len(wants)) {
		if !bytes.Equal(tells[k], wants[k]) {
			return violation("file", "%s: says %q, want %q: is it as crg solve wrote it?", path, bytes.TrimSpace(tells[k]), bytes.TrimSpace(wants[k]))
		}
	}
	return nil
}
