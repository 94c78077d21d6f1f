package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// point is a measured instance of the growth.
type point struct {
	edges   int
	seconds float64
}

// printGrowth fits time = a * edges^exponent by least squares of the logarithms, and draws it if path is not empty.
func printGrowth(points []point, path string) error {
	if len(points) < 3 {
		return nil
	}
	slices.SortFunc(points, func(a, b point) int { return a.edges - b.edges })
	exponent, factor := fit(points)
	fmt.Fprint(os.Stdout, "\ngrowth of time with edges:")
	for _, p := range points {
		fmt.Fprintf(os.Stdout, " %.3g edges %.3f s;", float64(p.edges), p.seconds)
	}
	// The bar is that the exponent is stated and plotted; at most 1.25 is beyond it.
	fmt.Fprintf(os.Stdout, " exponent %.3f (beyond the bar: 1.25, %s)\n\n", exponent, yesNo(exponent <= 1.25))
	if path == "" {
		return nil
	}
	return os.WriteFile(path, []byte(draw(points, exponent, factor)), 0o644)
}

func fit(points []point) (exponent, factor float64) {
	var x, y, xx, xy float64
	for _, p := range points {
		lx, ly := math.Log(float64(p.edges)), math.Log(p.seconds)
		x, y, xx, xy = x+lx, y+ly, xx+lx*lx, xy+lx*ly
	}
	n := float64(len(points))
	exponent = (n*xy - x*y) / (n*xx - x*x)
	return exponent, math.Exp((y - exponent*x) / n)
}

// The picture: decades of edges from 10^5 to 10^8 across, of seconds from 10^-2 to 10^2 up.
const (
	left, top    = 60.0, 20.0
	decade       = 130.0 // pixels across
	decadeUp     = 70.0
	across, high = 3, 4
)

func draw(points []point, exponent, factor float64) string {
	at := func(edges, seconds float64) (x, y float64) {
		return left + (math.Log10(edges)-5)*decade, top + (2-math.Log10(seconds))*decadeUp
	}
	var b strings.Builder
	width, height := left+across*decade+20, top+high*decadeUp+45
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" fill="white"/>`+"\n", width, height)
	for k := range across + 1 {
		x := left + float64(k)*decade
		fmt.Fprintf(&b, `<path d="M%.0f %.0fv%.0f" stroke="#ddd"/><text x="%.0f" y="%.0f" text-anchor="middle">10^%d</text>`+"\n",
			x, top, high*decadeUp, x, top+high*decadeUp+16, 5+k)
	}
	for k := range high + 1 {
		y := top + float64(k)*decadeUp
		fmt.Fprintf(&b, `<path d="M%.0f %.0fh%.0f" stroke="#ddd"/><text x="%.0f" y="%.0f" text-anchor="end">%g s</text>`+"\n",
			left, y, across*decade, left-6, y+4, math.Pow(10, float64(2-k)))
	}
	fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" text-anchor="middle">edges</text>`+"\n", left+across*decade/2, height-8)
	first, last := float64(points[0].edges), float64(points[len(points)-1].edges)
	x1, y1 := at(first, factor*math.Pow(first, exponent))
	x2, y2 := at(last, factor*math.Pow(last, exponent))
	fmt.Fprintf(&b, `<path d="M%.1f %.1fL%.1f %.1f" stroke="#1565c0"/>`+"\n", x1, y1, x2, y2)
	for _, p := range points {
		x, y := at(float64(p.edges), p.seconds)
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="4" fill="#1565c0"/>`+"\n", x, y)
	}
	fmt.Fprintf(&b, `<text x="%.0f" y="%.0f">seconds = c x edges^%.2f</text>`+"\n</svg>\n", left+12, top+18, exponent)
	return b.String()
}
