package city

import (
	"fmt"
	"math"
)

// Evidence says how well a figure is known. It is shown wherever the figure is.
type Evidence string

// Kinds of evidence, best first.
const (
	Verified   Evidence = "verified"   // read in the named source
	Known      Evidence = "known"      // general knowledge; check against the named source before relying on it
	Assumption Evidence = "assumption" // nobody measured it; survey or set it
)

// Validate refuses an unknown kind of evidence.
func (e Evidence) Validate() error { return oneOf("evidence", e, Verified, Known, Assumption) }

// Distribution is how a figure's uncertainty is drawn.
type Distribution string

// Distributions.
const (
	Fixed      Distribution = "fixed"      // low = central = high
	Triangular Distribution = "triangular" // low and high are the ends, central the mode
	Lognormal  Distribution = "lognormal"  // low, central and high are the 5th, 50th and 95th percentile
)

// Validate refuses an unknown distribution.
func (d Distribution) Validate() error {
	return oneOf("distribution", d, Fixed, Triangular, Lognormal)
}

// Figure is a number from outside the program, with what makes it checkable: its range, unit, price year and source.
type Figure struct {
	Low          float64
	Central      float64
	High         float64
	Distribution Distribution
	Unit         string   // such as "t CO2e per short ton"; of money, what it is per: "per hour"
	Currency     Currency // set for money only
	PriceYear    int      // set for money only
	Source       string   // the full citation
	Evidence     Evidence
	Note         string
}

// IsMoney says whether the figure has a currency.
func (f Figure) IsMoney() bool { return f.Currency != "" }

// Validate refuses a figure that could not be checked or drawn from.
func (f Figure) Validate() error {
	for _, number := range [...]float64{f.Low, f.Central, f.High} {
		if math.IsNaN(number) || math.IsInf(number, 0) {
			return fmt.Errorf("low, central, high %v, %v, %v: want finite numbers", f.Low, f.Central, f.High)
		}
	}
	switch {
	case !(f.Low <= f.Central && f.Central <= f.High):
		return fmt.Errorf("low, central, high %v, %v, %v: want low <= central <= high", f.Low, f.Central, f.High)
	case f.Source == "":
		return fmt.Errorf("source missing: want where the figure comes from")
	case f.Unit == "":
		return fmt.Errorf("unit missing: want what the figure counts, such as share or per hour")
	case f.IsMoney() != (f.PriceYear != 0):
		return fmt.Errorf("currency %q with price year %d: want both for money, neither otherwise", f.Currency, f.PriceYear)
	case f.Distribution == Fixed && f.Low != f.High:
		return fmt.Errorf("distribution fixed with range %v to %v: want low = high, or triangular", f.Low, f.High)
	case f.Distribution == Lognormal && f.Low <= 0:
		return fmt.Errorf("distribution lognormal with low %v: want low > 0", f.Low)
	}
	if f.IsMoney() {
		if err := f.Currency.Validate(); err != nil {
			return err
		}
	}
	if err := f.Distribution.Validate(); err != nil {
		return err
	}
	return f.Evidence.Validate()
}

// Quantile is the value that the figure stays below with probability u, 0 < u < 1.
func (f Figure) Quantile(u float64) float64 { return f.Sampler().Quantile(u) }

// Sampler is a figure prepared for many draws.
type Sampler struct {
	distribution       Distribution
	low, central, high float64
	mode               float64 // probability below the mode
	left, right        float64 // of a triangle: sqrt(width x side); of a lognormal: sigma of each side
}

// Sampler prepares the figure for many draws.
func (f Figure) Sampler() Sampler {
	s := Sampler{distribution: f.Distribution, low: f.Low, central: f.Central, high: f.High}
	width := f.High - f.Low
	switch {
	case width == 0:
		s.distribution = Fixed
	case f.Distribution == Lognormal:
		const z95 = 1.6448536269514722 // the standard normal's 95th percentile
		s.mode, s.left, s.right = 0.5, math.Log(f.Central/f.Low)/z95, math.Log(f.High/f.Central)/z95
	default:
		s.mode = (f.Central - f.Low) / width
		s.left, s.right = math.Sqrt(width*(f.Central-f.Low)), math.Sqrt(width*(f.High-f.Central))
	}
	return s
}

// Quantile is Figure.Quantile.
func (s Sampler) Quantile(u float64) float64 {
	switch {
	case s.distribution == Fixed:
		return s.central
	case s.distribution == Lognormal:
		sigma := s.right
		if u < s.mode {
			sigma = s.left
		}
		return s.central * math.Exp(sigma*math.Sqrt2*math.Erfinv(2*u-1))
	case u < s.mode:
		return s.low + float64(s.left*math.Sqrt(u)) // the conversion forbids fusing, which differs between processors
	default:
		return s.high - float64(s.right*math.Sqrt(1-u))
	}
}

// Scale multiplies the three numbers, as when a figure is taken to another price year.
func (f Figure) Scale(factor float64) Figure {
	f.Low, f.Central, f.High = f.Low*factor, f.Central*factor, f.High*factor
	return f
}
