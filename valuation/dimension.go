package valuation

// dimension is the exponents of the units that a factor carries. A term whose factors do not reduce to money (or to
// tonnes, for emissions) is a mistake in the formula table and fails the tests.
type dimension struct{ money, kg, shortTon, mile, km, hour, day, tonneCO2, kgCO2, unit int }

func (d dimension) times(e dimension) dimension {
	return dimension{
		d.money + e.money, d.kg + e.kg, d.shortTon + e.shortTon, d.mile + e.mile, d.km + e.km,
		d.hour + e.hour, d.day + e.day, d.tonneCO2 + e.tonneCO2, d.kgCO2 + e.kgCO2, d.unit + e.unit,
	}
}

// conversion is a constant between two units.
type conversion struct {
	value float64
	dim   dimension
	text  string // as formulas are written
}

// Conversions, exact by definition (NIST SP 811: avoirdupois pound, international mile).
var (
	kgToShortTon = conversion{1 / 907.18474, dimension{shortTon: 1, kg: -1}, "/ 907.18474"}
	kmToMile     = conversion{1 / 1.609344, dimension{mile: 1, km: -1}, "/ 1.609344"}
	kgToTonneCO2 = conversion{1.0 / 1000, dimension{tonneCO2: 1, kgCO2: -1}, "/ 1000"}
)
