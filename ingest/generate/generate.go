package generate

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Bounds of a generated city.
const (
	LeastParticipants   = 10
	MostParticipants    = 200_000
	DefaultParticipants = 2000
)

// Shares of the generated city. One giver to six receivers keeps the default city below 400 proposals.
const (
	offerShare    = 0.15
	askFirstShare = 0.10 // of offers: things that nobody has confirmed
	secondShare   = 0.12 // of participants that list a second thing
	vagueShare    = 0.01 // of participants whose place is known to the area only: a person looks at them
	agencyShare   = 0.05
	zipf          = 0.9
)

// Options says which city to make.
type Options struct {
	Participants int    // DefaultParticipants when 0
	Seed         uint64 // any number; the same seed gives the same city
}

// Summary counts what was written.
type Summary struct {
	Participants int `json:"participants"`
	Resources    int `json:"resources"`
	Needs        int `json:"needs"`
}

// row is one line of listings.jsonl; cities/generated/profile.yaml reads it.
type row struct {
	ID            string  `json:"id"`
	Side          string  `json:"side"`
	Category      string  `json:"category"`
	Title         string  `json:"title"`
	Quantity      int64   `json:"quantity"`
	Quality       string  `json:"quality"`
	Holder        string  `json:"holder"`
	Name          string  `json:"name"`
	Kind          string  `json:"kind"`
	Lon           float64 `json:"lon"`
	Lat           float64 `json:"lat"`
	Location      string  `json:"location,omitempty"`
	Hours         string  `json:"hours,omitempty"`
	AskFirst      bool    `json:"ask_first,omitempty"`
	RadiusKM      float64 `json:"radius_km,omitempty"`
	PerishHours   float64 `json:"perish_hours,omitempty"`
	Condition     float64 `json:"condition,omitempty"`
	Refrigerated  bool    `json:"refrigerated,omitempty"`
	NeedsCold     bool    `json:"needs_refrigerated,omitempty"`
	MaxDistanceKM float64 `json:"max_distance_km,omitempty"`
	Urgency       int     `json:"urgency,omitempty"`
}

// Write makes a city and writes its files into dir.
func Write(ctx context.Context, dir string, options Options) (Summary, error) {
	if options.Participants == 0 {
		options.Participants = DefaultParticipants
	}
	if options.Participants < LeastParticipants || options.Participants > MostParticipants {
		return Summary{}, fmt.Errorf("participants %d: want %d to %d", options.Participants, LeastParticipants, MostParticipants)
	}
	if err := os.MkdirAll(filepath.Join(dir, "areas"), 0o750); err != nil {
		return Summary{}, fmt.Errorf("making the folder of the generated city: %w", err)
	}
	t := newTown(options)
	if err := writeFile(filepath.Join(dir, "areas", "wards.geojson"), t.writeWards); err != nil {
		return Summary{}, err
	}
	err := writeFile(filepath.Join(dir, "listings.jsonl"), func(out io.Writer) error { return t.writeListings(ctx, out) })
	return t.summary, err
}

// writeFile writes a file whole or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".generating-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	out := bufio.NewWriterSize(file, 1<<16)
	err = write(out)
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// town is a city while it is made.
type town struct {
	options  Options
	random   *rand.Rand
	clusters []cluster
	weights  []float64 // of the catalogue, cumulated
	summary  Summary
}

func newTown(options Options) *town {
	t := &town{options: options, random: rand.New(rand.NewPCG(options.Seed, 0x6372672d63697479))} //nolint:gosec // a seeded city, not a secret
	t.clusters = t.makeClusters()
	var sum float64
	for rank := range catalogue {
		sum += 1 / math.Pow(float64(rank+1), zipf)
		t.weights = append(t.weights, sum)
	}
	return t
}

func (t *town) writeListings(ctx context.Context, out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for n := 1; n <= t.options.Participants; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := t.participant(n)
		t.summary.Participants++
		listings := 1
		if t.random.Float64() < secondShare {
			listings = 2
		}
		for i := 1; i <= listings; i++ {
			if err := encoder.Encode(t.listing(p, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// person who offers or asks.
type participant struct {
	row
	gives bool
	thing kind
}

func (t *town) participant(n int) participant {
	// Givers are spread evenly over the numbers, so that their share does not depend on the seed.
	gives := math.Floor(float64(n)*offerShare) > math.Floor(float64(n-1)*offerShare)
	p := participant{gives: gives, thing: t.pick()}
	p.Holder = fmt.Sprintf("p%06d", n)
	p.Lon, p.Lat = t.place()
	p.Name, p.Kind = t.name(p.gives, p.thing)
	if t.random.Float64() < vagueShare {
		p.Location = "area"
	}
	p.Hours = hours[t.random.IntN(len(hours))]
	return p
}

// pick draws a thing: the second most frequent about half as often as the first, and so on.
func (t *town) pick() kind {
	u := t.random.Float64() * t.weights[len(t.weights)-1]
	for i, sum := range t.weights {
		if u < sum {
			return catalogue[i]
		}
	}
	return catalogue[len(catalogue)-1]
}

// listing fills in one offer or want of a participant; its second is of another thing.
func (t *town) listing(p participant, number int) row {
	thing := p.thing
	for number > 1 && thing.leaf == p.thing.leaf {
		thing = t.pick()
	}
	r := p.row
	r.ID = strings.Replace(p.Holder, "p", "l", 1) + fmt.Sprintf("-%d", number)
	r.Category, r.Quality = string(thing.leaf), "declared"
	quantity := thing.low + int64(float64(thing.high-thing.low)*math.Pow(t.random.Float64(), 2))
	if p.gives {
		t.summary.Resources++
		t.offer(&r, thing, quantity)
		return r
	}
	t.summary.Needs++
	r.Side, r.Title, r.Quantity = "need", thing.want, quantity
	r.MaxDistanceKM = round2(thing.radiusKM * (0.8 + 0.8*t.random.Float64()))
	r.Urgency = 1 + min(2, t.random.IntN(5))
	r.NeedsCold = thing.perish > 0 && thing.perish <= 24 && t.random.Float64() < 0.2
	return r
}

func (t *town) offer(r *row, thing kind, quantity int64) {
	r.Side, r.Title, r.Quantity = "resource", thing.offer, max(1, quantity/2)
	if t.random.Float64() < 0.3 {
		r.Quality = "measured"
	}
	r.RadiusKM = round2(thing.radiusKM * (0.6 + 0.6*t.random.Float64()))
	r.PerishHours = thing.perish
	r.AskFirst = t.random.Float64() < askFirstShare
	r.Refrigerated = thing.perish > 0 && t.random.Float64() < 0.6
	if strings.HasPrefix(string(thing.leaf), "goods.") {
		r.Condition = round2(0.4 + 0.6*t.random.Float64())
	}
}

func (t *town) name(gives bool, thing kind) (name, kind string) {
	place := firsts[t.random.IntN(len(firsts))]
	if t.random.Float64() < 0.5 {
		place += " " + streets[t.random.IntN(len(streets))]
	}
	switch {
	case t.random.Float64() < agencyShare:
		return place + " " + agencies[t.random.IntN(len(agencies))], "agency"
	case gives && thing.givers == "club":
		return place + " " + t.of(trades["club"]), "organisation"
	case gives:
		return place + " " + t.of(trades[thing.givers]), "business"
	}
	return place + " " + t.of(receivers), "organisation"
}

func (t *town) of(words []string) string { return words[t.random.IntN(len(words))] }

func round2(x float64) float64 { return math.Round(x*100) / 100 }
