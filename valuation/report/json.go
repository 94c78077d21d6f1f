package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"runtime"
	"sync"

	"github.com/city-resource-graph/crg/valuation"
)

// JSON writes a document as it would be encoded whole, without holding it: the rows of 100,000 matches are 340 MB of text.
// inputHash is the valuation.InputHash of the matches.
func JSON(w io.Writer, p *valuation.Parameters, summary *valuation.Summary, inputHash string) error {
	head, err := newHead(p, summary)
	if err != nil {
		return err
	}
	head.InputHash = inputHash
	begin, err := encoded(head)
	if err != nil {
		return err
	}
	if err := writeAll(w, begin[:len(begin)-1], []byte(`,"matches":[`)); err != nil {
		return err
	}
	b := newBuilder(summary)
	if err := b.writeRows(w, p, summary.Results); err != nil {
		return err
	}
	end, err := encoded(b.rest(p, summary))
	if err != nil {
		return err
	}
	return writeAll(w, []byte("],"), end[1:], []byte("\n"))
}

// rowsAtATime is how many rows a core encodes before they are written.
const rowsAtATime = 500

// writeRows encodes rows on all cores and writes them in order.
func (b builder) writeRows(w io.Writer, p *valuation.Parameters, results []valuation.Result) error {
	parts := make([]part, runtime.GOMAXPROCS(0))
	for first := true; len(results) > 0; first = false {
		var working sync.WaitGroup
		for i := range parts {
			n := min(rowsAtATime, len(results))
			mine := results[:n]
			results = results[n:]
			working.Go(func() { parts[i].encode(p, builder{b.currency, map[string]Parameter{}}, mine) })
		}
		working.Wait()
		for i := range parts {
			rows := parts[i].rows.Bytes()
			if first && i == 0 {
				rows = bytes.TrimPrefix(rows, []byte(","))
			}
			if parts[i].err != nil {
				return parts[i].err
			}
			if err := writeAll(w, rows); err != nil {
				return err
			}
			maps.Copy(b.parameters, parts[i].parameters)
		}
	}
	return nil
}

// part is what one core has encoded: rows, each after a comma, and the parameters that they refer to.
type part struct {
	rows       bytes.Buffer
	parameters map[string]Parameter
	err        error
}

func (o *part) encode(p *valuation.Parameters, b builder, results []valuation.Result) {
	o.rows.Reset()
	o.parameters, o.err = b.parameters, nil
	encoder := newEncoder(&o.rows)
	for _, result := range results {
		row, err := b.match(p, result)
		if err == nil {
			o.rows.WriteByte(',')
			err = encoder.Encode(row)
		}
		if err != nil {
			o.err = err
			return
		}
		o.rows.Truncate(o.rows.Len() - 1) // the encoder's line end
	}
}

// encoded is a value's JSON without a line end.
func encoded(value any) ([]byte, error) {
	var out bytes.Buffer
	if err := newEncoder(&out).Encode(value); err != nil {
		return nil, fmt.Errorf("encode the valuation: %w", err)
	}
	return out.Bytes()[:out.Len()-1], nil
}

func newEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

func writeAll(w io.Writer, parts ...[]byte) error {
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write the result: %w", err)
		}
	}
	return nil
}
